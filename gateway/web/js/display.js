// The board at the counter: which numbers are being prepared, and which can be picked up. It hangs on a
// wall for weeks, so it never gives up and never goes blank.

import { announce, byId, h, replace, say } from "./dom.js";
import { branch, branchId, watchBranch } from "./branch.js";
import { follow } from "./live.js";
import { fullscreenButton } from "./fullscreen.js";
import { language, clock, t } from "./text.js";
import { openPage } from "./page.js";
import { shopNow } from "./shopclock.js";
import { stayAwake } from "./awake.js";
import { area } from "./display/area.js";
import { clear, stand, sync, take } from "./display/numbers.js";
import { isKiosk, watchIdle } from "./display/idle.js";

const TICK_MS = 1000;
/** A connection that is back so soon is not worth a word. */
const GRACE_MS = 1500;
/** All of it is read anew so often: what nobody fetched leaves the board with its day. */
const ANEW_EVERY_MS = 10 * 60_000;
/** After a refusal it is tried again. */
const AGAIN_MS = 15_000;
/** Numbers that become ready within so long are told in one sentence. */
const TOLD_MS = 600;

const [place, time] = [h("h1", {}), h("p", { class: "clock number" })];
const sign = h("p", { class: "pill sign", hidden: true }, h("span", { class: "dot", "aria-hidden": "true" }), h("span", {}));
const here = { feed: null, again: null, lost: null, heardAt: null, told: [] };
let areas = null;

function draw() {
  const { preparing, ready } = stand();
  areas.preparing.show(preparing);
  areas.ready.show(ready);
}

/** Tells screen readers what became ready. */
function tell(numbers) {
  if (numbers.length === 0) return;
  if (here.told.length === 0) {
    setTimeout(() => {
      const count = here.told.length;
      const all = new Intl.ListFormat(language()).format(here.told);
      here.told = [];
      if (count > 0) announce(t("display.said", { count, numbers: all }));
    }, TOLD_MS);
  }
  here.told.push(...numbers);
}

function look() {
  here.feed?.close();
  clearTimeout(here.again);
  const wanted = branchId();
  const onEvent = (name, data) => {
    if (wanted !== branchId()) return;
    if (name === "snapshot" || name === "reset") tell(sync(data.orders));
    else if (name === "order") tell([take(data)].filter(Boolean));
    draw();
  };
  const onState = (state) => {
    if (state === "live") here.lost = null;
    else if (state !== "connecting") here.lost ??= { since: performance.now(), time: shopNow() };
    if (state === "over") here.again = setTimeout(look, AGAIN_MS);
    tick();
  };
  here.feed = follow(`/display/live?branch=${encodeURIComponent(wanted)}`, { onEvent, onState, stays: true });
}

function tick() {
  const zone = branch()?.time_zone;
  say(time, clock(shopNow(), zone));
  const isLost = here.lost !== null && performance.now() - here.lost.since > GRACE_MS;
  if (isLost) say(sign.lastElementChild, t("display.lost", { time: clock(here.lost.time, zone) }));
  sign.hidden = !isLost;
}

function show() {
  say(place, branch()?.name ?? branchId());
  draw();
  look();
  tick();
}

await openPage({ page: "display", staff: true, tools: [fullscreenButton], onBranch: () => {
  clear();
  show();
} });
areas = { preparing: area("preparing"), ready: area("ready") };
replace(byId("main"), h("div", { class: "top" }, place, sign, time), areas.preparing.element, areas.ready.element);
if (isKiosk()) watchIdle();
stayAwake();
show();
setInterval(() => {
  tick();
  draw();
}, TICK_MS);
watchBranch();
setInterval(look, ANEW_EVERY_MS);
