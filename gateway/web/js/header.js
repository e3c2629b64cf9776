// What is around every page: its name, where else one can go, branch, language and theme.

import { branchSelect } from "./branch.js";
import { byId, h, replace } from "./dom.js";
import { LANGUAGES, language, setLanguage, t } from "./text.js";
import { themeButton } from "./theme.js";
import { watchReach } from "./status.js";

/** Pages, by what they are called in the words. */
const STAFF_PAGES = { kitchen: "/kitchen", display: "/display", manager: "/manager", ops: "/ops" };

/**
 * Fills the page's `header` and `footer`.
 * - `page`: `shop`, `tracking`, `kitchen`, `display`, `manager` or `ops`.
 * - `onBranch(id)`: with it there is a select of the branches (load them before).
 * - `tools`: elements beside it, such as the pill, or functions that make them once the words are there.
 * - `staff`: true shows where staff go in the header; customers find it at the foot.
 */
export function header({ page, onBranch, tools = [], staff = false }) {
  const name = h("a", { class: "brand", href: "/" },
    h("img", { src: "/images/icon.svg", alt: "", width: 32, height: 32 }), h("span", {}, t("brand")));
  const where = staff ? nav(page, "nav.staff") : null;
  const made = tools.map((tool) => (typeof tool === "function" ? tool() : tool));
  replace(byId("header"), name, where, 
    h("div", { class: "tools" }, made, onBranch ? branchSelect(onBranch) : null),
    h("div", { class: "settings" }, languageSelect(), themeButton()));
  // In a narrow window the links are one line that scrolls.
  where?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  if (!staff) replace(byId("footer"), h("p", {}, t("foot.staff")), nav(page, "nav.staff"));
}

watchReach();

function nav(page, label) {
  const link = ([name, href]) => {
    const current = name === page ? "page" : null;
    return h("li", {}, h("a", { href, "aria-current": current }, t(`nav.${name}`)));
  };
  const links = [...Object.entries(STAFF_PAGES), ["docs", "/docs"]].map(link);
  return h("nav", { "aria-label": t(label) }, h("ul", { class: "links" }, links));
}

function languageSelect() {
  const option = ([tag, name]) => h("option", { value: tag, lang: tag, selected: tag === language() }, name);
  const onchange = (event) => setLanguage(event.target.value);
  const select = h("select", { onchange }, Object.entries(LANGUAGES).map(option));
  return h("label", { class: "choice" }, h("span", { class: "unseen" }, t("language.label")), select);
}
