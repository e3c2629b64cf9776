// Fields with their labels, and what is wrong with them beside them.

import { byId, h, set } from "./dom.js";
import { explain, has, t } from "./text.js";

let count = 0;

/**
 * A labelled field: `field("customer.name", label, { maxlength: 80, autocomplete: "name" })`. Its
 * name is the one that the API uses, so that `showErrors` finds it. `hint` is said below it. It is an
 * `input`, or what `as` says with what is `inside`; `beside` it there may be another element.
 */
export function field(name, label, { hint, as = "input", inside = [], beside = null, ...props } = {}) {
  count += 1;
  const id = `field-${count}`;
  const described = [hint ? `${id}-hint` : null, `${id}-error`].filter(Boolean).join(" ");
  const input = h(as, { id, name, "aria-describedby": described, ...props }, inside);
  return h("div", { class: "field" },
    h("label", { for: id }, label), beside ? h("div", { class: "pair" }, input, beside) : input,
    hint ? h("p", { class: "hint", id: `${id}-hint` }, hint) : null,
    h("p", { class: "error", id: `${id}-error`, hidden: true }));
}

/** Takes all errors of a form away. */
export function clearErrors(form) {
  for (const input of form.querySelectorAll("[aria-invalid]")) show(input, null);
  const all = form.querySelector(".form-error");
  if (all) all.hidden = true;
}

function show(input, reason) {
  set(input, "aria-invalid", reason === null ? null : "true");
  const place = byId(`${input.id}-error`);
  if (!place) return;
  place.hidden = reason === null;
  place.textContent = reason ?? "";
}

/**
 * Shows an ApiError in a form: reasons beside their fields (the first gets the focus), and what has
 * no field here in the element `.form-error`. `names` maps the API's names to those of the form.
 */
export function showErrors(form, error, names = {}) {
  clearErrors(form);
  let first = null;
  const rest = [];
  for (const { field: name, reason } of error.errors) {
    const input = form.elements.namedItem(names[name] ?? name);
    if (input instanceof HTMLElement) {
      show(input, inWords(reason));
      first ??= input;
    } else {
      rest.push(`${name}: ${reason}`);
    }
  }
  const all = form.querySelector(".form-error");
  if (all && (first === null || rest.length > 0)) {
    all.textContent = rest.length > 0 ? rest.join("; ") : explain(error);
    all.hidden = false;
    if (first === null) all.focus();
  }
  first?.focus();
}

/** Our words for what the API says of fields, where we have some. */
function inWords(reason) {
  return has(`field.${reason}`) ? t(`field.${reason}`) : reason;
}

/** The place for what is wrong with a form as a whole. */
export const formError = () => h("p", { class: "form-error", role: "alert", tabindex: "-1", hidden: true });
