// Which day, and of which branches.

import { h } from "../dom.js";
import { t } from "../text.js";

const DAY_MS = 86_400_000;

/** `value()` gives `{ date, all }`; `today()` goes on to the new day where the last one was followed. */
export function dayPicker({ today, changed }) {
  const input = h("input", { type: "date", value: today(), max: today(), required: true, "aria-label": t("day.date") });
  let follows = true;
  const all = h("input", { type: "checkbox", onchange: () => changed() });
  const next = h("button", { type: "button", class: "icon", "aria-label": t("day.next"), onclick: () => move(1) }, "›");
  const now = h("button", { type: "button", onclick: () => pick(today()) }, t("day.today"));
  const pick = (date) => {
    if (!date) return;
    input.value = date > today() ? today() : date;
    follows = input.value === today();
    show();
    changed();
  };
  const move = (days) => pick(new Date(Date.parse(value().date) + days * DAY_MS).toISOString().slice(0, 10));
  const show = () => {
    input.max = today();
    next.disabled = follows;
    now.disabled = follows;
  };
  // An empty field, as while one types, is no day.
  const value = () => ({ date: input.value || today(), all: all.checked });
  input.addEventListener("change", () => (input.value ? pick(input.value) : pick(today())));
  show();
  const element = h("div", { class: "row day-picker" },
    h("label", { class: "tick" }, all, h("span", {}, t("day.all"))),
    h("div", { class: "row tight" }, h("button", { type: "button", class: "icon", "aria-label": t("day.previous"), onclick: () => move(-1) }, "‹"), input, next, now));
  return { element, value, today: () => {
    if (follows && input.value !== today()) input.value = today();
    show();
  } };
}
