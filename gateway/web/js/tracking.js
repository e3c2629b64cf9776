// One order, each step as it happens, until it is served or called off.

import { announce, byId, h, replace, say, set } from "./dom.js";
import { request } from "./api.js";
import { branchOf, refreshBranch } from "./branch.js";
import { follow } from "./live.js";
import { livePill, onBack } from "./status.js";
import { openPage, untilDone } from "./page.js";
import { inTurn } from "./poll.js";
import { onSession, session } from "./session.js";
import { explain, t } from "./text.js";
import { shopNow } from "./shopclock.js";
import { actions, dropReceipt, may } from "./tracking/actions.js";
import { headline, isOver, outcome } from "./tracking/outcome.js";
import { lines } from "./tracking/lines.js";
import { passports } from "./tracking/passports.js";
import { steps } from "./tracking/steps.js";

/** Where the shop's clock is no further from the browser's, there is one clock for everybody. */
const SAME_CLOCK_MS = 60_000;
/** A hidden tab has no live feed; its title says all the same how it stands. */
const HIDDEN_EVERY_MS = 20_000;

/** Who in this browser may see an order: its customer, or staff. */
const AREAS = ["shop", "staff"];

const id = location.pathname.split("/")[2];
const pill = livePill();
/** When each status came, by the shop's clock, as far as it is known. */
const times = new Map();
let order = null;
let feed = null;
let area = "shop";

/** The order, asked by whoever may see it. */
async function read() {
  const areas = AREAS.filter((one) => session(one) !== null);
  let last = { code: "unauthorized", status: 401 };
  for (const one of areas) {
    try {
      const found = await request("GET", `/orders/${encodeURIComponent(id)}`, { area: one });
      area = one;
      return found;
    } catch (error) {
      last = error;
      if (![401, 403, 404].includes(error.status)) throw error;
    }
  }
  throw last;
}

/** The times of the steps before now are those of the messages, where one clock is everybody's. */
async function readTimes() {
  if (Math.abs(shopNow() - Date.now()) > SAME_CLOCK_MS) return;
  const { events } = await request("GET", `/orders/${order.id}/events`, { area });
  for (const { subject, direction, time } of events) {
    const [, kind, owner, , status] = subject.split(".");
    if (direction === "sent" && kind === "evt" && owner === "orders" && !times.has(status)) times.set(status, time);
  }
}

/** Parts of the page, each drawn anew only where what it shows is another: the focus stays. */
const parts = new Map();
function part(name, key, draw) {
  const known = parts.get(name) ?? { element: h("div", { class: `part ${name}` }), key: null };
  parts.set(name, known);
  const now = JSON.stringify(key);
  if (known.key !== now) {
    known.key = now;
    const had = known.element.contains(document.activeElement);
    replace(known.element, draw());
    if (had) title.focus();
  }
  return known.element;
}

/** The way to the shop leads to the branch of the order. */
let back = null;

const title = h("h1", { id: "track-title", tabindex: "-1" });

/** What the receipt of an order depends on. */
const paid = ({ status, total, refunds }) => JSON.stringify([status === "cancelled", total, refunds]);

function show() {
  times.set("placed", order.created_at);
  times.set(order.status, order.updated_at);
  document.title = `${order.number} · ${t(`status.${order.status}`)} · ${t("brand")}`;
  const branch = branchOf(order.branch);
  set(back, "href", `/?branch=${encodeURIComponent(order.branch)}`);
  const zone = branch?.time_zone;
  say(title, headline(order));
  const [out, way, buttons, what, units] = [
    part("outcome", [order.status, order.total, order.refunds], () => outcome(order, zone)),
    part("way", [order.status, [...times]], () => steps(order, times, zone)),
    part("buttons", [may(order), area], () => actions({ order, area, again: refresh, zone })),
    part("what", [order.status, order.items, order.total], () => lines(order)),
    part("units", order.items, () => passports(order, zone)),
  ];
  if (title.isConnected) return;
  replace(byId("main"),
    h("div", { class: "stack", id: "track" }, h("section", { class: "card stack track", "aria-labelledby": "track-title" },
      h("div", { class: "row spread" }, title, pill.element),
      h("p", { class: "big-number" }, h("span", { class: "unseen" }, `${t("tracking.number")} `), order.number),
      h("p", { class: "faint" }, t("tracking.for", { name: order.customer.name, branch: branch?.name ?? order.branch })),
      out, way, buttons)),
    h("div", { class: "stack" }, what, units));
}

/** Reads the order until it is read; where that cannot be any more, what is shown stays. */
const refresh = inTurn(async () => {
  const now = await untilDone(read, () => null).catch(() => null);
  if (now !== null) take(now);
});

/** Shows the order as it is now. An older answer that comes late changes nothing. */
function take(now) {
  if (order !== null && Date.parse(now.updated_at) < Date.parse(order.updated_at)) return;
  const before = order;
  order = now;
  if (before !== null && before.status !== order.status) announce(headline(order));
  if (before !== null && paid(before) !== paid(order)) dropReceipt();
  show();
  look();
}

/** Nothing is to be seen here, and why. */
function sayWhy(error) {
  const unknown = [401, 403, 404, 422].includes(error.status);
  replace(byId("main"), h("section", { class: "card narrow" },
    h("h1", {}, t(unknown ? "tracking.none" : "tracking.failed")),
    h("p", {}, unknown ? t("tracking.none_why") : explain(error)),
    h("a", { class: "button primary", href: "/" }, t("tracking.shop"))));
}

/** Follows the order until it is over. */
function look() {
  const over = isOver(order);
  pill.element.hidden = over;
  if (over) feed?.close();
  if (over) feed = null;
  if (over || feed !== null) return;
  const onEvent = (name, data) => {
    if (name === "order") {
      if (data.at) times.set(data.status, data.at);
      refresh();
    } else if (name === "refund") {
      refresh().then(() => announce(t("tracking.refund_paid")));
    } else {
      take(data);
    }
  };
  const onState = (now) => {
    pill.show(now);
    // What no new try mends may be mended by who signs in: the next good answer begins it anew.
    if (now === "over") feed = null;
  };
  feed = follow(`/orders/${encodeURIComponent(order.id)}/live`, { area, onEvent, onState });
}

await openPage({ page: "tracking", tools: [() => (back = h("a", { class: "button", href: "/" }, t("tracking.shop")))] });
try {
  const first = await untilDone(read, (error) => replace(byId("main"), h("p", { class: "wait" }, explain(error))));
  order = first;
  await refreshBranch().catch(() => null);
  await readTimes().catch(() => null);
  show();
  look();
  onBack(refresh);
  document.addEventListener("visibilitychange", refresh);
  for (const one of AREAS) onSession(one, refresh);
  setInterval(() => document.hidden && !isOver(order) && refresh(), HIDDEN_EVERY_MS);
} catch (error) {
  sayWhy(error);
}
