// What the branch sells: each product, on sale, off sale for now, or retired.

import { h, isNew, list, replace, say, set } from "../dom.js";
import { branch } from "../branch.js";
import { poll } from "../poll.js";
import { money, number, span, t } from "../text.js";
import { confirm, lead } from "./asking.js";
import { body, productDialog } from "./productform.js";
import { ask, doing, inWords, notes, pathOf } from "./notes.js";

const EVERY_MS = 15_000;
const NO_PICTURE = "/images/product.svg";
const ORDER = ["on_sale", "off_sale", "retired"];

/** Opens the section. */
export function open(panel, { branchId }) {
  const said = notes();
  const failed = h("p", { class: "note bad", role: "alert", hidden: true });
  const cards = h("ul", { class: "products" });
  const none = h("p", { class: "faint", hidden: true }, t("product.none"));
  const count = h("p", { class: "faint" });
  let products = [];
  const around = { branchId, said, changed: async (text) => {
    said.good(text);
    await polling.now();
  } };
  const once = async () => {
    try {
      ({ products } = await ask("GET", `/admin/branches${pathOf(branchId)}/products`));
      failed.hidden = true;
    } catch (error) {
      failed.hidden = false;
      say(failed, inWords(error));
    }
    none.hidden = products.length > 0;
    say(count, t("product.count", { count: products.filter(({ state }) => state === "on_sale").length, all: number(products.length) }));
    const sorted = products.toSorted((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
    const had = document.activeElement;
    const at = had?.closest(".made");
    list(cards, sorted, ({ product }) => product.id, () => h("li", { class: "card made" }), (element, entry) => {
      if (!isNew(element, entry)) return;
      set(element, "dataset", { state: entry.state });
      replace(element, card(entry, around));
    });
    // What had the focus may be drawn anew, or stand in another place.
    if (!at || at.contains(document.activeElement)) return;
    if (had.isConnected) had.focus();
    else lead(at);
  };
  const add = () => productDialog({ branchId, entry: null, currency: branch()?.currency ?? "EUR", taken: products.map(({ product }) => product.id), done: around.changed });
  panel.append(h("div", { class: "row spread" }, count, h("button", { type: "button", class: "primary", onclick: add }, t("product.add"))), said.element, failed, cards, none);
  const polling = poll(EVERY_MS, once);
  return polling.close;
}

function picture(src) {
  const image = h("img", { src: src || NO_PICTURE, alt: "", width: 88, height: 88, loading: "lazy", decoding: "async" });
  image.addEventListener("error", () => { image.src = NO_PICTURE; }, { once: true });
  return image;
}

function card(entry, around) {
  const { product, state } = entry;
  const { production } = product;
  const facts = [
    ["price", money(product.price)],
    ["life", span(product.shelf_life_s)],
    ["discount", number(product.discount_percent / 100, { style: "percent" })],
    ["production", production ? t("product.made", { count: production.batch, span: span(production.every_s) }) : t("product.by_hand")],
  ];
  const kind = { on_sale: "good", off_sale: "warn", retired: "" }[state];
  return [
    h("div", { class: "made-head" }, picture(product.image), h("div", {}, h("h2", {}, product.name), h("p", { class: "small faint" }, h("code", {}, product.id)), h("span", { class: `pill ${kind}` }, t(`product.${state}`)))),
    product.description ? h("p", { class: "small" }, product.description) : null,
    h("dl", { class: "facts small" }, facts.map(([name, value]) => h("div", {}, h("dt", {}, t(`product.${name}`)), h("dd", {}, value)))),
    buttons(entry, around)];
}

function buttons(entry, { branchId, said, changed }) {
  const { product, state } = entry;
  const path = `/admin/branches${pathOf(branchId)}/products${pathOf(product.id)}`;
  const { name } = product;
  const labelled = (key) => ({ "aria-label": `${t(key)}: ${name}` });
  const tried = (work) => async () => {
    try {
      await work();
    } catch (error) {
      said.bad(error);
    }
  };
  const sale = (on_sale) => tried(async () => {
    await ask("PUT", `${path}/sale`, { body: { on_sale } });
    await changed(t(on_sale ? "product.is_on" : "product.is_off", { name }));
  });
  const back = tried(async () => {
    await ask("PUT", path, { body: body(product) });
    await changed(t("product.is_back", { name }));
  });
  const retire = () => confirm({
    title: t("product.retire"), text: t("product.retire_really", { name }), yes: t("product.retire"),
    work: async () => {
      await ask("DELETE", path);
      await changed(t("product.is_retired", { name }));
    },
  });
  const edit = () => productDialog({ branchId, entry, currency: product.price.currency, taken: [], done: changed });
  if (state === "retired") return h("div", { class: "row tight" }, doing(t("product.bring_back"), labelled("product.bring_back"), back));
  return h("div", { class: "row tight" },
    h("button", { type: "button", ...labelled("product.edit"), onclick: edit }, t("product.edit")),
    state === "on_sale" ? doing(t("product.take_off"), labelled("product.take_off"), sale(false)) : doing(t("product.put_on"), { class: "primary", ...labelled("product.put_on") }, sale(true)),
    h("button", { type: "button", class: "danger", ...labelled("product.retire"), onclick: retire }, t("product.retire")));
}
