// How an order stands, in a sentence: also why it ended, and where the money is.

import { h } from "../dom.js";
import { has, moment, money, t } from "../text.js";

const UNSOLD = ["rejected", "declined", "cancelled"];

/** The headline. */
export const headline = (order) => t(`headline.${order.status}`, { number: order.number });

/** Whether nothing more will happen by itself: it has ended, and all money that goes back is back. */
export function isOver({ status, total, refunds = [] }) {
  if (status !== "served" && !UNSOLD.includes(status)) return false;
  const comesBack = status === "cancelled" && total !== null && refunds.length === 0;
  return !comesBack && refunds.every(({ state }) => state === "paid");
}

/** What else is to be said, or null. */
export function outcome(order, zone) {
  const notes = [];
  if (order.status === "ready") notes.push(h("p", { class: "note good call" }, t("tracking.call", { number: order.number })));
  if (UNSOLD.includes(order.status)) notes.push(ended(order));
  for (const refund of order.refunds ?? []) notes.push(refunded(order, refund, zone));
  return notes.length > 0 ? h("div", { class: "stack" }, notes) : null;
}

function ended(order) {
  const code = order.reason?.code;
  const why = has(`ended.${code}`) ? t(`ended.${code}`) : order.reason?.detail ?? "";
  const paid = order.status === "cancelled" && order.total !== null;
  const sum = paid ? { total: money(order.total, order.currency) } : {};
  return h("div", { class: `note ${order.status === "cancelled" ? "cool" : "bad"}` },
    h("p", {}, why), h("p", {}, t(paid ? "tracking.goes_back" : "tracking.not_charged", sum)));
}

function refunded(order, { amount, reason, state, made_at: made, paid_at: paid }, zone) {
  const params = { amount: money(amount, order.currency), time: moment(paid ?? made, zone) };
  return h("div", { class: "note good" },
    h("p", {}, h("strong", {}, t(state === "paid" ? "tracking.refunded" : "tracking.refund_asked", params))),
    h("p", { class: "small" }, t("tracking.because", { reason })));
}
