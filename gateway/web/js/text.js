// Everything people read, in their language. The words are in text/<language>/<part>.js; a page loads
// those of one language, the shared part and its own.

import { recall, keep } from "./keep.js";

/** The languages there are, as each calls itself. */
export const LANGUAGES = { en: "English", de: "Deutsch" };
const STORED = "language";
const MINUTE_S = 60;
const HOUR_S = 3600;
const DAY_S = 86_400;
/** Sums are hundredths in every currency, as everywhere in the bakery. */
const MINOR = 100;

const words = {};
let chosen = choose();

function choose() {
  const wanted = [recall(STORED), ...(navigator.languages ?? [navigator.language])];
  const known = wanted.map((tag) => String(tag ?? "").slice(0, 2)).find((tag) => tag in LANGUAGES);
  return known ?? "en";
}

/** The language of the page. */
export const language = () => chosen;

/** Another language, from now on: the page begins anew in it. */
export function setLanguage(tag) {
  keep(STORED, tag);
  location.reload();
}

/** Loads the words of these parts, and translates what the page has from its markup. */
export async function load(...parts) {
  const wanted = ["shared", ...parts].map((part) => import(`./text/${chosen}/${part}.js`));
  for (const { default: part } of await Promise.all(wanted)) Object.assign(words, part);
  document.documentElement.lang = chosen;
  for (const element of document.querySelectorAll("[data-text]")) {
    element.textContent = t(element.dataset.text);
  }
}

/**
 * The words for a key. `{name}` in them is replaced by the parameter of that name; where the
 * words have several numbers (`{ one, other }`), `count` chooses.
 */
export function t(key, params = {}) {
  let text = words[key] ?? key;
  if (typeof text === "object") text = text[plural(params.count ?? 0)] ?? text.other;
  return text.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = params[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? number(value) : value;
  });
}

/** Whether there are words for a key: codes come from outside, and there may be new ones. */
export const has = (key) => key in words;

const formats = new Map();
function format(Kind, options) {
  const key = Kind.name + JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Kind(chosen, options));
  return formats.get(key);
}

const plural = (count) => format(Intl.PluralRules, {}).select(count);

/** A number as people here write it. */
export const number = (value, options = {}) => format(Intl.NumberFormat, options).format(value);

/** A sum: `{ amount: 450, currency: "EUR" }`, or minor units and a currency. */
export function money(sum, currency) {
  const [minor, code] = typeof sum === "object" ? [sum.amount, sum.currency] : [sum, currency];
  const options = { style: "currency", currency: code, minimumFractionDigits: 2, maximumFractionDigits: 2 };
  return number(minor / MINOR, options);
}

/** How long ago something was, seen from `now`, such as "4 minutes ago". */
export function ago(date, now) {
  const s = Math.max(0, (new Date(now) - new Date(date)) / 1000);
  if (s < MINUTE_S) return t("time.now");
  const [count, unit] = s < HOUR_S ? [s / MINUTE_S, "minute"] : s < DAY_S ? [s / HOUR_S, "hour"] : [s / DAY_S, "day"];
  return format(Intl.RelativeTimeFormat, {}).format(-Math.floor(count), unit);
}

/** How long something takes, such as "1 hr, 5 min". */
export function span(seconds) {
  const s = Math.max(0, Math.round(seconds));
  const one = (value, unit) => number(value, { style: "unit", unit, unitDisplay: "short" });
  if (s < MINUTE_S) return one(s, "second");
  const [hours, minutes] = [Math.floor(s / HOUR_S), Math.floor((s % HOUR_S) / MINUTE_S)];
  if (hours === 0) return one(minutes, "minute");
  return minutes === 0 ? one(hours, "hour") : `${one(hours, "hour")} ${one(minutes, "minute")}`;
}

/** The time of day as the clock of a branch shows it. */
export function clock(date, zone, options = { hour: "numeric", minute: "2-digit" }) {
  return format(Intl.DateTimeFormat, { ...options, timeZone: zone }).format(new Date(date));
}

/** The day and the time there. */
export const moment = (date, zone) => clock(date, zone, { dateStyle: "medium", timeStyle: "short" });

/** What to tell people of an error: our words for its code, and else the API's own. */
export function explain(error) {
  const key = `error.${error.code}`;
  return has(key) ? t(key) : error.detail || error.title || t("error.unknown");
}
