// The passport of each unit: who it is, when it came out of the oven, and with which batch.

import { h } from "../dom.js";
import { clock, money, span, t } from "../text.js";

/** Their section, once there are units. */
export function passports(order, zone) {
  const units = order.items.flatMap((item) => item.units.map((unit) => ({ ...unit, product: item.product_id, name: item.name ?? item.product_id })));
  if (units.length === 0) return null;
  return h("section", { class: "stack", "aria-labelledby": "passports-title" },
    h("h2", { id: "passports-title" }, t("passport.title")), h("p", { class: "faint" }, t("passport.about")),
    h("ul", { class: "passports" }, units.map((unit) => passport(unit, order, zone))));
}

function passport({ id, product, name, baked_at: baked, batch_id: batch, price }, order, zone) {
  const picture = h("img", { src: `/images/${encodeURIComponent(product)}.svg`, alt: "", width: 160, height: 120 });
  picture.addEventListener("error", () => { picture.src = "/images/product.svg"; }, { once: true });
  const age = Math.max(0, (new Date(order.created_at) - new Date(baked)) / 1000);
  const time = h("time", { datetime: baked }, clock(baked, zone, { dateStyle: "medium", timeStyle: "medium" }));
  const rows = [
    ["passport.id", h("code", {}, id)],
    ["passport.baked", time],
    ["passport.age", span(age)],
    batch ? ["passport.batch", h("code", {}, batch)] : null,
    ["passport.price", money(price, order.currency)],
  ].filter(Boolean);
  return h("li", { class: "card passport" }, picture,
    h("div", { class: "stack" }, h("h3", {}, name),
      h("dl", {}, rows.map(([key, value]) => h("div", {}, h("dt", {}, t(key)), h("dd", {}, value))))));
}
