// One half of the board: its numbers as big as they can be, and how many more there are where not all
// of them fit.

import { h, list, replace, say } from "../dom.js";
import { t } from "../text.js";
import { fit } from "./fit.js";

/** Of a tile, in its own font size: what is around the number, how high it is, the room between. */
const AROUND_EM = 0.5;
const HIGH_EM = 1.3;
const GAP_EM = 0.22;
/** The smallest and largest numbers, as parts of the shorter and the longer side of the window. */
const MIN_PART = 0.052;
const MIN_PX = 26;
const MAX_PART = 0.12;
const PROBE_PX = 100;

/** `kind` is `preparing` or `ready`: `{ element, show }`. */
export function area(kind) {
  const title = `area-${kind}`;
  const items = h("ul", { class: "numbers" });
  const place = h("div", { class: "place" }, items);
  const more = h("p", { class: "more", hidden: true });
  const empty = h("p", { class: "nobody" }, t(`display.none_${kind}`));
  const probe = h("span", { class: "probe", "aria-hidden": "true" });
  const element = h("section", { class: "area", dataset: { kind }, "aria-labelledby": title },
    h("h2", { id: title }, t(`display.${kind}`)), place, empty, more, probe);
  let lines = [];

  const draw = () => {
    empty.hidden = lines.length > 0;
    place.hidden = lines.length === 0;
    more.hidden = true;
    if (lines.length === 0) return replace(items);
    let room = measure(place, probe, lines);
    let best = fit(room);
    if (best.fits < lines.length) {
      more.hidden = false;
      room = measure(place, probe, lines);
      best = fit(room);
    }
    const shown = lines.slice(0, Math.max(1, best.fits));
    more.hidden = shown.length === lines.length;
    say(more, t("display.more", { count: lines.length - shown.length }));
    items.style.setProperty("--size", `${best.size}px`);
    items.style.setProperty("--columns", best.columns);
    list(items, shown, (line) => line.number, ({ number }) => h("li", {}, number), (tile, line) => {
      tile.dataset.new = line.isNew;
    });
  };
  new ResizeObserver(draw).observe(element);

  /** Shows these, in this order: `{ number, isNew }`. */
  const show = (now) => {
    lines = now;
    draw();
  };
  return { element, show };
}

function measure(place, probe, lines) {
  const longest = Math.max(...lines.map(({ number }) => number.length));
  say(probe, "0".repeat(longest));
  const wide = probe.getBoundingClientRect().width / PROBE_PX + AROUND_EM;
  const { width, height } = place.getBoundingClientRect();
  const [shorter, longer] = [innerWidth, innerHeight].sort((a, b) => a - b);
  const min = Math.max(MIN_PX, shorter * MIN_PART);
  const max = Math.max(min, Math.min(longer * MAX_PART, width / wide));
  return { count: lines.length, width, height, wide, high: HIGH_EM, gap: GAP_EM, min, max };
}
