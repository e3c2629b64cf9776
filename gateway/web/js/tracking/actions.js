// What can be done with an order: call it off while that is allowed, see its receipt.

import { byId, h } from "../dom.js";
import { request } from "../api.js";
import { explain, t } from "../text.js";
import { receipt } from "./receipt.js";

/** Before the kitchen starts. */
const MAY_CANCEL = ["placed", "reserved", "confirmed"];
/** There is a receipt for what was paid and kept, also where it was called off later. */
const MAY_BE_PAID = ["confirmed", "preparing", "ready", "served", "cancelled"];

// What was asked and not answered yet stays so when the page is shown anew.
let asking = false;
let failure = "";

/** Which buttons there are. */
export const may = ({ status, total }) => ({ cancel: MAY_CANCEL.includes(status), paid: MAY_BE_PAID.includes(status) && total !== null });

/** The buttons. */
export function actions({ order, area, again, zone }) {
  const { cancel: mayCancel, paid } = may(order);
  const cancel = mayCancel ? cancelling(order, area, again) : null;
  const open = () => showReceipt(order, area, zone);
  const show = paid ? h("button", { type: "button", onclick: open }, t("receipt.show")) : null;
  return h("div", { class: "row no-print actions" }, show, cancel);
}

function cancelling(order, area, again) {
  const box = h("div", { class: "row" });
  const first = () => h("button", { type: "button", class: "danger", onclick: ask }, t("cancel.ask"));
  const ask = () => {
    asking = true;
    show();
    box.querySelector("button").focus();
  };
  const back = () => {
    asking = false;
    show();
    box.querySelector("button").focus();
  };
  const really = async (event) => {
    event.currentTarget.disabled = true;
    try {
      await request("POST", `/orders/${order.id}/cancel`, { area });
      failure = "";
    } catch (error) {
      failure = error.code === "wrong_state" ? t("cancel.too_late") : explain(error);
    }
    asking = false;
    show();
    await again();
    byId("track-title").focus();
  };
  const show = () => box.replaceChildren(...(asking
    ? [h("span", { role: "status" }, t("cancel.really")), h("button", { type: "button", class: "danger", onclick: really }, t("cancel.yes")), h("button", { type: "button", class: "quiet", onclick: back }, t("cancel.no"))]
    : [first(), ...(failure ? [h("p", { class: "error", role: "alert" }, failure)] : [])]));
  show();
  return box;
}

async function showReceipt(order, area, zone) {
  const old = byId("receipt");
  let made;
  try {
    made = receipt(await request("GET", `/orders/${order.id}/receipt`, { area }), zone);
  } catch (error) {
    const words = error.code === "wrong_state" ? t("receipt.none") : explain(error);
    made = h("section", { class: "card", id: "receipt", tabindex: "-1" }, h("p", {}, words));
  }
  if (old) old.replaceWith(made);
  else byId("track").append(made);
  made.focus();
  made.scrollIntoView({ block: "nearest" });
}
