// The branches, and the one that is chosen: by the address (`?branch=`), by what was chosen last, or
// the first one. A page stays with its branch, whatever is chosen in another tab.

import { h } from "./dom.js";
import { ApiError, request } from "./api.js";
import { heard } from "./shopclock.js";
import { keep, recall } from "./keep.js";
import { t } from "./text.js";

const FIRST = "main";
const STORED = "branch";
const SOON_MS = 2000;
/** Whether a branch is open changes by the hour. */
const EVERY_MS = 15_000;
let branches = [];
let chosen = null;

/** Loads the branches; gives the list. A bakery that has none yet will have some in a moment. */
export async function loadBranches() {
  ({ branches } = await request("GET", "/branches"));
  if (branches.length === 0) throw new ApiError({ status: 503, code: "no_branches" });
  for (const { now } of branches) heard(now);
  chosen = branchId();
  return branches;
}

/** The branch with this id as it was loaded last, or undefined. */
export const branchOf = (id) => branches.find((branch) => branch.id === id);

/** Those that were loaded. */
export const allBranches = () => branches;

/** The id of the chosen one; with the list loaded, always one that is there. */
export function branchId() {
  const wanted = [chosen, new URLSearchParams(location.search).get("branch"), recall(STORED), FIRST];
  if (branches.length === 0) return wanted.find((id) => id);
  return wanted.find((id) => branchOf(id)) ?? branches[0].id;
}

/** The chosen one, all of it; undefined before it is loaded. */
export const branch = () => branchOf(branchId());

/** Reads the chosen one anew. */
export async function refreshBranch() {
  const fresh = await request("GET", `/branches/${encodeURIComponent(branchId())}`);
  heard(fresh.now);
  branches = branches.map((old) => (old.id === fresh.id ? fresh : old));
  return fresh;
}

/**
 * Reads the chosen one again and again, and with it the shop's time; calls `changed(branch)`. Soon for the
 * first time, so that it is known how fast the shop's clock runs.
 */
export function watchBranch(changed = () => {}) {
  const read = () => refreshBranch().then(changed).catch(() => null);
  setTimeout(read, SOON_MS);
  setInterval(read, EVERY_MS);
}

/** Chooses another; the address says so, so that the page can be sent on or pinned to a screen. */
export function choose(id) {
  chosen = id;
  keep(STORED, id);
  const address = new URL(location.href);
  address.searchParams.set("branch", id);
  history.replaceState(null, "", address);
}

/** A select of the branches, or null where there is only one. `changed(id)` is called after a choice. */
export function branchSelect(changed) {
  if (branches.length < 2) return null;
  const options = branches.map(({ id, name }) => h("option", { value: id, selected: id === branchId() }, name));
  const onchange = (event) => {
    choose(event.target.value);
    changed(event.target.value);
  };
  return h("label", { class: "choice" }, h("span", { class: "unseen" }, t("branch.label")), h("select", { onchange }, options));
}
