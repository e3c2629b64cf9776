// One order, each step as it happens, until it is served or called off.

import { announce, byId, h, replace } from "./dom.js";
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

/** What is seen may be this late by the browser's clock for its times to be the shop's. */
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

function show() {
  times.set("placed", order.created_at);
  times.set(order.status, order.updated_at);
  document.title = `${order.number} · ${t(`status.${order.status}`)} · ${t("brand")}`;
  const branch = branchOf(order.branch);
  const zone = branch?.time_zone;
  const again = () => refresh().catch(() => null);
  replace(byId("main"),
    h("section", { class: "card stack track", "aria-labelledby": "track-title" },
      h("div", { class: "row spread" }, h("h1", { id: "track-title" }, headline(order)), pill.element),
      h("p", { class: "big-number" }, h("span", { class: "unseen" }, `${t("tracking.number")} `), order.number),
      h("p", { class: "faint" }, t("tracking.for", { name: order.customer.name, branch: branch?.name ?? order.branch })),
      outcome(order, zone), steps(order, times, zone), actions({ order, area, again, zone })),
    h("div", { class: "stack" }, lines(order), passports(order, zone)));
}

async function refresh(said) {
  const before = order;
  order = await read();
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
      const before = order;
      order = data;
      if (before.status !== data.status) announce(headline(order));
      show();
    }
  };
  feed = follow(`/orders/${encodeURIComponent(order.id)}/live`, { area, onEvent, onState: (now) => pill.show(now) });
}

await openPage({ page: "tracking", tools: [() => h("a", { class: "button", href: "/" }, t("tracking.shop"))] });
try {
  order = await untilDone(read, (error) => replace(byId("main"), h("p", { class: "wait" }, explain(error))));
  await refreshBranch().catch(() => null);
  await readTimes().catch(() => null);
  show();
  look();
  onBack(() => refresh().catch(() => null));
} catch (error) {
  sayWhy(error);
}
