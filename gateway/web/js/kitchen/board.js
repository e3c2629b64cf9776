// The three columns. Tickets keep their elements when they move, and the keyboard stays where work is:
// on the next ticket after one's own press, on the same one when somebody else moved it.

import { h, list, say, set } from "../dom.js";
import { keep, recall } from "../keep.js";
import { number, t } from "../text.js";
import { card, showAge, update } from "./card.js";
import { all, STAGES } from "./orders.js";

const STORED = "column";

/** The board: `{ element, show, tick, setMore }`. */
export function board() {
  const cards = new Map();
  const columns = STAGES.map(column);
  const tabs = h("nav", { class: "tabs", "aria-label": t("kitchen.columns") }, columns.map(({ tab }) => tab));
  const more = h("p", { class: "note cool", hidden: true }, t("kitchen.more"));
  const grid = h("div", { class: "columns", onkeydown: (event) => arrow(event, columns) }, columns.map(({ element }) => element));
  const element = h("div", { class: "board" }, tabs, more, grid);
  const choose = (stage) => {
    element.dataset.column = stage;
    for (const one of columns) set(one.tab, "aria-pressed", one.stage === stage ? "true" : "false");
  };
  for (const { tab, stage } of columns) {
    tab.addEventListener("click", () => {
      keep(STORED, stage);
      choose(stage);
    });
  }
  choose(STAGES.includes(recall(STORED)) ? recall(STORED) : STAGES[0]);

  const show = () => {
    const orders = all();
    const focus = focused(columns);
    const make = (order) => {
      if (!cards.has(order.id)) cards.set(order.id, card(order));
      return cards.get(order.id);
    };
    for (const one of columns) {
      const mine = orders.filter((order) => order.status === one.stage);
      list(one.list, mine, (order) => order.id, make, update);
      one.count(mine.length);
    }
    const there = new Set(orders.map((order) => order.id));
    for (const id of cards.keys()) if (!there.has(id)) cards.delete(id);
    if (focus) restore(focus, columns, orders);
    for (const order of orders) order.isByHand = false;
  };
  const tick = () => {
    for (const order of all()) if (cards.has(order.id)) showAge(cards.get(order.id), order);
  };
  const setMore = (is) => { more.hidden = !is; };
  return { element, show, tick, setMore };
}

function column(stage) {
  const title = `column-${stage}`;
  const counts = [h("span", { class: "count number" }, "0"), h("span", { class: "count number" }, "0")];
  const empty = h("p", { class: "empty" }, t(`kitchen.none_${stage}`));
  const items = h("ul", { class: "tickets" });
  const heading = h("h2", { id: title, tabindex: "-1" }, h("span", { class: "dot", "aria-hidden": "true" }), t(`kitchen.${stage}`), " ", counts[0]);
  const element = h("section", { class: "column", dataset: { stage }, "aria-labelledby": title }, heading,
    h("div", { class: "column-body" }, items, empty));
  const tab = h("button", { type: "button", dataset: { stage } }, t(`kitchen.${stage}`), " ", counts[1]);
  const count = (many) => {
    for (const one of counts) say(one, number(many));
    empty.hidden = many > 0;
  };
  return { stage, element, list: items, heading, tab, count };
}

/** Where the keyboard is, or null where it is not on a ticket. */
function focused(columns) {
  const at = document.activeElement;
  const ticket = at?.closest?.(".ticket");
  const column = columns.find((one) => one.list === ticket?.parentElement);
  if (!column) return null;
  return { at, id: ticket.dataset.key, column, index: [...column.list.children].indexOf(ticket) };
}

function restore({ at, id, column, index }, columns, orders) {
  const order = orders.find((one) => one.id === id);
  // The news of one's own press may be here before its answer.
  const isOwn = order?.status !== column.stage && (order?.isByHand || order?.work);
  const stays = order !== undefined && !isOwn;
  if (stays) return document.activeElement === at ? null : go(isSeen(at) ? at : stepOf(at.closest(".ticket")));
  const next = column.list.children[Math.min(index, column.list.children.length - 1)];
  if (next) return go(stepOf(next));
  return go(order && isSeen(at) ? stepOf(at.closest(".ticket")) : column.heading);
}

const stepOf = (ticket) => ticket.querySelector(".step");
const isSeen = (element) => element.getClientRects().length > 0;

function go(element) {
  element.focus({ preventScroll: true });
  if (element.matches(":focus-visible")) element.scrollIntoView({ block: "nearest" });
}

/** The arrows go from ticket to ticket, and from column to column. */
function arrow(event, columns) {
  const by = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[event.key];
  const from = focused(columns);
  if (!by || !from || event.altKey || event.ctrlKey || event.metaKey) return;
  const [across, along] = by;
  const filled = columns.filter((one) => one === from.column || (one.list.children.length > 0 && isSeen(one.list)));
  const column = filled[filled.indexOf(from.column) + across];
  const ticket = column?.list.children[Math.min(from.index, column.list.children.length - 1) + along];
  if (!ticket) return;
  event.preventDefault();
  go(stepOf(ticket));
}
