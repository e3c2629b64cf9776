// Fields that take more than a text: a choice, a length of time, a sum, a tick.

import { h } from "../dom.js";
import { field } from "../forms.js";
import { t } from "../text.js";

const UNITS = { s: 1, min: 60, h: 3600 };
const MINOR = 100;

/** A choice of `[value, name]`. */
export const choice = (name, label, options, chosen, props = {}) => field(name, label, {
  as: "select", inside: options.map(([value, text]) => h("option", { value, selected: value === chosen }, text)), ...props,
});

/** A length of time: a number and its unit, as the largest unit in which `seconds` is whole. */
export function duration(name, label, seconds, props = {}) {
  const unit = ["h", "min"].find((one) => seconds && seconds % UNITS[one] === 0) ?? (seconds ? "s" : "min");
  const select = h("select", { name: `${name}.unit`, "aria-label": t("manager.unit", { label }) },
    Object.keys(UNITS).map((one) => h("option", { value: one, selected: one === unit }, t(`manager.unit_${one}`))));
  return field(name, label, { type: "number", min: 0, step: "any", inputmode: "decimal", value: seconds ? seconds / UNITS[unit] : "", beside: select, ...props });
}

/** What stands in it, in seconds; undefined where there is no number. */
export function seconds(form, name) {
  const value = number(form, name);
  return value === undefined ? undefined : Math.round(value * UNITS[form.elements[`${name}.unit`].value]);
}

/** A number field, or undefined where there is none. */
export function number(form, name) {
  const { value } = form.elements[name];
  return value.trim() === "" || Number.isNaN(Number(value)) ? undefined : Number(value);
}

/** A sum as people write it, `1.50` or `1,50`, in minor units; NaN where it is none, undefined where it is empty. */
export function minor(form, name) {
  const text = form.elements[name].value.trim().replace(",", ".");
  if (text === "") return undefined;
  return /^\d{1,9}(\.\d{1,2})?$/.test(text) ? Math.round(Number(text) * MINOR) : NaN;
}

/** Minor units as one writes them into a field. */
export const written = (amount) => (amount / MINOR).toFixed(2);

/** A tick with its label. */
export const tick = (name, label, checked, props = {}) =>
  h("label", { class: "tick" }, h("input", { type: "checkbox", name, checked, ...props }), h("span", {}, label));
