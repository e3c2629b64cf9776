// The menu: one card a product, with a picture, its price, how many are left and how fresh they are.

import { announce, h, list, replace, say, set } from "../dom.js";
import { branchId } from "../branch.js";
import { request } from "../api.js";
import { untilDone } from "../page.js";
import { inTurn } from "../poll.js";
import { shopNow } from "../shopclock.js";
import { ago, money, number, t } from "../text.js";
import { changed, left, onChange, quantityOf, setQuantity, state, takeMenu } from "./state.js";

/** So few are worth a word. */
const FEW = 3;
const NO_PICTURE = "/images/product.svg";

/** Loads the menu of the chosen branch. */
export async function loadMenu() {
  const wanted = branchId();
  const { products } = await request("GET", `/menu?branch=${encodeURIComponent(wanted)}`);
  if (wanted !== branchId()) return;
  takeMenu(products);
  changed();
}

/** Loads it anew until it is there, one at a time. */
export const refreshMenu = inTurn(() => untilDone(loadMenu, () => null).catch(() => null));

/** The section with all of it. */
export function menu() {
  const cards = h("ul", { class: "menu" });
  const none = h("p", { class: "wait", hidden: true }, t("shop.nothing"));
  onChange(() => {
    none.hidden = state.products.size > 0;
    list(cards, [...state.products.values()], (product) => product.id, card, update);
  });
  return h("section", { "aria-labelledby": "menu-title" }, h("h2", { id: "menu-title", class: "unseen" }, t("shop.menu")), cards, none);
}

/** A picture of a product, and where that cannot be had one of any. */
export function picture(src) {
  const image = h("img", { alt: "", width: 160, height: 120, loading: "lazy", decoding: "async" });
  image.addEventListener("error", () => { if (!image.src.endsWith(NO_PICTURE)) image.src = NO_PICTURE; });
  showPicture(image, src);
  return image;
}

/** Another picture, where it is another. */
export function showPicture(image, src) {
  const wanted = src || NO_PICTURE;
  if (image.dataset.wanted === wanted) return;
  image.dataset.wanted = wanted;
  image.src = wanted;
}

function card({ id, image }) {
  const part = (tag, name) => h(tag, { class: name });
  const add = h("button", { type: "button", class: "primary", onclick: () => more(id) }, h("span", {}), h("span", { class: "badge number" }));
  return h("li", { class: "card product" },
    picture(image), h("p", { class: "off pill good", "aria-hidden": "true" }),
    h("div", { class: "about" }, part("h3", "name"), part("p", "description faint small"), part("p", "fresh small")),
    h("div", { class: "buy" }, part("p", "prices"), part("p", "left small"), add));
}

function more(id) {
  setQuantity(id, quantityOf(id) + 1);
  announce(t("shop.added", { name: state.products.get(id).name, count: quantityOf(id) }));
}

function update(element, product) {
  const at = (name) => element.querySelector(name);
  say(at(".name"), product.name);
  say(at(".description"), product.description);
  const free = left(product.id);
  const fresh = free > 0 && product.baked_at;
  say(at(".fresh"), fresh ? t("shop.baked", { ago: ago(product.baked_at, shopNow()) }) : "");
  showPicture(at("img"), product.image);
  showPrices(at(".prices"), product);
  say(at(".off"), product.discount ? number(-product.discount.percent / 100, { style: "percent" }) : "");
  const text = product.state !== "on_sale" ? t("shop.off_sale")
    : free === 0 ? t("shop.sold_out") : t(free <= FEW ? "shop.few" : "shop.left", { count: free });
  say(at(".left"), text);
  element.dataset.stock = free === 0 ? "none" : free <= FEW ? "few" : "some";
  const inBasket = quantityOf(product.id);
  const button = at("button");
  button.disabled = inBasket >= free;
  say(button.firstElementChild, t("shop.add"));
  say(button.lastElementChild, inBasket || "");
  const label = inBasket === 0 ? t("shop.add") : t("shop.add_more", { count: inBasket });
  set(button, "aria-label", `${label}: ${product.name}`);
}

/** The price now, and while there is a discount the full one, struck through and named as such. */
function showPrices(element, { price, discount }) {
  const now = money(price);
  const key = discount ? `${now}|${discount.full_price.amount}` : now;
  if (element.dataset.key === key) return;
  element.dataset.key = key;
  const label = (text) => h("span", { class: "unseen" }, `${text} `);
  replace(element,
    discount ? label(t("shop.price_now")) : null, h("strong", { class: "price" }, now),
    discount ? [" ", h("s", { class: "faint" }, label(t("shop.price_was")), money(discount.full_price))] : null);
}
