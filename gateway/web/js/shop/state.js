// What the shop's page knows, and the one signal that it changed. The basket is kept by the browser, one
// a branch, so that it is there after a reload and in every tab.

import { keep, recall, watch } from "../keep.js";
import { branchId } from "../branch.js";

/** The API takes no more lines, and nobody wants more of one by hand. */
const LINES_MAX = 50;
export const QUANTITY_MAX = 99;
const BASKETS = "baskets";

/** `products`: by id, in the order of the menu. `account`: who is signed in, with the balance. */
export const state = { branch: null, products: new Map(), account: null };

let listeners = [];
let told = false;

/** Calls `show` after changes, once for many; gives a function that ends it. */
export function onChange(show) {
  listeners.push(show);
  return () => { listeners = listeners.filter((one) => one !== show); };
}

/** Tells that something changed. */
export function changed() {
  if (told) return;
  told = true;
  setTimeout(() => {
    told = false;
    for (const show of listeners) if (state.branch) show();
  });
}

watch(BASKETS, changed);

/** What the live feed has said of each product, `null` where it is gone. A menu may be a second old, so
 * as long as the feed speaks its word is the newer one. */
const said = new Map();

/** Takes the menu, but not what is known better: of a product that it does not have yet, what is known stays. */
export function takeMenu(products) {
  const there = products.filter(({ id }) => said.get(id) !== null);
  const besides = [...state.products.values()].filter(({ id }) => said.get(id) && !there.some((product) => product.id === id));
  state.products = new Map([...there, ...besides].map((product) => [product.id, newer(product, said.get(product.id))]));
}

/** Takes what the live feed says of a product; false where the menu should be asked for the rest of it. */
export function takeLine({ product_id: id, ...line }) {
  said.set(id, line);
  const known = state.products.get(id);
  if (known === undefined) return false;
  state.products.set(id, newer(known, line));
  return line.available <= known.available || "baked_at" in line;
}

/** A product is gone, says the live feed. */
export function takeOff(id) {
  said.set(id, null);
  state.products.delete(id);
}

/** The live feed does not speak any more, or begins anew. */
export function forgetLines() {
  said.clear();
}

const newer = (product, line) => (line ? { ...product, discount: undefined, ...line } : product);

/** The lines of the basket: `{ id, quantity }`. */
export function lines() {
  const all = recall(BASKETS)?.[branchId()];
  const valid = (line) => typeof line?.id === "string" && Number.isInteger(line.quantity) && line.quantity > 0;
  return Array.isArray(all) ? all.filter(valid) : [];
}

/** How many of a product are in it. */
export const quantityOf = (id) => lines().find((line) => line.id === id)?.quantity ?? 0;

/** Puts so many of a product into the basket, 0 takes it out. */
export function setQuantity(id, wanted) {
  const quantity = Math.max(0, Math.min(QUANTITY_MAX, Math.trunc(wanted) || 0));
  const old = lines();
  const is = old.some((line) => line.id === id);
  const next = is ? old.map((line) => (line.id === id ? { id, quantity } : line)) : [...old, { id, quantity }];
  write(next.filter((line) => line.quantity > 0).slice(0, LINES_MAX));
}

/** Takes what was ordered out of the basket; what another tab has put in besides stays. */
export function takeOut(ordered) {
  const left = ({ id, quantity }) => quantity - (ordered.find((line) => line.id === id)?.quantity ?? 0);
  write(lines().map((line) => ({ ...line, quantity: left(line) })).filter((line) => line.quantity > 0));
}

function write(next) {
  keep(BASKETS, { ...recall(BASKETS), [branchId()]: next });
  changed();
}

/** The sum of the basket by the prices that are shown; the bakery's are the ones that count. */
export function total() {
  const sum = (all, { id, quantity }) => all + quantity * (state.products.get(id)?.price.amount ?? 0);
  return { amount: lines().reduce(sum, 0), currency: state.branch.currency };
}

/** How many of a product can be had now. */
export function left(id) {
  const product = state.products.get(id);
  return product && product.state === "on_sale" ? product.available : 0;
}
