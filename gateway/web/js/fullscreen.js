// A button that gives the page the whole screen, where the browser can do that.

import { h } from "./dom.js";
import { t } from "./text.js";

let words = () => {};
document.addEventListener("fullscreenchange", () => words());

/** The button, or null where there is no whole screen to be had. */
export function fullscreenButton() {
  const root = document.documentElement;
  if (!document.fullscreenEnabled) return null;
  const is = () => document.fullscreenElement !== null;
  const onclick = () => (is() ? document.exitFullscreen() : root.requestFullscreen()).catch(() => null);
  const button = h("button", { type: "button", onclick });
  words = () => { button.textContent = t(is() ? "fullscreen.off" : "fullscreen.on"); };
  words();
  return button;
}
