// The manager's page: the day, the shelf, orders, jobs, the branch, the catalogue. Each section is a
// module of its own that is loaded when it is opened; the address says which one is.

import { announce, byId, h, replace, set } from "./dom.js";
import { branchId, watchBranch } from "./branch.js";
import { openPage } from "./page.js";
import { staffOnly } from "./staff.js";
import { load, t } from "./text.js";

/** A section, once the words that only such sections need are there too. */
const both = (section, words) => Promise.all([section, words]).then(([loaded]) => loaded);
const SECTIONS = {
  day: () => import("./manager/day.js"),
  shelf: () => both(import("./manager/shelf.js"), load("manager-shelf")),
  orders: () => both(import("./manager/orders.js"), load("manager-orders", "timeline", "tracking")),
  jobs: () => both(import("./manager/jobs.js"), load("manager-setup")),
  branch: () => both(import("./manager/branches.js"), load("manager-setup")),
  catalogue: () => both(import("./manager/catalogue.js"), load("manager-setup")),
};
const FIRST = "day";

/** `#orders/<id>`: the section, and what of it. */
function place() {
  const [name, rest] = decodeHash().split("/");
  return Object.hasOwn(SECTIONS, name) ? { name, rest: rest ?? null } : { name: FIRST, rest: null };
}

function decodeHash() {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return "";
  }
}

let reopen = () => {};

/** The tabs and the open section. Gives what closes it. */
function open(main) {
  const links = new Map(Object.keys(SECTIONS).map((name) => [name, h("a", { href: `#${name}` }, t(`manager.${name}`))]));
  const title = h("h1", { tabindex: "-1" });
  const panel = h("div", { class: "panel stack" });
  let close = null;
  let turn = 0;
  // What was being asked is of the section that is left.
  const leave = () => {
    close?.();
    close = null;
    for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  };
  const show = async (focus) => {
    turn += 1;
    const mine = turn;
    const { name, rest } = place();
    leave();
    for (const [one, link] of links) set(link, "aria-current", one === name ? "page" : null);
    links.get(name).scrollIntoView({ block: "nearest", inline: "center" });
    replace(title, t(`manager.${name}`));
    document.title = `${t(`manager.${name}`)} · ${t("manager.title")} · ${t("brand")}`;
    replace(panel, h("p", { class: "wait" }, t("loading")));
    if (focus) title.focus();
    try {
      const section = await SECTIONS[name]();
      if (mine !== turn) return;
      replace(panel);
      close = section.open(panel, { branchId: branchId(), rest }) ?? null;
    } catch (error) {
      console.error(error);
      if (mine !== turn) return;
      // Browsers keep that a module failed, so only a new page tries again.
      const again = h("button", { type: "button", onclick: () => location.reload() }, t("manager.retry"));
      replace(panel, h("p", { class: "note bad", role: "alert" }, t("manager.not_loaded")), h("div", {}, again));
    }
  };
  const moved = () => show(true);
  reopen = () => show(false);
  addEventListener("hashchange", moved);
  replace(main, h("nav", { class: "tabs", "aria-label": t("manager.sections") }, h("ul", {}, [...links.values()].map((link) => h("li", {}, link)))), title, panel);
  show(false);
  return () => {
    turn += 1;
    leave();
    reopen = () => {};
    removeEventListener("hashchange", moved);
  };
}

const tools = h("span", { class: "who" });
const onBranch = () => {
  announce(t("manager.branch_chosen"));
  reopen();
};
await openPage({ page: "manager", staff: true, tools: [tools], onBranch });
watchBranch();
staffOnly({ main: byId("main"), tools, least: "manager", open });
