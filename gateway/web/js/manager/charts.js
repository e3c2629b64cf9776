// Charts as pictures of shapes, each with the same numbers as a table for whoever cannot see them. A
// chart stays where it is and shows other numbers, so that an open table stays open.

import { h, replace, say, svg } from "../dom.js";
import { number, t } from "../text.js";

/** Longer names are cut in the picture; the table has all of them. */
const NAME_MAX = 30;
const ROW_EM = 2.9;
/** Where in its row a bar is, below its name. */
const BAR_AT_EM = 1.35;
const BAR_EM = 0.95;
/** Of a column chart, in per cent of its height: what is left for the labels. */
const FOOT = 14;
const HEAD = 12;

let count = 0;

/** A figure: title, picture with title and description, table. */
function figure(title, describe, kinds) {
  count += 1;
  const [titleId, descId] = [`chart-${count}`, `chart-${count}-desc`];
  const picture = svg("svg", { class: "chart", role: "img", "aria-labelledby": `${titleId} ${descId}` });
  const head = h("tr", {});
  const body = h("tbody", {});
  const table = h("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": title }, h("table", { class: "small" }, h("thead", {}, head), body));
  const legend = kinds.length < 2 ? null : h("ul", { class: "legend small", "aria-hidden": "true" },
    kinds.map(({ kind, name }) => h("li", {}, h("span", { class: `swatch part-${kind}` }), name)));
  const element = h("figure", { class: "card stack" }, h("figcaption", {}, h("h2", { id: titleId }, title)), legend, picture,
    h("p", { class: "unseen", id: descId }), h("details", {}, h("summary", { class: "small" }, t("chart.table")), table));
  const tell = (rows) => say(element.querySelector(`#${descId}`), describe(rows));
  const fill = (names, rows) => {
    replace(head, names.map((name, i) => h("th", { scope: "col", class: i > 0 ? "number" : null }, name)));
    replace(body, rows.map(([name, ...values]) => h("tr", {}, h("th", { scope: "row" }, name),
      values.map((value) => h("td", { class: "number" }, value)))));
  };
  return { element, picture, tell, table: fill };
}

const short = (name) => (name.length > NAME_MAX ? `${name.slice(0, NAME_MAX - 1)}…` : name);
const percent = (part) => `${Math.max(0, part * 100).toFixed(3)}%`;

/**
 * Bars, one a row: `kinds` are `{ kind, name }` (a colour of the style sheet, and what it stands for);
 * a row is `{ name, values }` with a value for each kind. `describe(rows)` says in a sentence what is
 * to be seen; `format` writes a value. Gives `{ element, show(rows) }`.
 */
export function bars({ title, kinds, describe, format = number, column, none }) {
  const { element, picture, tell, table } = figure(title, describe, kinds);
  const sum = (values) => values.reduce((all, value) => all + value, 0);
  const show = (rows) => {
    const most = Math.max(1, ...rows.map(({ values }) => sum(values)));
    picture.setAttribute("height", `${Math.max(1, rows.length) * ROW_EM}em`);
    replace(picture, rows.length > 0 ? rows.map((row, i) => bar(row, i * ROW_EM, most)) : svg("text", { x: 0, y: "1.2em", class: "faint" }, none));
    table([column, ...kinds.map(({ name }) => name)], rows.map(({ name, values }) => [name, ...values.map(format)]));
    tell(rows);
  };
  const bar = ({ name, values }, top, most) => {
    let at = 0;
    const parts = values.map((value, i) => {
      const x = at;
      at += value / most;
      return value > 0 && svg("rect", { class: `part part-${kinds[i].kind}`, x: percent(x), y: `${top + BAR_AT_EM}em`, width: percent(value / most), height: `${BAR_EM}em` },
        svg("title", {}, `${name}: ${kinds[i].name} ${format(value)}`));
    });
    return [
      svg("text", { x: 0, y: `${top + 1}em` }, short(name)),
      svg("text", { x: "100%", y: `${top + 1}em`, "text-anchor": "end", class: "value" }, format(sum(values))),
      svg("rect", { class: "track", x: 0, y: `${top + BAR_AT_EM}em`, width: "100%", height: `${BAR_EM}em`, rx: 3 }), parts];
  };
  return { element, show };
}

/** Columns side by side, such as hours: rows are `{ name, value, mark }`, and those with a mark have their name below. */
export function columns({ title, kind, describe, column, value: valueName }) {
  const { element, picture, tell, table } = figure(title, describe, []);
  picture.setAttribute("height", "11em");
  const show = (rows) => {
    const most = Math.max(1, ...rows.map(({ value }) => value));
    const width = 1 / Math.max(1, rows.length);
    replace(picture,
      svg("line", { class: "axis", x1: 0, x2: "100%", y1: `${100 - FOOT}%`, y2: `${100 - FOOT}%` }),
      rows.map(({ name, value, mark }, i) => {
        const tall = (value / most) * (100 - FOOT - HEAD);
        const [middle, top] = [percent((i + 0.5) * width), 100 - FOOT - tall];
        return [
          value > 0 && svg("rect", { class: `part part-${kind}`, x: percent((i + 0.12) * width), width: percent(width * 0.76), y: `${top}%`, height: `${tall}%` },
            svg("title", {}, `${name}: ${number(value)}`)),
          value > 0 && value === most && svg("text", { x: middle, y: `${top - 2}%`, "text-anchor": "middle", class: "value" }, number(value)),
          mark && svg("text", { x: middle, y: "98%", "text-anchor": "middle", class: "faint" }, mark)];
      }));
    table([column, valueName], rows.map(({ name, value }) => [name, number(value)]));
    tell(rows);
  };
  return { element, show };
}
