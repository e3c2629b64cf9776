// What can be done with an order: call it off while that is allowed, see its receipt.

import { byId, h, replace } from "../dom.js";
import { request } from "../api.js";
import { explain, t } from "../text.js";
import { receipt } from "./receipt.js";

/** Before the kitchen starts. */
const MAY_CANCEL = ["placed", "reserved", "confirmed"];
/** There is a receipt for what was paid and kept, also where it was called off later. */
const MAY_BE_PAID = ["confirmed", "preparing", "ready", "served", "cancelled"];

// What was asked and not answered yet stays so when the buttons are made anew.
let asking = false;
let sending = false;
let failure = "";
/** Shows how that stands, in the buttons that were made last. */
let show = () => {};

/** Which buttons there are. */
export const may = ({ status, total }) => ({ cancel: MAY_CANCEL.includes(status), paid: MAY_BE_PAID.includes(status) && total !== null });

/** The buttons, and what became of the last press. */
export function actions({ order, area, again, zone }) {
  const { cancel: mayCancel, paid } = may(order);
  const open = () => showReceipt(order, area, zone);
  const box = h("div", { class: "row" });
  // Said already, where it was there before these buttons; and over where the order went on.
  if (!mayCancel && order.status !== "preparing") failure = "";
  const failed = h("p", { class: "error", role: failure ? null : "alert" });
  const cancel = cancelling(order, area, again, box);
  show = () => {
    replace(box, mayCancel ? cancel() : null);
    failed.textContent = failure;
    failed.hidden = failure === "";
  };
  show();
  return h("div", { class: "row no-print actions" }, paid ? h("button", { type: "button", onclick: open }, t("receipt.show")) : null, box, failed);
}

/** Gives what makes the buttons to call it off. */
function cancelling(order, area, again, box) {
  const ask = (is) => () => {
    [asking, failure] = [is, ""];
    show();
    box.querySelector("button").focus();
  };
  const really = async () => {
    sending = true;
    byId("track-title").focus();
    show();
    try {
      await request("POST", `/orders/${order.id}/cancel`, { area });
    } catch (error) {
      failure = error.code === "wrong_state" ? t("cancel.too_late") : explain(error);
    }
    [asking, sending] = [false, false];
    show();
    await again();
  };
  const button = (kind, onclick, words) => h("button", { type: "button", class: kind, onclick, disabled: sending }, t(words));
  return () => (asking
    ? [h("span", { role: "status" }, t("cancel.really")), button("danger", really, "cancel.yes"), button("quiet", ask(false), "cancel.no")]
    : button("danger", ask(true), "cancel.ask"));
}

let turn = 0;
/** Shows the receipt that was asked for last. */
async function showReceipt(order, area, zone) {
  turn += 1;
  const mine = turn;
  let made;
  try {
    made = receipt(await request("GET", `/orders/${order.id}/receipt`, { area }), zone);
  } catch (error) {
    const words = error.code === "wrong_state" ? t("receipt.none") : explain(error);
    made = h("section", { class: "card", id: "receipt", tabindex: "-1" }, h("p", {}, words));
  }
  if (mine !== turn) return;
  const old = byId("receipt");
  if (old) old.replaceWith(made);
  else byId("track").append(made);
  made.focus();
  made.scrollIntoView({ block: "nearest" });
}

/** Takes the receipt away: the order became another, and money may have gone back. */
export function dropReceipt() {
  turn += 1;
  const old = byId("receipt");
  if (old?.contains(document.activeElement)) byId("track-title").focus();
  old?.remove();
}
