// The orders of who is signed in, newest first; each leads to where it can be followed.

import { h, replace } from "../dom.js";
import { request } from "../api.js";
import { branchOf } from "../branch.js";
import { untilDone } from "../page.js";
import { onSession } from "../session.js";
import { moment, money, t } from "../text.js";
import { AREA, who } from "./account.js";

const SHOWN = 8;
/** How a status looks. */
export const KINDS = {
  placed: "cool", reserved: "cool", confirmed: "cool", preparing: "warn", ready: "good", served: "", rejected: "bad", declined: "bad", cancelled: "",
};

/** The section; it is not there for who has no orders. */
export function mine() {
  const body = h("ul", { class: "orders" });
  const older = h("button", { type: "button", class: "quiet", onclick: () => load(true) }, t("mine.more"));
  const section = h("section", { class: "mine stack", "aria-labelledby": "mine-title", hidden: true }, h("h2", { id: "mine-title" }, t("mine.title")), h("div", { class: "stack" }, body, older));
  let [shown, next] = [[], null];
  const load = async (more) => {
    const [user, before] = [who(), more ? next : null];
    if (user === undefined || (more && before === null)) {
      section.hidden = user === undefined;
      return;
    }
    const after = before ? `&before=${before}` : "";
    const ask = () => (user === who() ? request("GET", `/orders?limit=${SHOWN}${after}`, { area: AREA }) : null);
    const page = await untilDone(ask, () => null).catch(() => null);
    // Somebody else's, or what a second press asked for as well.
    if (page === null || user !== who() || (more && before !== next)) return;
    shown = more ? [...shown, ...page.orders] : page.orders;
    next = page.next;
    section.hidden = shown.length === 0;
    older.hidden = next === null;
    replace(body, shown.map(row));
  };
  onSession(AREA, () => load(false));
  // Also after the browser's way back, where the page is the old one.
  addEventListener("pageshow", (event) => { if (event.persisted) load(false); });
  load(false);
  return section;
}

function row(order) {
  const zone = branchOf(order.branch)?.time_zone;
  const count = order.items.reduce((all, item) => all + item.quantity, 0);
  const name = branchOf(order.branch)?.name ?? order.branch;
  return h("li", {}, h("a", { class: "card order", href: `/orders/${order.id}` },
    h("strong", { class: "order-number" }, order.number),
    h("span", {}, h("span", { class: "order-when" }, moment(order.created_at, zone)), h("span", { class: "faint small" }, `${name} · ${t("mine.units", { count })}`)),
    h("span", { class: `pill ${KINDS[order.status] ?? ""}` }, t(`status.${order.status}`)),
    h("span", { class: "number" }, order.total === null ? "" : money(order.total, order.currency))));
}
