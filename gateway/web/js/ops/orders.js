// Orders that wait for an answer: how many in which state, how often they were asked again, and when
// the next one is.

import { h, list, replace, say, set } from "../dom.js";
import { has, number, span, t } from "../text.js";

const COLUMNS = ["branch", "state", "open", "again", "attempts", "due"];
const NUMBERS = ["open", "again", "attempts"];

/** `show(pipeline)`. */
export function inFlight() {
  const rows = h("tbody", {});
  const sum = h("p", {});
  const none = h("p", { class: "faint", hidden: true });
  const heads = COLUMNS.map((name) => h("th", { scope: "col", class: NUMBERS.includes(name) ? "number" : null }, t(`ops.col_${name}`)));
  const states = h("ul", { class: "states" });
  const table = h("div", { class: "scroll", tabindex: "0", role: "group", "aria-labelledby": "flight-title" }, h("table", {}, h("thead", {}, h("tr", {}, heads)), rows));
  const element = h("section", { class: "card stack", "aria-labelledby": "flight-title" }, h("h2", { id: "flight-title" }, t("ops.flight")), sum, states, none, table);
  const show = ({ orders }) => {
    const lines = orders === null ? [] : [...orders.orders.map((line) => ({ ...line, kind: "order" })), ...orders.refunds.map((line) => ({ ...line, kind: "refund" }))];
    none.hidden = lines.length > 0;
    table.hidden = lines.length === 0;
    states.hidden = lines.length === 0;
    say(none, t(orders === null ? "ops.part_unknown" : "ops.flight_none"));
    const all = (of) => lines.reduce((total, line) => total + line[of], 0);
    say(sum, orders === null ? "" : t("ops.flight_sum", { count: all("open"), again: number(all("asked_again")) }));
    const byState = new Map();
    for (const line of lines) byState.set(name(line), (byState.get(name(line)) ?? 0) + line.open);
    const most = Math.max(1, ...byState.values());
    list(states, [...byState], ([state]) => state, ([state]) => h("li", {}, h("span", {}, state), h("span", { class: "bar", "aria-hidden": "true" }, h("span", {})), h("strong", { class: "number" })), (row, [, count]) => {
      set(row.children[1].firstElementChild, "style", { width: `${((count / most) * 100).toFixed(1)}%` });
      say(row.children[2], number(count));
    });
    list(rows, lines, (line) => `${line.kind} ${line.branch} ${line.state}`, () => h("tr", {}, h("th", { scope: "row" }), COLUMNS.slice(1).map((one) => h("td", { class: NUMBERS.includes(one) ? "number" : null }))),
      (row, line) => fill(row, line, orders.measured_at));
  };
  return { element, show };
}

/** Orders that undo are named after what is still waited for. */
function name({ kind, state }) {
  const key = `ops.${kind}_${state}`;
  return has(key) ? t(key) : state;
}

function fill(row, line, now) {
  const [branch, state, open, again, attempts, due] = row.children;
  const s = (Date.parse(line.due_at) - Date.parse(now)) / 1000;
  say(branch, line.branch);
  say(state, name(line));
  say(open, number(line.open));
  replace(again, line.asked_again > 0 ? h("span", { class: "pill warn" }, number(line.asked_again)) : "0");
  say(attempts, number(line.attempt_max));
  say(due, Number.isNaN(s) ? "–" : s < 0 ? t("ops.overdue", { span: span(-s) }) : t("ops.due_in", { span: span(s) }));
}
