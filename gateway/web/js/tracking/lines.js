// What was ordered and what it cost.

import { h } from "../dom.js";
import { money, t } from "../text.js";

/** The lines with their prices, once those are known. */
export function lines({ items, total, currency }) {
  const one = (item) => h("li", { class: "row spread item" },
    h("span", {}, h("strong", {}, `${item.quantity} × ${item.name ?? item.product_id}`), prices(item, currency)),
    h("span", { class: "number" }, item.line_total === null ? "" : money(item.line_total, currency)));
  const sum = total === null ? null : h("dl", { class: "sum" }, h("dt", {}, t("tracking.total")), h("dd", { class: "number" }, money(total, currency)));
  return h("section", { class: "card stack", "aria-labelledby": "lines-title" },
    h("h2", { id: "lines-title" }, t("tracking.lines")), h("ul", { class: "items" }, items.map(one)), sum);
}

/** Units of one line may cost differently: what was baked earlier may be cheaper. */
function prices({ prices: all }, currency) {
  const discounted = (all ?? []).filter((price) => price.full_price);
  if ((all ?? []).length < 2 && discounted.length === 0) return null;
  return h("span", { class: "small faint prices" }, all.map(({ quantity, unit_price: price, full_price: full }) =>
    h("span", {}, t("tracking.each", { count: quantity, price: money(price, currency) }),
      full ? [" ", h("s", {}, h("span", { class: "unseen" }, `${t("tracking.instead_of")} `), money(full, currency))] : null)));
}
