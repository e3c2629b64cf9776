// Head office: the same day at every branch, and what they come to together.

import { h, replace } from "../dom.js";
import { branchOf } from "../branch.js";
import { money, number, t } from "../text.js";
import { ask } from "./notes.js";
import { bars } from "./charts.js";

const COLUMNS = ["takings", "refunds", "baked", "sold", "left", "waste", "missed", "open"];

/** `read(date)` asks, `show` shows the answer. */
export function office() {
  const body = h("tbody", {});
  const foot = h("tfoot", {});
  const heads = [h("th", { scope: "col" }, t("branch.label")), ...COLUMNS.map((name) => h("th", { scope: "col", class: "number" }, t(`day.col_${name}`))), h("th", { scope: "col" }, t("day.books"))];
  const units = bars({
    title: t("day.office_title"), column: t("branch.label"), none: t("day.nothing_baked"),
    kinds: ["sold_full", "sold_discount", "free", "stale", "thrown"].map((kind) => ({ kind, name: t(`day.${kind}`) })),
    describe: (rows) => rows.map(({ name, values }) => `${name} ${number(values[0] + values[1])}`).join(", "),
  });
  const element = h("div", { class: "stack" },
    h("section", { class: "card scroll", tabindex: "0", "aria-label": t("day.all") }, h("table", {}, h("thead", {}, h("tr", {}, heads)), body, foot)), units.element);
  const show = ({ branches, currencies }) => {
    replace(body, branches.map((one) => h("tr", {}, h("th", { scope: "row" }, branchOf(one.branch)?.name ?? one.branch), cells(one, one.open_orders), h("td", {}, verdict(one.adds_up)))));
    replace(foot, currencies.map((one) => h("tr", {}, h("th", { scope: "row" }, t("day.sum", { currency: one.currency })), cells(one, null), h("td", {}))));
    units.show(branches.map(({ branch, totals }) => ({ name: branchOf(branch)?.name ?? branch, values: [totals.sold_full, totals.sold_discount, totals.free, totals.stale, totals.thrown] })));
  };
  return { element, show, read: (date) => ask("GET", `/admin/reports?date=${date}`) };
}

function cells({ totals, currency, paid_back: back }, open) {
  const values = [
    money(totals.takings, currency), money(totals.refunds + (back ?? 0), currency), number(totals.baked), number(totals.sold_full + totals.sold_discount),
    number(totals.free), number(totals.stale + totals.thrown), number(totals.missed), open === null ? "" : number(open)];
  return values.map((value) => h("td", { class: "number" }, value));
}

const verdict = (agrees) => h("span", { class: `pill ${agrees ? "good" : "bad"}` }, h("span", { "aria-hidden": "true" }, agrees ? "✓" : "✕"), t(agrees ? "day.check_is_good" : "day.check_is_bad"));
