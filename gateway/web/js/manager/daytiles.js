// The figures of a day, and whether the books of shelf, orders and till agree.

import { h, list, replace, say, set } from "../dom.js";
import { has, money, number, t } from "../text.js";

/** In which checks sums are money. */
const OF_MONEY = ["takings", "refunds", "money"];

/** Tiles of the main figures. */
export function tiles() {
  const element = h("dl", { class: "tiles" });
  const show = ({ totals, currency, orders }) => {
    const sum = (amount) => money(amount, currency);
    const sold = totals.sold_full + totals.sold_discount;
    const count = Object.values(orders.by_status).reduce((all, one) => all + one, 0);
    const rows = [
      ["takings", sum(totals.takings), t("day.of_units", { count: sold })],
      ["refunds", sum(totals.refunds + (orders.paid_back ?? 0)), t("day.back_how", { cancelled: sum(totals.refunds), refunded: sum(orders.paid_back ?? 0) })],
      ["orders", number(count), orders.open > 0 ? t("day.open_orders", { count: orders.open }) : t("day.no_open")],
      ["baked", number(totals.baked), t("day.left", { count: totals.free })],
      ["waste", number(totals.stale + totals.thrown), t("day.waste_how", { stale: number(totals.stale), thrown: number(totals.thrown) })],
      ["missed", number(totals.missed), t("day.missed_how")],
    ];
    list(element, rows, ([name]) => name, ([name]) => h("div", { class: "card tile" }, h("dt", {}, t(`day.${name}`)), h("dd", { class: "figure number" }), h("dd", { class: "small faint" })),
      (tile, [, value, more]) => {
        say(tile.children[1], value);
        say(tile.children[2], more);
      });
  };
  return { element, show };
}

/** The checks of a report, in words. */
export function books() {
  const verdict = h("p", {});
  const rows = h("tbody", {});
  const heads = ["check", "expected", "found", "verdict"].map((name, i) => h("th", { scope: "col", class: i === 1 || i === 2 ? "number" : null }, t(`day.${name}`)));
  const table = h("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": t("day.books") }, h("table", {}, h("thead", {}, h("tr", {}, heads)), rows));
  const element = h("section", { class: "card stack", "aria-labelledby": "books-title" }, h("h2", { id: "books-title" }, t("day.books")), verdict, table);
  const show = ({ checks, adds_up: agrees, currency }) => {
    const pending = checks.some(({ ok }) => ok === null || ok === undefined);
    const kind = !agrees ? "bad" : pending ? "warn" : "good";
    set(verdict, "class", `note ${kind}`);
    say(verdict, t(!agrees ? "day.books_wrong" : pending ? "day.books_pending" : "day.books_agree"));
    replace(rows, checks.map((check) => row(check, currency)));
  };
  return { element, show };
}

function row({ name, expected, found, ok, detail }, currency) {
  const [kind, product] = name.split(".");
  const value = (amount) => (amount === null || amount === undefined ? "–" : OF_MONEY.includes(kind) ? money(amount, currency) : number(amount));
  const label = has(`day.check_${kind}`) ? t(`day.check_${kind}`) : name;
  const [sign, state] = ok ? ["✓", "good"] : ok === false ? ["✕", "bad"] : ["…", "warn"];
  return h("tr", {}, h("th", { scope: "row" }, product ? `${label}: ${product}` : label),
    h("td", { class: "number" }, value(expected)), h("td", { class: "number" }, value(found)),
    h("td", {}, h("span", { class: `pill ${state}` }, h("span", { "aria-hidden": "true" }, sign), t(`day.check_is_${state}`)), detail ? h("p", { class: "small faint" }, detail) : null));
}
