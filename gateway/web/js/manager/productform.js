// A new product, or a product otherwise.

import { h } from "../dom.js";
import { field } from "../forms.js";
import { t } from "../text.js";
import { duration, minor, number, seconds, tick, written } from "./fields.js";
import { ask, pathOf } from "./notes.js";
import { formDialog } from "./asking.js";

const ID = /^[a-z0-9][a-z0-9-]{0,34}$/;

/** A product as it is sent: the same without its id. */
export function body({ id, ...product }) {
  return product;
}

/** Opens the dialog; `entry` is what to change, or null. `done(text)` is called when it is saved. */
export function productDialog({ branchId, entry, currency, taken, done }) {
  const product = entry?.product ?? null;
  formDialog(product ? t("product.edit_title", { name: product.name }) : t("product.add"), () => {
    const bakes = h("fieldset", { hidden: product !== null && !product.production }, h("legend", {}, t("product.production")),
      h("div", { class: "two" }, duration("production.every_s", t("product.every"), product?.production?.every_s ?? 1800),
        field("production.batch", t("product.batch"), { type: "number", min: 1, step: 1, inputmode: "numeric", value: product?.production?.batch ?? 5 })));
    const toggle = (event) => { bakes.hidden = !event.currentTarget.checked; };
    return {
      fields: [
        product ? null : field("id", t("manager.id"), { hint: t("manager.slug_hint"), maxlength: 35, autocomplete: "off", autocapitalize: "none", spellcheck: "false" }),
        field("name", t("field.name"), { value: product?.name ?? "", maxlength: 80, autocomplete: "off" }),
        field("description", t("product.description"), { as: "textarea", rows: 3, value: product?.description ?? "", maxlength: 500 }),
        h("div", { class: "two" },
          field("price.amount", t("product.price_in", { currency }), { value: product ? written(product.price.amount) : "", inputmode: "decimal", autocomplete: "off", placeholder: "1.50" }),
          field("discount_percent", t("product.discount_percent"), { type: "number", min: 0, max: 100, step: 1, inputmode: "numeric", value: product?.discount_percent ?? 30 })),
        duration("shelf_life_s", t("product.life"), product?.shelf_life_s ?? 43_200, { hint: t("product.life_hint") }),
        field("image", t("product.image"), { value: product?.image ?? "", maxlength: 500, autocomplete: "off", spellcheck: "false", placeholder: "/images/donut.svg", hint: t("product.image_hint") }),
        tick("bakes", t("product.bakes"), product === null || Boolean(product.production), { onchange: toggle }), bakes],
      submit: t("manager.save"),
      names: { "price.currency": "price.amount" },
      wrongs: (form) => wrongs(form, product, taken),
      send: async (form) => {
        const { elements } = form;
        const id = product?.id ?? elements.id.value.trim();
        await ask("PUT", `/admin/branches${pathOf(branchId)}/products${pathOf(id)}`, { body: read(form, currency) });
        await done(t("product.saved", { name: elements.name.value.trim() }));
      },
    };
  });
}

function wrongs(form, product, taken) {
  const errors = [];
  const id = form.elements.id?.value?.trim() ?? "";
  if (product === null && !ID.test(id)) errors.push({ field: "id", reason: t("manager.slug_wrong") });
  else if (taken.includes(id)) errors.push({ field: "id", reason: t("product.taken") });
  if (Number.isNaN(minor(form, "price.amount"))) errors.push({ field: "price.amount", reason: t("product.price_wrong") });
  return errors;
}

function read(form, currency) {
  const text = (name) => form.elements[name].value.trim();
  return {
    name: text("name"),
    description: text("description"),
    price: { amount: minor(form, "price.amount"), currency },
    image: text("image"),
    shelf_life_s: seconds(form, "shelf_life_s"),
    discount_percent: number(form, "discount_percent"),
    production: form.elements.bakes.checked ? { every_s: seconds(form, "production.every_s"), batch: number(form, "production.batch") } : null,
  };
}
