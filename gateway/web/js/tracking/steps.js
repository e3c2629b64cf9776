// The way of an order, step by step: what is done, where it stands, what comes.

import { h } from "../dom.js";
import { clock, t } from "../text.js";

const WAY = ["placed", "reserved", "confirmed", "preparing", "ready", "served"];
const MARKS = { done: "✓", now: "●", next: "", ended: "✕" };

/** The steps, each with the time at which it came. */
export function steps(order, times, zone) {
  const ended = !WAY.includes(order.status);
  const shown = ended ? [...WAY.filter((status) => status === "placed" || times.has(status)), order.status] : WAY;
  const at = shown.indexOf(order.status);
  return h("ol", { class: "steps", "aria-label": t("tracking.steps") }, shown.map((status, i) => {
    const state = ended && i === at ? "ended" : i < at || order.status === "served" ? "done" : i === at ? "now" : "next";
    return step(status, state, state === "next" ? undefined : times.get(status), zone);
  }));
}

function step(status, state, time, zone) {
  return h("li", { class: "step", "data-state": state, "aria-current": state === "now" ? "step" : null },
    h("span", { class: "mark", "aria-hidden": "true" }, MARKS[state]),
    h("span", {}, h("strong", {}, t(`status.${status}`)), h("span", { class: "small step-text" }, t(`step.${status}`)),
      h("span", { class: "unseen" }, ` ${t(`tracking.${state}`)}`)),
    time ? h("time", { class: "number small faint", datetime: time }, clock(time, zone, { timeStyle: "medium" })) : null);
}
