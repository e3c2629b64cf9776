// The orders of who is signed in, newest first; each leads to where it can be followed.

import { h, list, replace } from "../dom.js";
import { request } from "../api.js";
import { branchOf } from "../branch.js";
import { untilDone } from "../page.js";
import { inTurn, onSeen } from "../poll.js";
import { onSession } from "../session.js";
import { moment, money, t } from "../text.js";
import { AREA, who } from "./account.js";

const SHOWN = 8;
/** The API gives no more at once. */
const SHOWN_MAX = 100;
/** How a status looks. */
export const KINDS = {
  placed: "cool", reserved: "cool", confirmed: "cool", preparing: "warn", ready: "good", served: "", rejected: "bad", declined: "bad", cancelled: "",
};

/** The section; it is not there for who has no orders. */
export function mine() {
  const body = h("ul", { class: "orders" });
  const older = h("button", { type: "button", class: "quiet", onclick: () => more() }, t("mine.more"));
  const section = h("section", { class: "mine stack", "aria-labelledby": "mine-title", hidden: true }, h("h2", { id: "mine-title" }, t("mine.title")), h("div", { class: "stack" }, body, older));
  let [shown, next, wanted] = [[], null, false];
  /** What is shown anew, and what else is wanted; behind the most that comes at once only the latter. */
  const load = inTurn(async () => {
    const [user, count] = [who(), Math.max(shown.length, SHOWN) + (wanted ? SHOWN : 0)];
    const before = wanted && count > SHOWN_MAX ? next : null;
    wanted = false;
    if (user === undefined) return;
    const limit = before ? SHOWN : Math.min(count, SHOWN_MAX);
    const after = before ? `&before=${before}` : "";
    const ask = () => (user === who() ? request("GET", `/orders?limit=${limit}${after}`, { area: AREA }) : null);
    const page = await untilDone(ask, () => null).catch(() => null);
    if (page === null || user !== who()) return;
    shown = before ? [...shown, ...page.orders] : page.orders;
    next = page.next;
    section.hidden = shown.length === 0;
    older.hidden = next === null;
    list(body, shown, ({ id }) => id, row, fill);
  });
  const more = () => {
    wanted = true;
    load();
  };
  const begin = () => {
    [shown, next, section.hidden] = [[], null, true];
    load();
  };
  onSession(AREA, begin);
  onSeen(load);
  begin();
  return section;
}

const row = ({ id }) => h("li", {}, h("a", { class: "card order", href: `/orders/${id}` }));

function fill(element, order) {
  const zone = branchOf(order.branch)?.time_zone;
  const count = order.items.reduce((all, item) => all + item.quantity, 0);
  const name = branchOf(order.branch)?.name ?? order.branch;
  replace(element.firstElementChild,
    h("strong", { class: "order-number" }, order.number),
    h("span", {}, h("span", { class: "order-when" }, moment(order.created_at, zone)), h("span", { class: "faint small" }, `${name} · ${t("mine.units", { count })}`)),
    h("span", { class: `pill ${KINDS[order.status] ?? ""}` }, t(`status.${order.status}`)),
    h("span", { class: "number" }, order.total === null ? "" : money(order.total, order.currency)));
}
