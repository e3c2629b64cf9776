// Beside the columns: what paid orders wait for and what is free, and how the day goes. Asked for
// while it is open, a moment after something changed and now and then.

import { h, replace } from "../dom.js";
import { request } from "../api.js";
import { explain, number, span, t } from "../text.js";
import { learnName } from "./orders.js";

const AREA = "staff";
const EVERY_MS = 15_000;
const SOON_MS = 1500;
const STATES = ["placed", "reserved", "confirmed", "preparing", "ready", "served", "cancelled", "declined", "rejected"];

/** Fills the panel of a branch: `{ read, soon, close }`; `soon()` after something changed. */
export function panel(element, branch, isOpen) {
  const parts = [
    part("bake", `/kitchen/bake-list?branch=${encodeURIComponent(branch)}`, bakeList),
    part("figures", `/kitchen/stats?branch=${encodeURIComponent(branch)}`, figures),
  ];
  replace(element, parts.map((one) => one.element));
  let timer = null;
  const read = () => {
    clearTimeout(timer);
    timer = setTimeout(read, EVERY_MS);
    if (isOpen() && document.visibilityState === "visible") for (const one of parts) one.read();
  };
  let due = null;
  const soon = () => {
    due ??= setTimeout(() => {
      due = null;
      read();
    }, SOON_MS);
  };
  read();
  const close = () => {
    clearTimeout(timer);
    clearTimeout(due);
    for (const one of parts) one.close();
  };
  return { read, soon, close };
}

/** One part: what it shows stays until there is something newer. */
function part(name, path, show) {
  const body = h("div", {}, h("p", { class: "faint" }, t("loading")));
  const title = `panel-${name}`;
  const element = h("section", { class: "card stack", "aria-labelledby": title }, h("h2", { id: title }, t(`kitchen.${name}`)), body);
  const here = { reading: false, wanted: false, open: true, shown: false };
  const read = async () => {
    // What is asked for meanwhile is newer than the answer to come: it is asked once more after it.
    here.wanted = here.reading;
    if (here.reading) return;
    here.reading = true;
    try {
      const found = await request("GET", path, { area: AREA });
      if (here.open) replace(body, show(found));
      here.shown = true;
    } catch (error) {
      if (here.open && !here.shown) replace(body, h("p", { class: "faint" }, explain(error)));
    } finally {
      here.reading = false;
      if (here.wanted && here.open) read();
    }
  };
  return { element, read, close: () => { here.open = false; } };
}

function bakeList({ products }) {
  const row = ({ product_id: id, name, state, wanted, free }) => {
    if (name !== null) learnName(id, name);
    const none = state === "on_sale" && free === 0 ? h("span", { class: "pill bad" }, t("kitchen.none_left")) : null;
    const off = state === "on_sale" ? null : h("span", { class: "pill" }, t(state === null ? "kitchen.not_on_menu" : "kitchen.off_sale"));
    return h("tr", { class: wanted > 0 ? "wanted" : null }, h("th", { scope: "row" }, name ?? id, " ", none, off),
      h("td", { class: "number" }, number(wanted)), h("td", { class: "number" }, number(free)));
  };
  const head = ["kitchen.product", "kitchen.wanted", "kitchen.free"];
  return h("table", {}, h("thead", {}, h("tr", {}, head.map((key, index) => h("th", { scope: "col", class: index ? "number" : null }, t(key))))),
    h("tbody", {}, products.map(row)));
}

function figures({ by_status: counts, stages }) {
  const count = (status) => h("div", {}, h("dt", {}, t(`status.${status}`)), h("dd", { class: "number" }, number(counts[status])));
  const row = ({ from, to, orders, mean_s, p95_s }) => h("tr", {},
    h("th", { scope: "row" }, t("kitchen.stage", { from: t(`status.${from}`), to: t(`status.${to}`) }), h("span", { class: "faint small" }, t("kitchen.of", { count: orders }))),
    h("td", { class: "number" }, span(mean_s)), h("td", { class: "number" }, span(p95_s)));
  const head = ["kitchen.stage_title", "kitchen.mean", "kitchen.p95"];
  const there = STATES.filter((status) => counts[status] > 0);
  if (there.length === 0) return h("p", { class: "faint" }, t("kitchen.no_orders"));
  return [h("dl", { class: "counts" }, there.map(count)),
    h("table", {}, h("thead", {}, h("tr", {}, head.map((key, index) => h("th", { scope: "col", class: index ? "number" : null }, t(key))))),
      h("tbody", {}, stages.map(row)))];
}
