// Two soft notes when an order comes in. Off until somebody wants it.

import { h, set } from "../dom.js";
import { keep, recall } from "../keep.js";
import { t } from "../text.js";

const STORED = "sound";
const NOTES_HZ = [659.25, 880];
const NOTE_S = 0.45;
const BETWEEN_S = 0.16;
const LOUD = 0.22;
/** Many orders at once are one sound. */
const PAUSE_MS = 900;

let context = null;
let last = -PAUSE_MS;
let show = () => {};

const isOn = () => recall(STORED) === true;

/** Browsers let a page sound only after it was touched once. */
function wake() {
  if (!isOn()) return;
  context ??= new AudioContext();
  context.onstatechange = () => show();
  if (context.state === "suspended") context.resume().catch(() => null);
}
for (const touched of ["pointerdown", "keydown"]) addEventListener(touched, wake);

/** Sounds, if it is on. */
export function chime() {
  if (!isOn() || context?.state !== "running" || performance.now() - last < PAUSE_MS) return;
  last = performance.now();
  NOTES_HZ.forEach((hz, index) => note(hz, context.currentTime + index * BETWEEN_S));
}

function note(hz, at) {
  const [tone, level] = [context.createOscillator(), context.createGain()];
  tone.type = "triangle";
  tone.frequency.value = hz;
  level.gain.setValueAtTime(0.0001, at);
  level.gain.exponentialRampToValueAtTime(LOUD, at + 0.02);
  level.gain.exponentialRampToValueAtTime(0.0001, at + NOTE_S);
  tone.connect(level).connect(context.destination);
  tone.start(at);
  tone.stop(at + NOTE_S);
}

/** The switch. */
export function soundButton() {
  const words = h("span", {});
  const onclick = () => {
    keep(STORED, !isOn());
    wake();
    // What it will be like.
    if (isOn()) context.resume().then(chime, () => null);
    show();
  };
  const button = h("button", { type: "button", class: "toggle", onclick }, words);
  show = () => {
    const asleep = isOn() && context?.state !== "running";
    set(button, "aria-pressed", isOn() ? "true" : "false");
    words.textContent = t(!isOn() ? "kitchen.sound_off" : asleep ? "kitchen.sound_asleep" : "kitchen.sound_on");
  };
  show();
  return button;
}
