// A dialog over the page: the browser keeps the focus in it, closes it on Escape and gives the focus back.

import { h, replace } from "./dom.js";
import { t } from "./text.js";

let count = 0;

/** Opens one; `fill(put, close)` is called with a function that puts content into it. */
export function dialog(title, fill) {
  count += 1;
  const id = `dialog-${count}`;
  const body = h("div", { class: "stack" });
  const close = () => element.close();
  const shut = h("button", { type: "button", class: "quiet icon", "aria-label": t("close"), onclick: close }, "×");
  const element = h("dialog", { class: "card", "aria-labelledby": id },
    h("div", { class: "row spread dialog-head" }, h("h2", { id }, title), shut), body);
  element.addEventListener("close", () => element.remove());
  // A click beside it: the dialog itself is only hit outside of its content.
  element.addEventListener("pointerdown", (event) => {
    const { left, right, top, bottom } = element.getBoundingClientRect();
    const { clientX: x, clientY: y } = event;
    if (event.target === element && (x < left || x > right || y < top || y > bottom)) close();
  });
  document.body.append(element);
  fill((...content) => replace(body, ...content), close);
  element.showModal();
  element.querySelector("input")?.focus();
  return { element, close };
}
