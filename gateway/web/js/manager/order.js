// One order in full: lines, what was given back, its messages, its receipt, and what can be done.

import { h, isNew, redraw, replace } from "../dom.js";
import { branchOf } from "../branch.js";
import { follow } from "../live.js";
import { untilDone } from "../page.js";
import { inTurn } from "../poll.js";
import { livePill } from "../status.js";
import { moment, money, t } from "../text.js";
import { isOver } from "../tracking/outcome.js";
import { receipt } from "../tracking/receipt.js";
import { timeline } from "../timeline.js";
import { AREA, ask, doing, inWords, notes, pathOf } from "./notes.js";
import { confirm } from "./asking.js";
import { refund } from "./refund.js";

const MAY_CANCEL = ["placed", "reserved", "confirmed"];
const MAY_REFUND = ["preparing", "ready", "served"];
const MAY_BE_PAID = ["confirmed", "preparing", "ready", "served", "cancelled"];

/** How an order stands, as a pill. */
export const statusPill = (status) => {
  const kind = { served: "good", ready: "good", rejected: "bad", declined: "bad", cancelled: "cool" }[status] ?? "warn";
  return h("span", { class: `pill ${kind}` }, t(`status.${status}`));
};

/** Shows the order with this id; gives what closes it. */
export function oneOrder(panel, id) {
  const path = `/orders${pathOf(id)}`;
  const said = notes();
  const pill = livePill();
  const main = h("div", { class: "stack" }, h("p", { class: "wait" }, t("loading")));
  const events = h("div", {});
  const paper = h("div", {});
  let feed = null;
  let closed = false;
  let updated = 0;
  let isFailing = false;
  const failing = (error) => {
    if (!isFailing) said.bad(error);
    isFailing = true;
  };
  const read = inTurn(async () => {
    const order = await untilDone(() => (closed ? null : ask("GET", path)), failing);
    if (isFailing) said.clear();
    isFailing = false;
    if (closed || Date.parse(order.updated_at) < updated) return;
    updated = Date.parse(order.updated_at);
    if (isNew(main, order)) redraw(main, about(order, { again, said, paper }));
    look(isOver(order));
    const told = await ask("GET", `${path}/events`).catch((error) => error);
    if (closed || !isNew(events, told.events ?? told.message)) return;
    redraw(events, told.events ? timeline(told.events) : h("p", { class: "note warn" }, inWords(told)));
  });
  const again = () => read().catch((error) => said.bad(error));
  // A feed that was refused is begun again once the order could be read.
  const onState = (now) => {
    pill.show(now);
    if (now === "over") feed = null;
  };
  /** Follows the order until it is over. */
  const look = (over) => {
    pill.element.hidden = over;
    if (over) feed?.close();
    if (over) feed = null;
    else feed ??= follow(`${path}/live`, { area: AREA, onEvent: again, onState });
  };
  const first = async () => {
    try {
      await read();
    } catch (error) {
      replace(main, h("p", { class: "note bad", role: "alert" }, error.status === 404 || error.status === 422 ? t("order.unknown") : inWords(error)));
    }
  };
  panel.append(h("div", { class: "row spread" }, h("a", { href: "#orders", class: "button" }, t("order.back")), pill.element), said.element,
    h("div", { class: "halves" }, main, h("div", { class: "stack" }, h("section", { class: "card stack", "aria-labelledby": "events-title" },
      h("h2", { id: "events-title" }, t("order.events")), events), paper)));
  first();
  return () => {
    closed = true;
    feed?.close();
  };
}

function about(order, around) {
  const place = branchOf(order.branch);
  const { number, status, customer, reason, created_at: created, updated_at: updated, id } = order;
  const rows = [
    ["customer", [customer.name, customer.email ? h("div", { class: "small faint" }, customer.email) : null]],
    ["branch", place?.name ?? order.branch],
    ["placed", moment(created, place?.time_zone)],
    ["changed", moment(updated, place?.time_zone)],
    ["id", h("code", {}, id)],
  ];
  return [
    h("section", { class: "card stack", "aria-labelledby": "order-title" },
      h("div", { class: "row spread" }, h("h2", { id: "order-title" }, t("order.title", { number })), statusPill(status)),
      reason ? h("p", { class: "note warn" }, reason.detail) : null,
      h("dl", { class: "facts" }, rows.map(([name, value]) => h("div", {}, h("dt", {}, t(`order.${name}`)), h("dd", {}, value)))),
      buttons(order, around)),
    lines(order),
    (order.refunds ?? []).length > 0 ? refunds(order, place?.time_zone) : null];
}

function lines({ items, total, currency }) {
  const row = ({ quantity, name, product_id: product, line_total: sum, prices }) => h("tr", {},
    h("th", { scope: "row" }, name ?? product, (prices ?? []).map(({ quantity: count, unit_price: price, full_price: full }) =>
      h("div", { class: "small faint" }, t("order.each", { count, price: money(price, currency) }), full ? [" ", h("s", {}, money(full, currency))] : null))),
    h("td", { class: "number" }, quantity), h("td", { class: "number" }, sum === null || sum === undefined ? "–" : money(sum, currency)));
  const foot = total === null || total === undefined ? null : h("tfoot", {}, h("tr", {}, h("th", { scope: "row" }, t("order.total")), h("td", {}), h("td", { class: "number" }, h("strong", {}, money(total, currency)))));
  return h("section", { class: "card stack", "aria-labelledby": "order-lines" }, h("h2", { id: "order-lines" }, t("order.items")),
    h("table", {}, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("day.product")), h("th", { scope: "col", class: "number" }, t("order.quantity")), h("th", { scope: "col", class: "number" }, t("order.total")))),
      h("tbody", {}, items.map(row)), foot));
}

function refunds({ refunds: all, currency, items }, zone) {
  const nameOf = (product) => items.find((item) => item.product_id === product)?.name ?? product;
  const one = ({ amount, reason, state, made_at: made, lines: of }) => h("li", { class: "row spread" },
    h("span", {}, h("strong", {}, reason), h("span", { class: "small faint block" }, `${moment(made, zone)} · ${of.map(({ quantity, product_id: product }) => `${quantity} × ${nameOf(product)}`).join(", ")}`)),
    h("span", { class: "row" }, h("span", { class: `pill ${state === "paid" ? "good" : "warn"}` }, t(`order.refund_${state}`)), h("span", { class: "number" }, money(amount, currency))));
  return h("section", { class: "card stack", "aria-labelledby": "order-refunds" }, h("h2", { id: "order-refunds" }, t("order.refunds")), h("ul", { class: "stack" }, all.map(one)));
}

function buttons(order, { again, said, paper }) {
  const zone = branchOf(order.branch)?.time_zone;
  const path = `/orders${pathOf(order.id)}`;
  const cancel = () => confirm({
    title: t("order.cancel"), text: t("order.cancel_really", { number: order.number, name: order.customer.name }), yes: t("order.cancel"),
    work: async () => {
      await ask("POST", `${path}/cancel`);
      said.good(t("order.cancelled", { number: order.number }));
      again();
    },
  });
  const paid = (sum) => {
    said.good(t("order.refund_made", { sum }));
    again();
  };
  const showReceipt = async () => {
    try {
      const made = receipt(await ask("GET", `${path}/receipt`), zone);
      replace(paper, made);
      made.focus();
    } catch (error) {
      said.bad(error);
    }
  };
  return h("div", { class: "row" },
    MAY_REFUND.includes(order.status) ? h("button", { type: "button", onclick: () => refund(order, paid) }, t("order.refund")) : null,
    MAY_BE_PAID.includes(order.status) && order.total !== null ? doing(t("order.receipt"), {}, showReceipt) : null,
    h("a", { class: "button", href: `/orders/${order.id}` }, t("order.as_customer")),
    MAY_CANCEL.includes(order.status) ? h("button", { type: "button", class: "danger", onclick: cancel }, t("order.cancel")) : null);
}
