// The place beside the columns, and its button. What is in it is loaded when it is to be seen first.

import { h, replace, set } from "../dom.js";
import { tellReached } from "../api.js";
import { keep, recall } from "../keep.js";
import { onBack } from "../status.js";
import { t } from "../text.js";

const PANEL = "panel";
/** There is room for it beside the columns. */
const WIDE = matchMedia("(min-width: 80rem)");
const AGAIN_MS = 5000;

/**
 * Browsers keep that a file failed, and a new page would forget what waits to be sent: it gets another
 * address. What it imports itself the page has already.
 */
const load = (fails) => (fails === 0 ? import("./panel.js") : import(`./panel.js?again=${fails}`));
let fails = 0;

let seen = () => {};
WIDE.addEventListener("change", () => seen());
onBack(() => seen());

/** `{ element, button, show, soon, close }`: `show(kitchen)` once it stands there, `soon()` after something changed. */
export function beside(branch) {
  const element = h("aside", { class: "panel", tabindex: "0", "aria-label": t("kitchen.panel") }, h("p", { class: "faint" }, t("loading")));
  const here = { open: true, panel: null, loading: null, timer: null };
  const isOpen = () => recall(PANEL) ?? WIDE.matches;
  const bring = async () => {
    clearTimeout(here.timer);
    const part = await load(fails).catch(() => null);
    here.loading = null;
    if (part === null) fails += 1;
    if (!here.open) return;
    if (part !== null) {
      here.panel = part.panel(element, branch, isOpen);
      return;
    }
    tellReached(false);
    if (!element.querySelector(".bad")) replace(element, h("p", { class: "note bad", role: "alert" }, t("kitchen.panel_failed")));
    here.timer = setTimeout(read, AGAIN_MS);
  };
  const read = () => {
    if (here.panel) here.panel.read();
    else if (here.open && isOpen()) here.loading ??= bring();
  };
  const show = (kitchen) => {
    seen = () => show(kitchen);
    kitchen.dataset.panel = isOpen() ? "open" : "closed";
    set(button, "aria-pressed", isOpen() ? "true" : "false");
    read();
  };
  const onclick = () => {
    keep(PANEL, !isOpen());
    seen();
  };
  const button = h("button", { type: "button", class: "toggle", onclick }, t("kitchen.panel"));
  const close = () => {
    here.open = false;
    seen = () => {};
    clearTimeout(here.timer);
    here.panel?.close();
  };
  return { element, button, show, soon: () => here.panel?.soon(), close };
}
