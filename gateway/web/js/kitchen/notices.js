// What people must know, until they have read it.

import { announce, h } from "../dom.js";
import { t } from "../text.js";

const NOTICES_MAX = 4;

const place = h("ul", { class: "notices" });

/** Where they are shown. */
export const notices = () => place;

/** Says something: it stays until it is closed, or others push it out. */
export function notice(text, kind = "warn") {
  const close = h("button", { type: "button", class: "quiet icon", "aria-label": t("close"), onclick: () => item.remove() }, "×");
  const item = h("li", { class: `note ${kind}` }, h("span", {}, text), close);
  place.append(item);
  while (place.children.length > NOTICES_MAX) place.firstElementChild.remove();
  announce(text);
}

/** Takes all of them away. */
export const noNotices = () => place.replaceChildren();
