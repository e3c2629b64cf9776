// From a basket to an order. Whoever is not signed in leaves a name and is a guest. One checkout has
// one key: however often it is sent again after a lost answer, it is one order.

import { announce, h, list, replace, say } from "../dom.js";
import { ApiError, request } from "../api.js";
import { beGuest, signOut } from "../sign.js";
import { clearErrors, field, formError, showErrors } from "../forms.js";
import { branchId, refreshBranch } from "../branch.js";
import { dialog } from "../dialog.js";
import { keep, recall } from "../keep.js";
import { once } from "../once.js";
import { clock, explain, has, money, t } from "../text.js";
import { session } from "../session.js";
import { changed, left, lines, onChange, state, takeOut, total } from "./state.js";
import { AREA, loadAccount, who } from "./account.js";
import { loadMenu } from "./menu.js";
import { signForms } from "./signing.js";

/** An order that was sent and not answered is sent again so often, by itself. */
const TRIES_MAX = 4;
const PAUSE_MS = 700;
/** So long the answer may wait for the end of the order; it is there within a moment. */
const WAIT = "wait=5";
/** Who orders the same later than this wants it once more. */
const SAME_ORDER_MS = 3_600_000;
/** Orders that ended without a sale. */
const ENDED = ["rejected", "declined", "cancelled"];

/** Opens the dialog. */
export function checkout() {
  dialog(t("checkout.title"), (put, close) => {
    const elsewhere = () => signForms(put, () => put(form(put, close, elsewhere)));
    put(form(put, close, elsewhere));
  });
}

/** What is ordered, and whose account pays: nobody's yet where a guest orders. */
const wish = () => ({ lines: lines(), total: total(), payer: who() });

/** What is shown is what is ordered: where the basket, its prices or the payer became others, it is asked anew. */
function form(put, close, elsewhere, typed = {}) {
  const signed = session(AREA);
  const basket = wish();
  const name = typed.name ?? signed?.user?.name ?? recall("name") ?? "";
  const email = typed.email ?? recall("email") ?? "";
  const pays = h("div", {}, payer(signed, put, close, elsewhere));
  // What is in the account now is known a moment later; what was typed meanwhile stays.
  const known = JSON.stringify(state.account);
  const showPayer = () => known === JSON.stringify(state.account) || replace(pays, payer(signed, put, close, elsewhere));
  if (signed) loadAccount().then(showPayer);
  const button = h("button", { class: "primary big", type: "submit", disabled: basket.lines.length === 0 }, t("checkout.order", { total: money(basket.total) }));
  const outcome = h("div", { class: "outcome", tabindex: "-1" });
  const onsubmit = (event) => {
    event.preventDefault();
    const element = event.currentTarget;
    if (JSON.stringify(basket) === JSON.stringify(wish())) return send(element, basket, button, outcome, close);
    const next = form(put, close, elsewhere, { name: element.elements.name.value, email: element.elements.email.value, isAnew: true });
    put(next);
    next.querySelector("[type=submit]").focus();
    announce(t("checkout.anew"));
  };
  return h("form", { novalidate: true, onsubmit }, typed.isAnew ? h("p", { class: "note warn" }, t("checkout.anew")) : null, summary(basket), pays,
    field("name", t("checkout.name"), { autocomplete: "name", maxlength: 80, value: name, hint: t("checkout.name_hint") }),
    field("email", t("checkout.email"), { type: "email", autocomplete: "email", maxlength: 254, value: email }),
    formError(), outcome, button,
    signed ? null : h("button", { type: "button", class: "quiet", onclick: elsewhere }, t("checkout.sign_in")));
}

function summary(basket) {
  const line = ({ id, quantity }) => {
    const product = state.products.get(id);
    const sum = product ? money(product.price.amount * quantity, product.price.currency) : "–";
    return h("li", { class: "row spread" }, h("span", {}, `${quantity} × ${product?.name ?? id}`), h("span", { class: "number" }, sum));
  };
  return h("div", { class: "stack summary" }, h("ul", {}, basket.lines.map(line)),
    h("dl", { class: "sum" }, h("dt", {}, t("basket.total")), h("dd", { class: "number" }, money(basket.total))));
}

/** Whose account pays, and whether there is enough in it. */
function payer(signed, put, close, elsewhere) {
  const { account } = state;
  if (signed === null) return h("p", { class: "note small" }, t("checkout.guest"));
  if (account?.currency && account.currency !== state.branch.currency) {
    const anew = async () => {
      await signOut(AREA);
      put(form(put, close, elsewhere));
    };
    return h("div", { class: "note warn stack" }, h("p", {}, t("checkout.other_currency", { is: account.currency, wants: state.branch.currency })),
      account.username ? null : h("p", { class: "small" }, t("account.guest_leaves")),
      h("button", { type: "button", onclick: anew }, t("checkout.as_guest")));
  }
  if (!account?.balance) return null;
  const enough = account.balance.amount >= total().amount;
  const words = t(enough ? "checkout.pays" : "checkout.too_little", { name: account.name, balance: money(account.balance) });
  return h("p", { class: enough ? "note small" : "note warn" }, words);
}

async function send(form, basket, button, outcome, close) {
  clearErrors(form);
  outcome.replaceChildren();
  const [name, email] = [form.elements.name.value.trim(), form.elements.email.value.trim()];
  button.disabled = true;
  button.textContent = t("checkout.sending");
  let isPlaced = false;
  try {
    if (session(AREA) === null) await beGuest(AREA, name, state.branch.currency);
    basket.payer = who();
    if (name) keep("name", name);
    keep("email", email || null);
    const order = await place(basket, { name, ...(email ? { email } : {}) });
    isPlaced = !ENDED.includes(order.status);
    if (isPlaced) goTo(order, basket, close);
    else await sayWhy(order, outcome, close);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.code === "branch_closed") await refreshBranch().then((fresh) => { if (fresh.id === branchId()) state.branch = fresh; }).catch(() => null);
    const names = { "customer.name": "name", "customer.email": "email" };
    showErrors(form, reworded(error), names);
  } finally {
    button.disabled = isPlaced;
    if (!isPlaced) button.textContent = t("checkout.order", { total: money(basket.total) });
    changed();
    if (!isPlaced) loadAccount();
  }
}

/** Sends the order until there is an answer, under one key. */
async function place(basket, customer) {
  const items = basket.lines.map(({ id, quantity }) => ({ product_id: id, quantity }));
  const body = { branch: branchId(), customer, items };
  return once(JSON.stringify([body, who()]), SAME_ORDER_MS, async (key) => {
    for (let tries = 1; ; tries += 1) {
      try {
        return await request("POST", "/orders", { body, key, prefer: WAIT, area: AREA });
      } catch (error) {
        if (!error.isPassing || tries === TRIES_MAX) throw error;
        const ms = Math.max(PAUSE_MS * 2 ** tries, (error.retryAfter ?? 0) * 1000);
        await new Promise((resolve) => setTimeout(resolve, ms));
      }
    }
  });
}

/** Goes to the order. The dialog says that it is under way until its page is there, and is gone on the way back. */
function goTo(order, basket, close) {
  takeOut(basket.lines);
  addEventListener("pagehide", close, { once: true });
  location.assign(`/orders/${order.id}`);
}

/** An order that ended without a sale: why is said here, where it can be mended. */
async function sayWhy(order, outcome, close) {
  await Promise.all([loadMenu(), loadAccount()]).catch(() => null);
  const code = order.reason?.code;
  const money_ = { total: money(order.total ?? total().amount, state.branch.currency), balance: state.account?.balance ? money(state.account.balance) : "–" };
  const words = has(`reason.${code}`) ? t(`reason.${code}`, money_) : order.reason?.detail ?? t("error.unknown");
  // What is short changes with the shelf, and is no reason to say all of it again.
  outcome.replaceChildren(h("div", { class: "note bad stack" }, h("strong", { role: "alert" }, words), short(),
    h("button", { type: "button", onclick: close }, t("checkout.back"))));
  outcome.focus();
}

/** The lines that are short, as long as they are shown: who was faster may be known a moment later. */
function short() {
  const all = h("ul", {});
  const wanting = ({ id, quantity }) => quantity > left(id);
  const line = (element, { id, quantity }) => say(element, t("checkout.short", { name: state.products.get(id)?.name ?? id, wanted: quantity, count: left(id) }));
  const show = () => list(all, lines().filter(wanting), ({ id }) => id, () => h("li", {}), line);
  show();
  const end = onChange(() => (all.isConnected ? show() : end()));
  return all;
}

function reworded(error) {
  if (error.code === "branch_closed" && error.retryAt) {
    const time = clock(error.retryAt, state.branch.time_zone, { weekday: "long", hour: "numeric", minute: "2-digit" });
    error.detail = t("shop.opens", { time });
    error.code = "told";
  } else if (error.code === "branch_closed") error.detail = t("shop.closed");
  else error.detail = explain(error);
  return error;
}
