// One order, each step as it happens, until it is served or called off.

import { announce, byId, h, replace, say, set } from "./dom.js";
import { request } from "./api.js";
import { branchOf, refreshBranch } from "./branch.js";
import { follow } from "./live.js";
import { livePill, onBack } from "./status.js";
import { openPage, untilDone } from "./page.js";
import { session } from "./session.js";
import { explain, t } from "./text.js";
import { shopNow } from "./shopclock.js";
import { actions } from "./tracking/actions.js";
import { headline, outcome } from "./tracking/outcome.js";
import { lines } from "./tracking/lines.js";
import { passports } from "./tracking/passports.js";
import { steps } from "./tracking/steps.js";

/** Where the shop's clock is no further from the browser's, there is one clock for everybody. */
const SAME_CLOCK_MS = 60_000;

const id = location.pathname.split("/")[2];
const pill = livePill();
/** When each status came, by the shop's clock, as far as it is known. */
const times = new Map();
let order = null;
let feed = null;
let area = "shop";

/** The order, asked by whoever in this browser may see it: its customer, or staff. */
async function read() {
  const areas = ["shop", "staff"].filter((one) => session(one) !== null);
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
    replace(known.element, draw());
  }
  return known.element;
}

/** The way to the shop leads to the branch of the order. */
let back = null;

const title = h("h1", { id: "track-title", tabindex: "-1" });

function show() {
  times.set("placed", order.created_at);
  times.set(order.status, order.updated_at);
  document.title = `${order.number} · ${t(`status.${order.status}`)} · ${t("brand")}`;
  const branch = branchOf(order.branch);
  set(back, "href", `/?branch=${encodeURIComponent(order.branch)}`);
  const zone = branch?.time_zone;
  const again = () => refresh().catch(() => null);
  say(title, headline(order));
  const money = [order.status, order.total, order.refunds];
  const [out, way, buttons, what, units] = [
    part("outcome", money, () => outcome(order, zone)),
    part("way", [order.status, [...times]], () => steps(order, times, zone)),
    part("buttons", [order.status, order.total], () => actions({ order, area, again, zone })),
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

async function refresh(said) {
  take(await read(), said);
}

/** Shows the order as it is now. An older answer that comes late changes nothing. */
function take(now, said) {
  if (order !== null && Date.parse(now.updated_at) < Date.parse(order.updated_at)) return;
  const before = order;
  order = now;
  if (before !== null && before.status !== order.status) announce(headline(order));
  else if (said) announce(said);
  show();
}

/** Nothing is to be seen here, and why. */
function sayWhy(error) {
  const unknown = [401, 403, 404, 422].includes(error.status);
  replace(byId("main"), h("section", { class: "card narrow" },
    h("h1", {}, t(unknown ? "tracking.none" : "tracking.failed")),
    h("p", {}, unknown ? t("tracking.none_why") : explain(error)),
    h("a", { class: "button primary", href: "/" }, t("tracking.shop"))));
}

function look() {
  feed?.close();
  const onEvent = (name, data) => {
    if (name === "order") {
      if (data.at) times.set(data.status, data.at);
      refresh().catch(() => null);
    } else if (name === "refund") {
      refresh(t("tracking.refund_paid")).catch(() => null);
    } else {
      take(data);
    }
  };
  feed = follow(`/orders/${encodeURIComponent(order.id)}/live`, { area, onEvent, onState: (now) => pill.show(now) });
}

await openPage({ page: "tracking", tools: [() => (back = h("a", { class: "button", href: "/" }, t("tracking.shop")))] });
try {
  const first = await untilDone(read, (error) => replace(byId("main"), h("p", { class: "wait" }, explain(error))));
  order = first;
  await refreshBranch().catch(() => null);
  await readTimes().catch(() => null);
  show();
  look();
  onBack(() => refresh().catch(() => null));
} catch (error) {
  sayWhy(error);
}
