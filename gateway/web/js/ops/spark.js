// A line of the last minutes.

import { svg } from "../dom.js";

/** A line is as wide as its box only from so many values on. */
const LEAST = 30;

/**
 * A line of the last minutes; null in it is a gap. `label` says it in words. `update(values, label)`.
 */
export function spark() {
  const [width, height] = [100, 24];
  const line = svg("path", { class: "line" });
  const element = svg("svg", { class: "spark", viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", role: "img" }, line);
  const update = (values, label) => {
    const length = Math.max(LEAST, values.length);
    const most = Math.max(1, ...values.filter((value) => value !== null));
    const x = (i) => ((length - values.length + i) / Math.max(1, length - 1)) * width;
    let pen = "M";
    const path = values.map((value, i) => {
      if (value === null) {
        pen = "M";
        return "";
      }
      const point = `${pen}${x(i).toFixed(1)} ${(height - 1 - (value / most) * (height - 2)).toFixed(1)}`;
      pen = "L";
      return point;
    }).join("");
    line.setAttribute("d", path);
    element.setAttribute("aria-label", label);
  };
  return { element, update };
}
