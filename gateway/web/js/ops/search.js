// One order's messages with their causes, found by its id or by its number.

import { h, redraw, replace } from "../dom.js";
import { ApiError, request } from "../api.js";
import { allBranches, branchId, branchOf } from "../branch.js";
import { clearErrors, field, formError, showErrors } from "../forms.js";
import { explain, moment, t } from "../text.js";
import { timeline } from "../timeline.js";

const AREA = "staff";
const ID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/i;
const FOUND_MAX = 10;

/** `find(id)` shows the order with this id. */
export function orderSearch() {
  const found = h("div", { class: "stack found", tabindex: "-1" });
  let turn = 0;
  /** What was asked for last is shown, whichever answer comes last: whether that is still this one. */
  const begin = () => {
    turn += 1;
    const mine = turn;
    return () => mine === turn;
  };
  const form = searchForm(async (element) => {
    const { order, branch, date } = element.elements;
    const text = order.value.trim();
    if (text === "") return showErrors(element, new ApiError({ errors: [{ field: "order", reason: "is required" }] }));
    if (ID.test(text)) return show(text, element);
    const isLast = begin();
    const params = new URLSearchParams({ branch: branch.value, number: text, limit: FOUND_MAX, ...(date.value ? { date: date.value } : {}) });
    try {
      const { orders } = await request("GET", `/orders?${params}`, { area: AREA });
      if (!isLast()) return;
      if (orders.length === 0) replace(found, h("p", { class: "note warn", role: "status" }, t("ops.search_none")));
      else if (orders.length === 1) await show(orders[0].id, element);
      else replace(found, h("p", {}, t("ops.search_which")), h("ul", { class: "stack" }, orders.map((one) => h("li", {}, h("button", { type: "button", onclick: () => show(one.id, element) },
        `${one.number} · ${moment(one.created_at, branchOf(one.branch)?.time_zone)} · ${t(`status.${one.status}`)}`)))));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (isLast()) showErrors(element, error, { number: "order" });
    }
  });
  const show = async (id, element) => {
    const isLast = begin();
    try {
      const path = `/orders/${encodeURIComponent(id)}`;
      const [order, { events }] = await Promise.all([request("GET", path, { area: AREA }), request("GET", `${path}/events`, { area: AREA })]);
      if (!isLast()) return;
      const head = h("div", { class: "row" }, h("h3", {}, t("ops.order", { number: order.number })), h("span", { class: "pill" }, t(`status.${order.status}`)),
        h("span", {}, order.customer.name), h("a", { href: `/orders/${order.id}` }, t("ops.as_customer")));
      redraw(found, head, h("p", { class: "small faint" }, h("code", {}, order.id)), timeline(events));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (!isLast()) return;
      const text = error.status === 404 || error.status === 422 ? t("ops.search_none") : explain(error);
      redraw(found, h("p", { class: "note warn", role: "status" }, text));
    }
    if (element === undefined) {
      found.focus();
      found.scrollIntoView({ block: "nearest" });
    }
  };
  const element = h("section", { class: "card stack", "aria-labelledby": "search-title" }, h("h2", { id: "search-title" }, t("ops.search")), form, found);
  return { element, find: (id) => show(id) };
}

function searchForm(find) {
  const button = h("button", { type: "submit", class: "primary" }, t("ops.find"));
  const onsubmit = async (event) => {
    event.preventDefault();
    const element = event.currentTarget;
    clearErrors(element);
    button.disabled = true;
    await find(element);
    button.disabled = false;
  };
  const branches = allBranches().map(({ id, name }) => h("option", { value: id, selected: id === branchId() }, name));
  return h("form", { class: "search", onsubmit, novalidate: true, role: "search" },
    field("order", t("ops.order_field"), { autocomplete: "off", spellcheck: "false", placeholder: "014", hint: t("ops.order_hint") }),
    field("branch", t("branch.label"), { as: "select", inside: branches }), field("date", t("ops.date"), { type: "date" }), button, formError());
}
