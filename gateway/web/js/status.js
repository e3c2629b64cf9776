// How it stands with the connection: a pill that says whether the page is live, and a banner while
// the bakery cannot be reached.

import { announce, byId, h, replace, say } from "./dom.js";
import { onReached } from "./api.js";
import { has, t } from "./text.js";

const HEALTH = "/healthz";
const TRY_MIN_MS = 1000;
const TRY_MAX_MS = 8000;
/** The gateway may be busy; one answer that did not come within this is none. */
const ANSWER_MAX_MS = 5000;
/** A connection that is back at once is not worth a word. */
const GRACE_MS = 400;

const STATES = ["connecting", "live", "lost", "over"];
const backListeners = [];
let away = false;

/** Calls `done` whenever the bakery can be reached again. */
export const onBack = (done) => { backListeners.push(done); };

/** A pill; `show(state)` takes the states of `follow`. With several feeds the worst counts. */
export function livePill() {
  const words = h("span", {});
  const element = h("span", { class: "pill live-pill", role: "status" }, h("span", { class: "dot", "aria-hidden": "true" }), words);
  const feeds = new Map();
  const show = (state, feed = "") => {
    feeds.set(feed, state);
    const worst = [...feeds.values()].sort((a, b) => STATES.indexOf(b) - STATES.indexOf(a))[0];
    element.dataset.state = worst;
    say(words, t(`live.${worst}`));
  };
  const drop = (feed) => feeds.delete(feed);
  // It may be made before the words are there.
  if (has("live.connecting")) show("connecting");
  feeds.clear();
  return { element, show, drop };
}

/** Shows the banner while the gateway is away, in the element with the id `banner`. */
export function watchReach() {
  onReached((reached) => {
    if (!reached && !away) setTimeout(check, GRACE_MS);
  });
}

async function alive() {
  try {
    const response = await fetch(HEALTH, { cache: "no-store", signal: AbortSignal.timeout(ANSWER_MAX_MS) });
    return response.ok;
  } catch {
    return false;
  }
}

async function check() {
  if (away || (await alive()) || away) return;
  away = true;
  const banner = byId("banner");
  replace(banner, h("strong", {}, t("away.title")), " ", t("away.text"));
  banner.hidden = false;
  for (let pause = TRY_MIN_MS; ; pause = Math.min(pause * 1.5, TRY_MAX_MS)) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    if (await alive()) break;
  }
  away = false;
  banner.hidden = true;
  announce(t("away.back"));
  for (const done of backListeners) done();
}
