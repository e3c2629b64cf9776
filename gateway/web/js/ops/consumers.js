// The consumers of the log: how far behind each is, and how it went in the last minutes.

import { h, list, say, set } from "../dom.js";
import { ago, number, t } from "../text.js";
import { perSecond } from "./picture.js";
import { spark } from "./spark.js";

const COLUMNS = ["consumer", "lag", "minutes", "delivered", "in_work", "redelivered", "last"];
const NUMBERS = ["delivered", "in_work", "redelivered"];

/** `show(pipeline, meter)`. */
export function consumers() {
  const rows = h("tbody", {});
  const lines = new Map();
  const heads = COLUMNS.map((name) => h("th", { scope: "col", class: NUMBERS.includes(name) ? "number" : null }, t(`ops.col_${name}`)));
  const none = h("p", { class: "faint", hidden: true }, t("ops.part_unknown"));
  const element = h("section", { class: "card stack", "aria-labelledby": "consumers-title" }, h("h2", { id: "consumers-title" }, t("ops.consumers")),
    h("div", { class: "scroll", tabindex: "0", role: "group", "aria-labelledby": "consumers-title" }, h("table", {}, h("thead", {}, h("tr", {}, heads)), rows)), none);
  const make = ({ name, service }) => {
    const line = spark();
    lines.set(name, line);
    const bar = h("span", { class: "bar", "aria-hidden": "true" }, h("span", {}));
    return h("tr", {}, h("th", { scope: "row" }, name, name === service ? null : h("span", { class: "small faint block" }, t("ops.of", { service }))),
      h("td", {}, h("span", { class: "number" }), bar), h("td", {}, line.element), COLUMNS.slice(3).map((one) => h("td", { class: NUMBERS.includes(one) ? "number" : "small" })));
  };
  const show = ({ consumers: all, measured_at: now }, meter) => {
    none.hidden = all !== null;
    if (all === null) return;
    const most = Math.max(10, ...all.map(({ pending }) => pending));
    list(rows, all, ({ name }) => name, make, (row, one) => {
      const [, lag, , delivered, work, again, last] = row.children;
      say(lag.firstElementChild, number(one.pending));
      set(lag.lastElementChild.firstElementChild, "style", { width: `${((one.pending / most) * 100).toFixed(1)}%` });
      lines.get(one.name).update(meter.history(`${one.name} pending`), t("ops.lag_line", { name: one.name, count: one.pending }));
      say(delivered, perSecond(meter.rate(`${one.name} delivered`)));
      say(work, number(one.ack_pending));
      say(again, number(one.redelivered));
      say(last, one.last_delivered_at ? ago(one.last_delivered_at, now) : "–");
    });
  };
  return { element, show };
}
