// The shelf: what is left of each product, by age. The shelf itself says what there is; the menu adds the
// price, the day's books the waste.

import { h, list, replace, say } from "../dom.js";
import { branch, refreshBranch } from "../branch.js";
import { follow } from "../live.js";
import { poll } from "../poll.js";
import { livePill } from "../status.js";
import { heard, shopNow } from "../shopclock.js";
import { number, t } from "../text.js";
import { AREA, ask, inWords, pathOf } from "./notes.js";
import { card, isNearlyStale } from "./shelfcard.js";

const EVERY_MS = 30_000;
/** What happens on the shelf often happens several times at once: so long after the first news it is asked. */
const SOON_MS = 1500;
/** Ages are shown anew so often. */
const AGES_EVERY_MS = 5000;
/** What a bar can stand for: colours of the style sheet and their words. */
const KINDS = { free: "shelf.free", stale: "shelf.old", reserved: "shelf.reserved" };

/** Opens the section. */
export function open(panel, { branchId }) {
  const known = { products: [], menu: new Map(), lines: new Map() };
  const cards = new Map();
  const failed = h("p", { class: "note bad", role: "alert", hidden: true });
  const grid = h("div", { class: "products" });
  const sum = h("p", { class: "faint" });
  const old = h("p", { class: "pill warn", hidden: true });
  const pill = livePill();
  const legend = h("ul", { class: "legend small", "aria-hidden": "true" },
    Object.entries(KINDS).map(([kind, key]) => h("li", {}, h("span", { class: `swatch part-${kind}` }), t(key))));
  panel.append(h("div", { class: "row spread" }, h("div", { class: "row" }, sum, old), pill.element), failed, legend, grid,
    h("p", { class: "small faint" }, t("shelf.about")));
  const show = () => {
    const cardOf = ({ product_id: id }) => {
      if (!cards.has(id)) cards.set(id, card());
      return cards.get(id);
    };
    list(grid, known.products, ({ product_id: id }) => id, (product) => cardOf(product).element,
      (_, product) => cardOf(product).show(product, { offer: known.menu.get(product.product_id), line: known.lines.get(product.product_id), zone: branch()?.time_zone }));
    tell(known.products, sum, old);
  };
  const once = async () => {
    try {
      await refreshBranch().catch(() => null);
      const [shelf, menu, report] = await Promise.all([ask("GET", `/admin/branches${pathOf(branchId)}/shelf`),
        ask("GET", `/menu?branch=${encodeURIComponent(branchId)}`),
        ask("GET", `/admin/reports${pathOf(branchId)}/${branch().date}`).catch(() => null)]);
      heard(shelf.now);
      known.products = shelf.products;
      known.menu = new Map(menu.products.map((product) => [product.id, product]));
      known.lines = new Map((report?.lines ?? []).map((line) => [line.product_id, line]));
      failed.hidden = true;
      show();
    } catch (error) {
      failed.hidden = false;
      say(failed, inWords(error));
    }
  };
  const polling = poll(EVERY_MS, once);
  let soon = null;
  const onEvent = () => {
    // A hidden tab asks when it is seen again.
    if (soon !== null || document.hidden) return;
    soon = setTimeout(() => {
      soon = null;
      polling.now();
    }, SOON_MS);
  };
  const feed = follow(`/shelf/live?branch=${encodeURIComponent(branchId)}`, { area: AREA, onEvent, onState: (now) => pill.show(now) });
  const ages = setInterval(show, AGES_EVERY_MS);
  return () => {
    clearInterval(ages);
    clearTimeout(soon);
    feed.close();
    polling.close();
  };
}

/** All of it in a sentence, and how much of it is nearly stale. */
function tell(products, sum, old) {
  const units = products.reduce((all, { free }) => all + free, 0);
  const there = products.filter(({ free }) => free > 0).length;
  say(sum, t("shelf.sum", { count: units, products: number(there) }));
  const batches = products.flatMap((product) => product.batches).filter((batch) => isNearlyStale(batch, shopNow()));
  const count = batches.reduce((all, { free }) => all + free, 0);
  old.hidden = count === 0;
  replace(old, t("shelf.sum_old", { count }));
}
