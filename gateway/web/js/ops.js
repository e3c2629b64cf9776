// Operations: the pipeline as it lives. What is asked every two seconds is drawn at the top; dead
// letters and the messages of an order are modules that come after it.

import { announce, byId, h, isNew, replace, say } from "./dom.js";
import { request } from "./api.js";
import { openPage } from "./page.js";
import { poll } from "./poll.js";
import { staffOnly } from "./staff.js";
import { livePill } from "./status.js";
import { clock, explain, load, span, t } from "./text.js";
import { consumers } from "./ops/consumers.js";
import { meter } from "./ops/meter.js";
import { inFlight } from "./ops/orders.js";
import { picture } from "./ops/picture.js";

const AREA = "staff";
const EVERY_MS = 2000;
/** Figures that are older are said to be old. */
const OLD_MS = 7000;
const TICK_MS = 1000;

/** The page, once an operator is there. Gives what closes it. */
function open(main) {
  const pill = livePill();
  const measured = h("p", { class: "faint small number" });
  const old = h("p", { class: "note warn", hidden: true });
  const unknown = h("div", { class: "stack" });
  const parts = [picture(), consumers(), inFlight()];
  const gauge = meter();
  const below = h("div", { class: "stack" });
  replace(main, h("div", { class: "row spread" }, h("h1", {}, t("ops.title")), h("div", { class: "row" }, measured, pill.element)), old, unknown,
    parts[0].element, h("div", { class: "ops-halves" }, parts[1].element, parts[2].element), below);
  let seen = null;
  let failure = null;
  let letters = null;
  const age = () => {
    const ms = seen === null ? 0 : performance.now() - seen;
    const isOld = failure !== null || ms > OLD_MS;
    pill.show(seen === null && !failure ? "connecting" : isOld ? "lost" : "live");
    if (isOld) say(old, [seen === null ? "" : t("ops.old", { span: span(ms / 1000) }), failure === null ? "" : explain(failure)].join(" ").trim());
    // It is said once; what changes each second is for the eye.
    if (isOld && old.hidden) announce(old.textContent);
    old.hidden = !isOld;
  };
  const once = async () => {
    try {
      const pipeline = await request("GET", "/ops/pipeline", { area: AREA });
      seen = performance.now();
      failure = null;
      gauge.take(pipeline);
      for (const part of parts) part.show(pipeline, gauge);
      say(measured, t("ops.measured", { time: clock(pipeline.measured_at, undefined, { timeStyle: "medium" }) }));
      showUnknown(unknown, pipeline.unknown);
      letters?.count(pipeline.dead_letters);
    } catch (error) {
      if (error.status === undefined) throw error;
      failure = error;
    }
    age();
  };
  const polling = poll(EVERY_MS, once);
  const ticking = setInterval(age, TICK_MS);
  let closed = false;
  const more = async () => {
    await load("timeline");
    const [{ deadLetters }, { orderSearch }] = await Promise.all([import("./ops/letters.js"), import("./ops/search.js")]);
    if (closed) return;
    const search = orderSearch();
    letters = deadLetters({ showOrder: search.find });
    replace(below, search.element, letters.element);
  };
  more().catch(() => {
    // Browsers keep that a module failed, so only a new page tries again.
    const again = h("button", { type: "button", onclick: () => location.reload() }, t("ops.retry"));
    replace(below, h("p", { class: "note bad", role: "alert" }, t("ops.not_loaded")), h("div", {}, again));
  });
  return () => {
    closed = true;
    clearInterval(ticking);
    polling.close();
  };
}

/** What nobody could tell in time, and why. */
function showUnknown(element, unknown) {
  const text = unknown.map(({ part, reason }) => `${part}: ${reason}`);
  if (!isNew(element, text)) return;
  replace(element, text.map((one) => h("p", { class: "note warn" }, t("ops.unknown", { what: one }))));
}

const tools = h("span", { class: "who" });
await openPage({ page: "ops", staff: true, tools: [tools] });
staffOnly({ main: byId("main"), tools, least: "operator", open });
