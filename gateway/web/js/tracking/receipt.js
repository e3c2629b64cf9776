// The receipt, for the screen and for paper.

import { h } from "../dom.js";
import { clock, moment, money, t } from "../text.js";

/** The receipt of an order as a section. */
export function receipt({ order_id: id, number, date, time, shop, lines, total, discount, currency, refunds, refunded, remains }, zone = shop.time_zone) {
  const sum = (minor) => money(minor, currency);
  const row = (name, value, kind = "") => h("div", { class: `row spread ${kind}` }, h("dt", {}, name), h("dd", { class: "number" }, value));
  const line = ({ name, quantity, prices, line_total: all }) => h("li", {},
    h("div", { class: "row spread" }, h("strong", {}, `${quantity} × ${name}`), h("span", { class: "number" }, sum(all))),
    quantity === 1 && discount === 0 ? null : h("div", { class: "small faint" }, prices.map(({ quantity: count, unit_price: price, full_price: full }) =>
      h("div", {}, t("tracking.each", { count, price: sum(price) }), full ? ` (${t("tracking.instead_of")} ${sum(full)})` : ""))));
  const back = ({ made_at: at, amount, reason }) => [row(t("receipt.refund", { time: clock(at, zone, { dateStyle: "short", timeStyle: "short" }) }), sum(-amount)),
    h("div", { class: "small faint" }, h("dt", { class: "unseen" }, t("receipt.reason")), h("dd", {}, reason))];
  return h("section", { class: "card stack receipt", id: "receipt", tabindex: "-1", "aria-labelledby": "receipt-title" },
    h("header", {}, h("h2", { id: "receipt-title" }, t("receipt.title")), h("p", {}, shop.name), h("p", { class: "faint" }, shop.address),
      h("p", { class: "faint" }, `${t("receipt.number", { number, date })} · ${moment(time, zone)}`)),
    h("ul", { class: "stack" }, lines.map(line)),
    h("dl", { class: "stack" },
      discount > 0 ? row(t("receipt.discount"), sum(-discount), "faint") : null,
      row(t("tracking.total"), sum(total), "sum"), refunds.map(back),
      refunded > 0 ? row(t("receipt.remains"), sum(remains), "sum") : null),
    h("p", { class: "small faint" }, h("code", {}, id)),
    h("div", { class: "row no-print" }, h("button", { type: "button", onclick: () => print() }, t("receipt.print"))));
}
