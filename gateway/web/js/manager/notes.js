// What the page says of what was done: a note on top of the section, which screen readers are told.

import { announce, h, replace, set } from "../dom.js";
import { ApiError, request } from "../api.js";
import { once } from "../once.js";
import { session } from "../session.js";
import { explain } from "../text.js";

export const AREA = "staff";

/** Asks the API as who is signed in. */
export const ask = (method, path, options = {}) => request(method, path, { area: AREA, ...options });

/** Who asks for the same later than this means it anew. */
const SAME_MS = 10 * 60_000;

/**
 * Writes: what is sent again because no answer came is done once. What is asked for after something else
 * was done (`after`) is another thing.
 */
export function write(method, path, body, { after = null, sameMs = SAME_MS } = {}) {
  const wish = JSON.stringify([method, path, body, after, session(AREA)?.user?.id]);
  return once(wish, sameMs, (key) => ask(method, path, { body, key }));
}

/** A path of parts, each as it is written in an address. */
export const pathOf = (...parts) => parts.map((part) => `/${encodeURIComponent(part)}`).join("");

/** The place for notes: `good(text)`, `bad(error)` and `clear()`. */
export function notes() {
  const element = h("div", { class: "notes" });
  return {
    element,
    good: (text) => {
      replace(element, h("p", { class: "note good" }, text));
      announce(text);
    },
    bad: (error) => {
      replace(element, h("p", { class: "note bad", role: "alert" }, inWords(error)));
    },
    clear: () => replace(element),
  };
}

/** An error for people; what is no answer of the API is a fault of ours and thrown. */
export function inWords(error) {
  if (!(error instanceof ApiError)) throw error;
  return error.errors.length > 0 ? error.errors.map(({ field, reason }) => `${field}: ${reason}`).join("; ") : explain(error);
}

/** A button that does something and cannot be pressed again before it is done; it keeps the focus, as a disabled one would not. */
export function doing(label, props, work) {
  const onclick = async (event) => {
    const button = event.currentTarget;
    if (button.ariaDisabled === "true") return;
    set(button, "aria-disabled", "true");
    try {
      await work(button);
    } finally {
      set(button, "aria-disabled", null);
    }
  };
  return h("button", { type: "button", ...props, onclick }, label);
}
