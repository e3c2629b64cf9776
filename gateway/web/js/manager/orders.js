// Orders of the branch: found by number, status and day, and one of them in full.

import { h, isNew, list, replace, say } from "../dom.js";
import { branch, branchOf, refreshBranch } from "../branch.js";
import { moment, money, t } from "../text.js";
import { poll } from "../poll.js";
import { choice } from "./fields.js";
import { ask, doing, inWords } from "./notes.js";
import { clearErrors, field, formError, showErrors } from "../forms.js";
import { ApiError } from "../api.js";
import { oneOrder, statusPill } from "./order.js";

const STATUSES = ["placed", "reserved", "confirmed", "preparing", "ready", "served", "rejected", "declined", "cancelled"];
const PAGE = 20;
/** The API gives no more at once: what is longer is not asked again by itself. */
const LIMIT_MAX = 100;
const EVERY_MS = 10_000;
/** What was searched for stays while one looks at an order. Without a date it is today, also tomorrow. */
const wanted = { number: "", status: "", date: null };

/** Opens the section: the list, or the order `rest`. */
export function open(panel, { branchId, rest }) {
  return rest ? oneOrder(panel, rest) : search(panel, branchId);
}

function search(panel, branchId) {
  const found = h("tbody", {});
  const none = h("p", { class: "faint", hidden: true }, t("order.none"));
  const failed = h("p", { class: "note bad", role: "alert", hidden: true });
  const count = h("p", { class: "faint", role: "status" });
  const stands = h("p", { class: "faint small", role: "status", hidden: true }, t("order.stands"));
  let orders = [];
  let next = null;
  let isGoingOn = false;
  // What was refused is not asked again by itself, and only who pressed is led to what is wrong.
  let refused = false;
  let byHand = false;
  /** Without `before` all that is shown: an answer that is shorter or longer is to another question. */
  const query = (before) => {
    const params = new URLSearchParams({ branch: branchId, limit: before ? PAGE : Math.min(LIMIT_MAX, Math.max(1, Math.ceil(orders.length / PAGE)) * PAGE) });
    for (const [name, value] of Object.entries({ ...wanted, date: wanted.date ?? today(), before })) if (value) params.set(name, value);
    return `/orders?${params}`;
  };
  const show = () => {
    list(found, orders, ({ id }) => id, row, (element, order) => fill(element, order, branchId));
    none.hidden = orders.length > 0;
    say(count, t("order.found", { count: orders.length }));
    more.hidden = next === null;
    stands.hidden = orders.length <= LIMIT_MAX;
  };
  const onward = async () => {
    const asked = query(next);
    isGoingOn = true;
    try {
      const page = await ask("GET", asked);
      if (asked !== query(next)) return;
      orders = [...orders, ...page.orders];
      next = page.next;
      show();
    } catch (error) {
      failed.hidden = false;
      say(failed, inWords(error));
    } finally {
      isGoingOn = false;
    }
  };
  const more = doing(t("order.more"), { hidden: true }, onward);
  /** What is shown anew. */
  const once = async () => {
    if (refused || orders.length > LIMIT_MAX) return;
    await refreshBranch().catch(() => null);
    const asked = query();
    try {
      const page = await ask("GET", asked);
      if (isGoingOn || asked !== query()) return;
      byHand = false;
      ({ orders, next } = page);
      failed.hidden = true;
      clearErrors(form);
      if (wanted.date === null) form.elements.date.value = today();
      show();
    } catch (error) {
      refused = error instanceof ApiError && error.errors.length > 0;
      if (refused && byHand) return showErrors(form, error);
      failed.hidden = false;
      say(failed, inWords(error));
    }
  };
  const form = searchForm(() => {
    orders = [];
    next = null;
    more.hidden = true;
    stands.hidden = true;
    refused = false;
    byHand = true;
    polling.now();
  });
  const heads = ["number", "placed", "customer", "items", "status", "total"].map((name) => h("th", { scope: "col", class: name === "total" ? "number" : null }, t(`order.${name}`)));
  panel.append(form, failed, count, stands, h("div", { class: "card scroll", tabindex: "0", role: "group", "aria-label": t("manager.orders") }, h("table", { class: "folds" }, h("thead", {}, h("tr", {}, heads)), found), none), h("div", {}, more));
  const polling = poll(EVERY_MS, once);
  return polling.close;
}

const today = () => branch()?.date ?? "";

function searchForm(changed) {
  const onsubmit = (event) => {
    event.preventDefault();
    const { number, status, date } = event.currentTarget.elements;
    Object.assign(wanted, { number: number.value.trim(), status: status.value, date: date.value === today() ? null : date.value });
    clearErrors(event.currentTarget);
    changed();
  };
  return h("form", { class: "card search", onsubmit, novalidate: true, role: "search" },
    field("number", t("order.number"), { value: wanted.number, inputmode: "numeric", autocomplete: "off", placeholder: "014" }),
    choice("status", t("order.status"), [["", t("order.any")], ...STATUSES.map((status) => [status, t(`status.${status}`)])], wanted.status),
    field("date", t("day.date"), { type: "date", value: wanted.date ?? today() }),
    h("button", { type: "submit", class: "primary" }, t("order.search")), formError());
}

const row = ({ id, number }) => h("tr", {}, h("th", { scope: "row" }, h("a", { href: `#orders/${id}`, class: "order-link" }, number)));

/** The cells behind the number, which keeps the focus. */
function fill(element, order, branchId) {
  if (!isNew(element, order)) return;
  const { customer, created_at: created, items, status, total, currency, refunded } = order;
  const zone = branchOf(branchId)?.time_zone;
  const what = items.map(({ quantity, name, product_id: product }) => `${quantity} × ${name ?? product}`).join(", ");
  replace(element, element.firstElementChild,
    h("td", { "data-label": t("order.placed"), class: "nowrap" }, moment(created, zone)), h("td", { "data-label": t("order.customer"), class: "words" }, customer.name), h("td", { "data-label": t("order.items"), class: "words" }, what), h("td", { "data-label": t("order.status") }, statusPill(status)),
    h("td", { "data-label": t("order.total"), class: "number" }, total === null || total === undefined ? "–" : money(total, currency),
      refunded > 0 ? h("div", { class: "small faint" }, t("order.refunded", { sum: money(refunded, currency) })) : null));
}
