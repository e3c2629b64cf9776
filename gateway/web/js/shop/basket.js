// The basket: its lines with their quantities, what is short, the sum, and the button to order.

import { announce, h, list, say, set } from "../dom.js";
import { later } from "./later.js";
import { picture, showPicture } from "./menu.js";
import { money, t } from "../text.js";
import { left, lines, onChange, QUANTITY_MAX, quantityOf, setQuantity, state, total } from "./state.js";

/** The basket beside the menu. */
export function basket() {
  const none = h("p", { class: "faint" }, t("basket.empty"));
  const all = h("ul", { class: "lines" });
  const sum = h("dd", { class: "number" });
  const closed = h("p", { class: "note warn" }, t("basket.closed"));
  const button = h("button", { type: "button", class: "primary big", onclick: later.checkout }, t("basket.order"));
  const foot = h("div", { class: "stack" }, h("dl", { class: "sum" }, h("dt", {}, t("basket.total")), sum), closed, button);
  const element = h("aside", { class: "card stack basket", id: "basket", tabindex: "-1", "aria-labelledby": "basket-title" },
    h("h2", { id: "basket-title" }, t("basket.title")), none, all, foot);
  onChange(() => {
    const now = lines();
    const had = all.contains(document.activeElement);
    none.hidden = now.length > 0;
    foot.hidden = now.length === 0;
    list(all, now, (line) => line.id, row, update);
    if (had && !holds(all, document.activeElement)) element.focus();
    say(sum, money(total()));
    closed.hidden = state.branch.open;
    button.disabled = !state.branch.open;
  });
  return element;
}

/** Whether the focus can stay: what has it may have gone, be hidden or do nothing any more. */
const holds = (all, focused) => all.contains(focused) && !focused.disabled && focused.closest("[hidden]") === null;

/** On narrow screens: how much is in the basket, and the way down to it while it is not in sight. */
export function basketBar(target) {
  const words = h("span", {});
  const bar = h("a", { class: "button primary basket-bar", href: "#basket", hidden: true }, words);
  let seen = false;
  const show = () => {
    const count = lines().reduce((all, line) => all + line.quantity, 0);
    bar.hidden = seen || count === 0;
    say(words, t("basket.bar", { count, total: money(total()) }));
  };
  new IntersectionObserver(([entry]) => {
    seen = entry.isIntersecting;
    if (state.branch) show();
  }).observe(target);
  onChange(show);
  return bar;
}

function row({ id }) {
  const put = (quantity) => {
    const name = state.products.get(id)?.name ?? id;
    setQuantity(id, quantity);
    if (quantityOf(id) === 0) announce(t("basket.removed", { name }));
  };
  const typed = (event) => {
    put(Number(event.target.value));
    event.target.value = quantityOf(id);
  };
  const button = (name, sign, onclick) => h("button", { type: "button", class: `icon ${name}`, onclick }, h("span", { "aria-hidden": "true" }, sign));
  const quantity = h("input", { type: "number", inputmode: "numeric", min: 0, max: QUANTITY_MAX, onchange: typed });
  const fit = h("button", { type: "button", class: "fit", onclick: () => put(left(id)) });
  return h("li", { class: "line" }, picture(""),
    h("p", { class: "name" }), h("p", { class: "number line-sum" }),
    h("div", { class: "amount" }, button("less", "−", () => put(quantityOf(id) - 1)), quantity, button("more", "+", () => put(quantityOf(id) + 1))),
    h("div", { class: "short note bad small" }, h("p", { class: "short-text" }), fit));
}

function update(element, { id, quantity }) {
  const at = (name) => element.querySelector(name);
  const product = state.products.get(id);
  const name = product?.name ?? id;
  showPicture(at("img"), product?.image);
  say(at(".name"), name);
  say(at(".line-sum"), product ? money(product.price.amount * quantity, product.price.currency) : "–");
  const input = at("input");
  if (input !== document.activeElement) input.value = quantity;
  set(input, "aria-label", t("basket.quantity", { name }));
  set(at(".less"), "aria-label", t("basket.less", { name }));
  set(at(".more"), "aria-label", t("basket.more", { name }));
  const free = left(id);
  at(".more").disabled = quantity >= Math.min(free, QUANTITY_MAX);
  at(".short").hidden = quantity <= free;
  if (quantity <= free) return;
  say(at(".short-text"), free === 0 ? t("basket.none_left") : t("basket.short", { count: free }));
  say(at(".fit"), free === 0 ? t("basket.remove") : t("basket.fit", { count: free }));
  set(at(".fit"), "aria-label", `${at(".fit").textContent}: ${name}`);
}
