// What a branch is: name, address, zone, currency, and its hours, day by day.

import { h } from "../dom.js";
import { field } from "../forms.js";
import { clock, t } from "../text.js";

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
/** A Monday, to name the days in any language. */
const MONDAY = Date.UTC(2024, 0, 1, 12);
const DAY_MS = 86_400_000;

/** The fields; `one` is the branch to change, or null for a new one. */
export function branchFields(one) {
  const zonesId = one ? "zones" : "zones-new";
  const zones = Intl.supportedValuesOf?.("timeZone") ?? [];
  return [
    one ? null : field("id", t("manager.id"), { hint: t("manager.slug_hint"), maxlength: 40, autocapitalize: "none", autocomplete: "off", spellcheck: "false" }),
    field("name", t("field.name"), { value: one?.name ?? "", maxlength: 80, autocomplete: "off" }),
    field("address", t("place.address"), { value: one?.address ?? "", maxlength: 200, autocomplete: "off" }),
    h("div", { class: "two" },
      field("time_zone", t("place.zone"), { value: one?.time_zone ?? "Europe/Berlin", list: zonesId, autocomplete: "off", spellcheck: "false", hint: t("place.zone_hint") }),
      field("currency", t("place.currency"), { value: one?.currency ?? "EUR", maxlength: 3, autocapitalize: "characters", autocomplete: "off", spellcheck: "false", hint: t("place.currency_hint") })),
    h("datalist", { id: zonesId }, zones.map((zone) => h("option", { value: zone }))),
    h("fieldset", { class: "hours" }, h("legend", {}, t("place.hours")), h("p", { class: "hint" }, t("place.hours_hint")), DAYS.map((day, i) => row(day, i, one?.hours?.[day] ?? null, one === null)))];
}

function row(day, i, span, isNew) {
  const name = clock(MONDAY + i * DAY_MS, "UTC", { weekday: "long" });
  const works = span !== null || (isNew && i < 5);
  const time = (kind, otherwise) => {
    const one = field(`hours.${day}.${kind}`, t(`place.${kind}_at`, { day: name }), { value: span?.[kind] ?? otherwise, disabled: !works, maxlength: 5, inputmode: "numeric", autocomplete: "off", placeholder: otherwise });
    one.querySelector("label").classList.add("unseen");
    return one;
  };
  const times = h("div", { class: "pair times" }, time("open", "07:00"), h("span", { "aria-hidden": "true" }, "–"), time("close", "18:00"));
  const toggle = (event) => {
    for (const input of times.querySelectorAll("input")) input.disabled = !event.currentTarget.checked;
  };
  return h("div", { class: "day-hours" }, h("label", { class: "tick" }, h("input", { type: "checkbox", name: `works.${day}`, checked: works, onchange: toggle }), h("span", {}, name)), times);
}

/** The body of a branch as it stands in the form. */
export function readBranch({ elements }) {
  const text = (name) => elements[name].value.trim();
  const working = DAYS.filter((day) => elements[`works.${day}`].checked);
  const hours = Object.fromEntries(working.map((day) => [day, { open: text(`hours.${day}.open`), close: text(`hours.${day}.close`) }]));
  return { name: text("name"), address: text("address"), time_zone: text("time_zone"), currency: text("currency").toUpperCase(), hours };
}
