// Orders of the branch: found by number, status and day, and one of them in full.

import { h, replace, say } from "../dom.js";
import { branch, branchOf } from "../branch.js";
import { load, moment, money, t } from "../text.js";
import { poll } from "../poll.js";
import { choice } from "./fields.js";
import { ask, doing, inWords } from "./notes.js";
import { clearErrors, field, formError, showErrors } from "../forms.js";
import { ApiError } from "../api.js";
import { oneOrder, statusPill } from "./order.js";

const STATUSES = ["placed", "reserved", "confirmed", "preparing", "ready", "served", "rejected", "declined", "cancelled"];
const PAGE = 20;
const EVERY_MS = 10_000;
/** What was searched for stays while one looks at an order. */
const wanted = { number: "", status: "", date: null };

/** Opens the section: the list, or the order `rest`. */
export function open(panel, { branchId, rest }) {
  let closed = false;
  let close = null;
  const begin = async () => {
    await load("manager-orders", "timeline", "tracking");
    if (closed) return;
    close = rest ? oneOrder(panel, rest) : search(panel, branchId);
  };
  begin().catch(() => replace(panel, h("p", { class: "note bad", role: "alert" }, t("manager.not_loaded"))));
  return () => {
    closed = true;
    close?.();
  };
}

function search(panel, branchId) {
  const found = h("tbody", {});
  const none = h("p", { class: "faint", hidden: true }, t("order.none"));
  const failed = h("p", { class: "note bad", role: "alert", hidden: true });
  const more = h("div", {});
  const count = h("p", { class: "faint", role: "status" });
  wanted.date ??= branch()?.date ?? "";
  let orders = [];
  let next = null;
  const query = (before) => {
    const params = new URLSearchParams({ branch: branchId, limit: PAGE });
    for (const [name, value] of Object.entries({ ...wanted, before })) if (value) params.set(name, value);
    return `/orders?${params}`;
  };
  const show = () => {
    replace(found, orders.map((order) => row(order, branchId)));
    none.hidden = orders.length > 0;
    say(count, t("order.found", { count: orders.length }));
    replace(more, next ? doing(t("order.more"), {}, onward) : null);
  };
  const onward = async () => {
    try {
      const page = await ask("GET", query(next));
      orders = [...orders, ...page.orders];
      next = page.next;
      show();
    } catch (error) {
      failed.hidden = false;
      say(failed, inWords(error));
    }
  };
  /** The first page anew; what was loaded behind it stays only while nothing else is searched for. */
  const once = async () => {
    if (orders.length > PAGE) return;
    const asked = query();
    try {
      const page = await ask("GET", asked);
      if (asked !== query()) return;
      ({ orders, next } = page);
      failed.hidden = true;
      clearErrors(form);
      show();
    } catch (error) {
      if (error instanceof ApiError && error.errors.length > 0) return showErrors(form, error);
      failed.hidden = false;
      say(failed, inWords(error));
    }
  };
  const form = searchForm(() => {
    orders = [];
    polling.now();
  });
  const heads = ["number", "placed", "customer", "items", "status", "total"].map((name) => h("th", { scope: "col", class: name === "total" ? "number" : null }, t(`order.${name}`)));
  panel.append(form, failed, count, h("div", { class: "card scroll", tabindex: "0", role: "group", "aria-label": t("manager.orders") }, h("table", { class: "folds" }, h("thead", {}, h("tr", {}, heads)), found), none), more);
  const polling = poll(EVERY_MS, once);
  return polling.close;
}

function searchForm(changed) {
  const onsubmit = (event) => {
    event.preventDefault();
    const { number, status, date } = event.currentTarget.elements;
    Object.assign(wanted, { number: number.value.trim(), status: status.value, date: date.value });
    clearErrors(event.currentTarget);
    changed();
  };
  return h("form", { class: "card search", onsubmit, novalidate: true, role: "search" },
    field("number", t("order.number"), { value: wanted.number, inputmode: "numeric", autocomplete: "off", placeholder: "014" }),
    choice("status", t("order.status"), [["", t("order.any")], ...STATUSES.map((status) => [status, t(`status.${status}`)])], wanted.status),
    field("date", t("day.date"), { type: "date", value: wanted.date }),
    h("button", { type: "submit", class: "primary" }, t("order.search")), formError());
}

function row({ id, number, customer, created_at: created, items, status, total, currency, refunded }, branchId) {
  const zone = branchOf(branchId)?.time_zone;
  const what = items.map(({ quantity, name, product_id: product }) => `${quantity} × ${name ?? product}`).join(", ");
  return h("tr", {}, h("th", { scope: "row" }, h("a", { href: `#orders/${id}`, class: "order-link" }, number)),
    h("td", { "data-label": t("order.placed"), class: "nowrap" }, moment(created, zone)), h("td", { "data-label": t("order.customer"), class: "words" }, customer.name), h("td", { "data-label": t("order.items"), class: "words" }, what), h("td", { "data-label": t("order.status") }, statusPill(status)),
    h("td", { "data-label": t("order.total"), class: "number" }, total === null || total === undefined ? "–" : money(total, currency),
      refunded > 0 ? h("div", { class: "small faint" }, t("order.refunded", { sum: money(refunded, currency) })) : null));
}
