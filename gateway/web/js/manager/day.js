// One day, so far or as it ended: of the chosen branch, or of all of them.

import { h, replace, say, set } from "../dom.js";
import { branch, refreshBranch } from "../branch.js";
import { poll } from "../poll.js";
import { t } from "../text.js";
import { ask, inWords, pathOf } from "./notes.js";
import { dayCharts } from "./daycharts.js";
import { dayPicker } from "./daypicker.js";
import { books, tiles } from "./daytiles.js";
import { office } from "./office.js";

/** Sales go on while one looks. */
const EVERY_MS = 10_000;

/** Opens the section. */
export function open(panel, { branchId }) {
  const failed = h("p", { class: "note bad", role: "alert", hidden: true });
  const body = h("div", { class: "stack" });
  const place = h("span", { class: "faint" });
  const state = h("span", { class: "pill", hidden: true });
  let shown = null;
  const picker = dayPicker({ today: () => branch()?.date, changed: () => polling.now() });
  const once = async () => {
    const { date, all } = picker.value();
    try {
      await refreshBranch().catch(() => null);
      picker.today();
      say(place, all ? t("day.all") : branch()?.name ?? branchId);
      const kind = all ? "office" : "branch";
      if (shown?.kind !== kind) shown = { kind, ...(all ? office() : oneBranch(branchId)) };
      const data = await shown.read(date);
      const now = picker.value();
      if (now.date !== date || now.all !== all) return;
      shown.show(data);
      state.hidden = all;
      if (!all) {
        say(state, t(data.report.closed ? "day.closed" : "day.running"));
        set(state, "class", `pill ${data.report.closed ? "cool" : "good"}`);
      }
      if (body.firstElementChild !== shown.element) replace(body, shown.element);
      failed.hidden = true;
    } catch (error) {
      failed.hidden = false;
      say(failed, inWords(error));
    }
  };
  panel.append(h("div", { class: "row spread" }, h("p", { class: "row tight" }, place, state), picker.element), failed, body);
  const polling = poll(EVERY_MS, once);
  return polling.close;
}

/** What is shown of one branch. */
function oneBranch(branchId) {
  const figures = tiles();
  const charts = dayCharts();
  const checks = books();
  const names = new Map();
  let complete = false;
  const element = h("div", { class: "stack" }, figures.element, charts.element, checks.element);
  const path = pathOf(branchId);
  /** The names, which the report has not; and how orders came by the hour. */
  const read = async (date) => {
    const [report, products, kitchen] = await Promise.all([
      ask("GET", `/admin/reports${path}/${date}`),
      complete ? null : ask("GET", `/admin/branches${path}/products`).catch(() => null),
      ask("GET", `/kitchen/stats?branch=${encodeURIComponent(branchId)}&date=${date}`).catch(() => null),
    ]);
    for (const { product } of products?.products ?? []) names.set(product.id, product.name);
    // There are new products: they are read again, and the names that are known stay.
    complete = report.lines.every((line) => names.has(line.product_id));
    return { report, hours: kitchen?.hours ?? null };
  };
  const show = ({ report, hours }) => {
    const named = report.lines.map((line) => ({ ...line, name: names.get(line.product_id) ?? line.product_id }));
    figures.show(report);
    charts.show(named, report, hours);
    checks.show(report);
  };
  return { element, read, show };
}
