// One product on the shelf: how much of it there is, a picture of its ages, and its batches as a table.

import { h, list, replace, say, set, svg } from "../dom.js";
import { shopNow } from "../shopclock.js";
import { ago, clock, money, number, span, t } from "../text.js";

/** From so much of its life on a unit is called nearly stale. */
const OLD_FROM = 0.75;
/** Into so many parts the life of a product is divided in the picture, from fresh to stale. */
const AGES = 12;
/** Of the picture, in per cent of its height: what is left above the bars for their numbers. */
const HEAD = 26;
const COLUMNS = ["baked", "stale_at", "free"];
const FACTS = ["free", "reserved", "price", "waste"];

let count = 0;

const spent = ({ baked_at: baked, stale_at: stale }, now) => (now - Date.parse(baked)) / (Date.parse(stale) - Date.parse(baked));
const isStale = (batch, now) => Date.parse(batch.stale_at) <= now;

/** Whether most of a batch's life is over, but not all of it. */
export const isNearlyStale = (batch, now) => !isStale(batch, now) && spent(batch, now) >= OLD_FROM;

/** A card: `{ element, show(product, { offer, line, zone }) }`; what the menu and the books say may be missing. */
export function card() {
  count += 1;
  const id = `shelf-${count}`;
  const title = h("h2", { id });
  const state = h("span", { class: "pill" });
  const facts = new Map(FACTS.map((name) => [name, h("dd", {})]));
  const none = h("p", { class: "faint" }, t("shelf.nothing"));
  const picture = svg("svg", { class: "chart ages", "aria-hidden": "true" });
  const scale = h("div", { class: "row spread small faint", "aria-hidden": "true" }, h("span", {}, t("shelf.fresh")), h("span", {}, t("shelf.goes_stale")));
  const caption = h("caption", { class: "unseen" });
  const rows = h("tbody", {});
  const heads = COLUMNS.map((name) => h("th", { scope: "col", class: name === "free" ? "number" : null }, t(`shelf.${name}`)));
  const table = h("div", { class: "scroll batches", tabindex: "0", role: "group", "aria-labelledby": id }, h("table", {}, caption, h("thead", {}, h("tr", {}, heads)), rows));
  const more = h("p", { class: "small faint" }, t("shelf.truncated"));
  const element = h("section", { class: "card stack on-shelf", "aria-labelledby": id },
    h("div", { class: "row spread" }, title, state),
    h("dl", { class: "facts" }, [...facts].map(([name, value]) => h("div", {}, h("dt", {}, t(`shelf.${name}`)), value))),
    none, h("div", {}, picture, scale), table, more);
  const show = (product, { offer, line, zone }) => {
    const now = shopNow();
    // The API has the oldest first; people look for what is fresh first.
    const batches = product.batches.toReversed();
    say(title, product.name);
    say(caption, t("shelf.batches", { name: product.name }));
    stateOf(state, product);
    say(facts.get("free"), number(product.free));
    say(facts.get("reserved"), number(product.reserved));
    price(facts.get("price"), offer);
    say(facts.get("waste"), line ? number(line.stale + line.thrown) : "–");
    none.hidden = batches.length > 0;
    for (const part of [picture.parentElement, table]) part.hidden = batches.length === 0;
    more.hidden = !product.truncated;
    draw(picture, batches, now);
    list(rows, batches, ({ batch_id: key }) => key, newRow, (row, batch) => fill(row, batch, now, zone));
  };
  return { element, show };
}

function stateOf(pill, { state, free }) {
  const [kind, key] = state !== "on_sale" ? ["warn", `shelf.${state}`] : free > 0 ? ["good", "shelf.there"] : ["bad", "shelf.sold_out"];
  set(pill, "class", `pill ${kind}`);
  say(pill, t(key));
}

function price(place, offer) {
  if (!offer) return say(place, "–");
  const full = offer.discount?.full_price;
  replace(place, full ? [h("s", {}, h("span", { class: "unseen" }, `${t("shelf.instead_of")} `), money(full)), " "] : null, money(offer.price),
    full ? h("div", { class: "small faint" }, t("shelf.discount", { percent: number(offer.discount.percent / 100, { style: "percent" }) })) : null);
}

/** Units by how much of their life is over: fresh on the left, stale on the right. */
function draw(picture, batches, now) {
  const ages = Array.from({ length: AGES }, () => ({ free: 0, reserved: 0 }));
  for (const batch of batches) {
    const age = ages[Math.min(AGES - 1, Math.max(0, Math.floor(spent(batch, now) * AGES)))];
    age.free += batch.free;
    age.reserved += batch.reserved;
  }
  const most = Math.max(1, ...ages.map(({ free, reserved }) => free + reserved));
  const tall = (units) => (units / most) * (100 - HEAD);
  replace(picture, svg("line", { class: "axis", x1: 0, x2: "100%", y1: "100%", y2: "100%" }), ages.map(({ free, reserved }, i) => {
    if (free + reserved === 0) return null;
    const [x, width] = [`${((i + 0.08) / AGES) * 100}%`, `${(0.84 / AGES) * 100}%`];
    const top = 100 - tall(free + reserved);
    const part = (kind, y, units) => units > 0 && svg("rect", { class: `part part-${kind}`, x, width, y: `${y}%`, height: `${tall(units)}%` });
    return [part("reserved", top, reserved), part(i / AGES >= OLD_FROM ? "stale" : "free", 100 - tall(free), free),
      svg("text", { x: `${((i + 0.5) / AGES) * 100}%`, y: `${top - 4}%`, "text-anchor": "middle" }, number(free + reserved))];
  }));
}

const newRow = () => h("tr", {}, h("th", { scope: "row" }), h("td", {}), h("td", { class: "number" }));

function fill(row, batch, now, zone) {
  const [baked, stale, units] = row.children;
  const ends = Date.parse(batch.stale_at);
  replace(baked, clock(batch.baked_at, zone), h("div", { class: "small faint" }, ago(batch.baked_at, now)));
  replace(stale, clock(ends, zone), isStale(batch, now) ? mark("bad", "shelf.stale")
    : h("div", { class: "small faint" }, t("shelf.stale_in", { span: span((ends - now) / 1000) })),
  isNearlyStale(batch, now) ? mark("warn", "shelf.nearly_stale") : null);
  replace(units, number(batch.free), batch.reserved > 0 ? h("div", { class: "small faint" }, t("shelf.held", { count: batch.reserved })) : null);
}

const mark = (kind, key) => h("div", {}, h("span", { class: `pill ${kind}` }, t(key)));
