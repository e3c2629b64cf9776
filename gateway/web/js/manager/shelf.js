// The shelf: what is left of each product, how old, how long it stays fresh and what it costs now.

import { h, list, replace, say, set } from "../dom.js";
import { branch, refreshBranch } from "../branch.js";
import { follow } from "../live.js";
import { poll } from "../poll.js";
import { livePill } from "../status.js";
import { shopNow } from "../shopclock.js";
import { ago, clock, money, number, span, t } from "../text.js";
import { AREA, ask, inWords, pathOf } from "./notes.js";

const EVERY_MS = 10_000;
/** Ages are shown anew so often; what is left is told at once. */
const AGES_EVERY_MS = 5000;
/** From so much of its life on a unit is called old. */
const OLD_FROM = 0.75;
const COLUMNS = ["product", "state", "left", "reserved", "price", "newest", "age", "stale_at", "waste"];
const NUMBERS = ["left", "reserved", "price", "waste"];

/** Opens the section. */
export function open(panel, { branchId }) {
  const products = new Map();
  let lines = new Map();
  const failed = h("p", { class: "note bad", role: "alert", hidden: true });
  const rows = h("tbody", {});
  const sum = h("p", { class: "faint" });
  const pill = livePill();
  const heads = COLUMNS.map((name) => h("th", { scope: "col", class: NUMBERS.includes(name) ? "number" : null }, t(`shelf.${name}`)));
  panel.append(h("div", { class: "row spread" }, sum, pill.element), failed,
    h("div", { class: "card scroll", tabindex: "0", role: "group", "aria-label": t("manager.shelf") }, h("table", { class: "shelf folds" }, h("thead", {}, h("tr", {}, heads)), rows)),
    h("p", { class: "small faint" }, t("shelf.about")));
  const show = () => {
    const all = [...products.values()];
    list(rows, all, ({ id }) => id, () => h("tr", {}, h("th", { scope: "row" }), COLUMNS.slice(1).map((name) => h("td", { class: NUMBERS.includes(name) ? "number" : null, "data-label": t(`shelf.${name}`) }))),
      (row, product) => fill(row, product, lines.get(product.id)));
    say(sum, t("shelf.sum", { count: all.reduce((units, { available }) => units + available, 0), products: number(all.length) }));
  };
  const once = async () => {
    try {
      await refreshBranch().catch(() => null);
      const [menu, report] = await Promise.all([ask("GET", `/menu?branch=${encodeURIComponent(branchId)}`),
        ask("GET", `/admin/reports${pathOf(branchId)}/${branch().date}`).catch(() => null)]);
      products.clear();
      for (const product of menu.products) products.set(product.id, product);
      lines = new Map((report?.lines ?? []).map((line) => [line.product_id, line]));
      failed.hidden = true;
      show();
    } catch (error) {
      failed.hidden = false;
      say(failed, inWords(error));
    }
  };
  const polling = poll(EVERY_MS, once);
  const take = (line) => {
    const known = products.get(line.product_id);
    if (known === undefined) return polling.now();
    // The feed counts; when something came out of the oven, the menu says.
    if (line.available > known.available) polling.now();
    Object.assign(known, { available: line.available, name: line.name, state: line.state });
    if (line.baked_at) known.baked_at = line.baked_at;
    show();
  };
  const onEvent = (name, data) => {
    if (name === "product") take(data);
    else if (name === "gone") {
      products.delete(data.product_id);
      show();
    }
  };
  const feed = follow(`/shelf/live?branch=${encodeURIComponent(branchId)}`, { area: AREA, onEvent, onState: (now) => pill.show(now) });
  const ages = setInterval(show, AGES_EVERY_MS);
  return () => {
    clearInterval(ages);
    feed.close();
    polling.close();
  };
}

function fill(row, product, line) {
  const [name, state, left, reserved, price, newest, age, stale, waste] = row.children;
  say(name, product.name);
  replace(state, h("span", { class: `pill ${product.state === "off_sale" ? "warn" : product.available > 0 ? "good" : "bad"}` },
    t(product.state === "off_sale" ? "shelf.off_sale" : product.available > 0 ? "shelf.there" : "shelf.sold_out")));
  say(left, number(product.available));
  say(reserved, line ? number(line.reserved) : "–");
  const full = product.discount?.full_price;
  replace(price, full ? [h("s", {}, h("span", { class: "unseen" }, `${t("shelf.instead_of")} `), money(full)), " "] : null, money(product.price),
    full ? h("div", { class: "small faint" }, t("shelf.discount", { percent: number(product.discount.percent / 100, { style: "percent" }) })) : null);
  say(waste, line ? number(line.stale + line.thrown) : "–");
  freshness(product, newest, age, stale);
}

/** How old the newest unit is, as a bar of its life. */
function freshness({ available, baked_at: baked, shelf_life_s: life }, newest, age, stale) {
  const zone = branch()?.time_zone;
  if (!baked || available === 0) {
    for (const cell of [newest, age, stale]) replace(cell, "–");
    return;
  }
  const old = Math.max(0, (shopNow() - Date.parse(baked)) / 1000);
  const ends = Date.parse(baked) + life * 1000;
  say(newest, clock(baked, zone));
  const part = Math.min(1, old / life);
  const bar = h("span", { class: "life", "aria-hidden": "true" }, h("span", { class: part >= OLD_FROM ? "old" : "fresh" }));
  set(bar.firstElementChild, "style", { width: `${(part * 100).toFixed(1)}%` });
  replace(age, h("span", {}, ago(baked, shopNow())), bar);
  replace(stale, clock(ends, zone), h("div", { class: "small faint" }, ends > shopNow() ? t("shelf.stale_in", { span: span((ends - shopNow()) / 1000) }) : t("shelf.stale")));
}
