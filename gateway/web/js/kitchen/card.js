// One order as a ticket: the number, who it is for, what is in it, how old it is, and one button.

import { h, list, say, set } from "../dom.js";
import { shopNow } from "../shopclock.js";
import { span, t } from "../text.js";
import { nameOf } from "./orders.js";
import { advance, giveUp, STEPS } from "./work.js";

/** From when on an order has waited long, and too long, in seconds of the shop. */
const LATE_S = { confirmed: [180, 420], preparing: [600, 1200], ready: [900, 1800] };
const HOUR_S = 3600;
/** A second tap so soon and so near was meant for the ticket that lay there before. */
const SLIP_MS = 500;
const SLIP_PX = 48;

let tap = { id: null, at: -SLIP_MS, x: 0, y: 0 };

function isSlip(event, id) {
  const before = tap;
  tap = { id, at: performance.now(), x: event.clientX, y: event.clientY };
  const isKey = event.detail === 0;
  if (isKey || before.id === id || tap.at - before.at > SLIP_MS) return false;
  return Math.hypot(tap.x - before.x, tap.y - before.y) < SLIP_PX;
}

/** A new ticket; `update` fills it. */
export function card(order) {
  const title = `order-${order.id}`;
  const onclick = (event) => {
    if (!isSlip(event, order.id)) advance(order);
  };
  // A key that is held down is one wish.
  const onkeydown = (event) => {
    if (event.repeat && event.key === "Enter") event.preventDefault();
  };
  const stop = h("button", { type: "button", class: "never", onclick: () => giveUp(order) }, t("kitchen.never_mind"));
  return h("li", { class: "card ticket", "aria-labelledby": title },
    h("div", { class: "ticket-head" },
      h("h3", { id: title }, h("span", { class: "unseen" }, `${t("kitchen.order")} `), h("span", { class: "ticket-number" }, order.number)),
      h("p", { class: "age" }, h("span", { class: "age-word" }), " ", h("span", { class: "age-time number" }))),
    h("p", { class: "ticket-name" }),
    h("ul", { class: "ticket-lines" }),
    h("div", { class: "note warn ticket-waits", hidden: true }, h("p", {}, t("kitchen.waits")), stop),
    h("button", { type: "button", class: "primary big step", onclick, onkeydown },
      h("span", { class: "step-word" }), h("span", { class: "unseen" }, ` ${order.number}`)));
}

/** Brings a ticket up to date. */
export function update(element, order) {
  const part = (name) => element.querySelector(`.${name}`);
  element.dataset.status = order.status;
  say(part("ticket-name"), order.name ?? "…");
  const line = ({ product, quantity }) => h("li", {},
    h("b", { class: "number", dataset: { many: quantity > 1 } }, `${quantity} ×`), h("span", {}, nameOf(product)));
  list(part("ticket-lines"), order.lines, ({ product, quantity }) => `${product} ${quantity} ${nameOf(product)}`, line);
  const [button, work] = [part("step"), order.work];
  const { action } = work?.step ?? STEPS[order.status];
  say(part("step-word"), t(work ? `kitchen.do_${action}_busy` : `kitchen.do_${action}`));
  button.classList.toggle("busy", work !== null);
  set(button, "aria-disabled", work ? "true" : null);
  set(button, "aria-busy", work ? "true" : null);
  part("ticket-waits").hidden = !work?.isWaiting;
  showAge(element, order);
}

/** How long it has waited: new ones and those in work since they were placed, ready ones since then. */
export function showAge(element, order) {
  const from = order.status === "ready" ? order.since : order.placed;
  const s = Math.max(0, Math.floor((shopNow() - from) / 1000));
  const [late, tooLate] = LATE_S[order.status];
  const age = s >= tooLate ? "very" : s >= late ? "late" : "fine";
  const place = element.querySelector(".age");
  if (place.dataset.age !== age) place.dataset.age = age;
  const kind = order.status === "ready" ? "fetched" : "waiting";
  say(place.firstElementChild, t(`kitchen.${kind}_${age === "fine" ? "fine" : "late"}`));
  say(place.lastElementChild, s < HOUR_S ? `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}` : span(s));
}
