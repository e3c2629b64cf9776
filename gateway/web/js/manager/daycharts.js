// The charts of a day at one branch.

import { h } from "../dom.js";
import { money, number, t } from "../text.js";
import { bars, columns } from "./charts.js";

/** Where a unit is that was baked: each is in one of these. */
const WHERE = ["sold_full", "sold_discount", "reserved", "free", "stale", "thrown"];
/** Below so many hours each has its name. */
const MARK_EACH_H = 3;

const most = (rows) => rows.reduce((best, row) => (best === null || row.values[0] > best.values[0] ? row : best), null);

/** `show(lines, report, hours)`: lines have names; hours may be null. */
export function dayCharts() {
  let currency = "EUR";
  const sum = (value) => money(value, currency);
  const total = (rows, i) => rows.reduce((all, { values }) => all + values[i], 0);
  const product = t("day.product");
  const units = bars({
    title: t("day.units_title"), column: product, none: t("day.nothing_baked"),
    kinds: WHERE.map((kind) => ({ kind, name: t(`day.${kind}`) })),
    describe: (rows) => WHERE.map((kind, i) => `${t(`day.${kind}`)} ${number(total(rows, i))}`).join(", "),
  });
  const takings = bars({
    title: t("day.takings_title"), column: product, none: t("day.nothing_sold"), format: sum,
    kinds: [{ kind: "sold_full", name: t("day.takings") }],
    describe: (rows) => (rows.length > 0 ? t("day.takings_most", { name: most(rows).name, sum: sum(most(rows).values[0]) }) : t("day.nothing_sold")),
  });
  const missed = bars({
    title: t("day.missed_title"), column: product, none: t("day.nothing_missed"),
    kinds: [{ kind: "missed", name: t("day.missed") }],
    describe: (rows) => (rows.length > 0 ? t("day.missed_most", { name: most(rows).name, count: most(rows).values[0] }) : t("day.nothing_missed")),
  });
  const hourly = columns({
    title: t("day.hours_title"), kind: "free", column: t("day.hour"), value: t("day.orders"),
    describe: (rows) => {
      const best = rows.reduce((a, b) => (b.value > a.value ? b : a), rows[0]);
      return best.value > 0 ? t("day.hours_most", { hour: best.name, count: best.value }) : t("day.no_orders");
    },
  });
  const element = h("div", { class: "charts" }, units.element, h("div", { class: "stack" }, takings.element, missed.element, hourly.element));
  const show = (lines, report, hours) => {
    ({ currency } = report);
    const down = (rows) => rows.sort((a, b) => b.values[0] - a.values[0]);
    units.show(lines.filter(({ baked }) => baked > 0).map((line) => ({ name: line.name, values: WHERE.map((kind) => line[kind]) })));
    takings.show(down(lines.filter((line) => line.takings !== 0).map((line) => ({ name: line.name, values: [line.takings] }))));
    missed.show(down(lines.filter((line) => line.missed > 0).map((line) => ({ name: line.name, values: [line.missed] }))));
    hourly.element.hidden = hours === null;
    const known = new Map((hours ?? []).map(({ hour, orders }) => [hour, orders]));
    const pad = (hour) => `${String(hour).padStart(2, "0")}:00`;
    hourly.show(Array.from({ length: 24 }, (_, hour) => ({ name: pad(hour), value: known.get(hour) ?? 0, mark: hour % MARK_EACH_H === 0 ? String(hour) : null })));
  };
  return { element, show };
}
