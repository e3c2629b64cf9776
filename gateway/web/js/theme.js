// Light, dark, or as the device says.

import { h, set } from "./dom.js";
import { keep, recall } from "./keep.js";
import { t } from "./text.js";

const STORED = "theme";
const THEMES = ["auto", "light", "dark"];
const SIGNS = { auto: "◐", light: "☀", dark: "☾" };

const theme = () => (THEMES.includes(recall(STORED)) ? recall(STORED) : "auto");

function show() {
  if (theme() === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme();
}

// At once, before anything is drawn in the other one.
show();

/** A button that goes from one to the next. */
export function themeButton() {
  const label = (button) => {
    set(button, "aria-label", t("theme.label", { theme: t(`theme.${theme()}`) }));
    set(button, "title", t("theme.label", { theme: t(`theme.${theme()}`) }));
    button.textContent = SIGNS[theme()];
  };
  const onclick = (event) => {
    keep(STORED, THEMES[(THEMES.indexOf(theme()) + 1) % THEMES.length]);
    show();
    label(event.currentTarget);
  };
  const button = h("button", { class: "quiet icon", type: "button", onclick });
  label(button);
  return button;
}
