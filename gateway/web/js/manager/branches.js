// The branch: open or closed by hand, its hours and address, and the other branches.

import { h, isNew, list, redraw, say } from "../dom.js";
import { allBranches, branchOf, choose, loadBranches } from "../branch.js";
import { poll } from "../poll.js";
import { clock, moment, t } from "../text.js";
import { confirm, form, formDialog } from "./asking.js";
import { branchFields, readBranch } from "./branchform.js";
import { ask, doing, inWords, notes, pathOf } from "./notes.js";
import { shopNow } from "../shopclock.js";

const EVERY_MS = 10_000;
const DAY_MS = 86_400_000;

/** Opens the section. */
export function open(panel, { branchId }) {
  const said = notes();
  const failed = h("p", { class: "note bad", role: "alert", hidden: true });
  const state = h("section", { class: "card stack", "aria-labelledby": "switch-title" });
  const others = h("ul", { class: "stack" });
  const changed = async (text) => {
    said.good(text);
    await polling.now();
  };
  // No branch is shown anew while it is as it was, whatever the others do: focus and presses stay.
  const bring = (element, { now: _, ...one }, draw) => {
    if (isNew(element, one)) redraw(element, draw());
  };
  const show = () => {
    const one = branchOf(branchId);
    if (one) bring(state, one, () => switching(one, said, changed));
    list(others, allBranches(), ({ id }) => id, () => h("li", { class: "row spread" }), (element, other) => bring(element, other, () => line(other, branchId)));
  };
  const once = async () => {
    try {
      await loadBranches();
      failed.hidden = true;
      show();
    } catch (error) {
      failed.hidden = false;
      say(failed, inWords(error));
    }
  };
  const details = h("section", { class: "card stack", "aria-labelledby": "details-title" },
    h("h2", { id: "details-title" }, t("place.details")), editing(branchOf(branchId), changed));
  const add = h("button", { type: "button", onclick: () => adding(changed) }, t("place.add"));
  panel.append(said.element, failed, h("div", { class: "halves" },
    h("div", { class: "stack" }, state, h("section", { class: "card stack", "aria-labelledby": "others-title" }, h("h2", { id: "others-title" }, t("place.all")), others, h("div", {}, add))), details));
  show();
  const polling = poll(EVERY_MS, once);
  return polling.close;
}

function openPill(one) {
  return h("span", { class: `pill ${one.open ? "good" : "warn"}` }, t(one.open ? "place.open" : one.closed ? "place.by_hand" : "place.closed"));
}

/** Until when, or from when on. */
function until({ open: isOpen, closes_at: closes, opens_at: opens, closed, time_zone: zone }) {
  const at = (time) => (Date.parse(time) - shopNow() > DAY_MS ? moment(time, zone) : clock(time, zone));
  if (isOpen) return closes ? t("place.closes", { time: at(closes) }) : "";
  if (closed) return t("place.by_hand_how");
  return opens ? t("place.opens", { time: at(opens) }) : t("place.no_hours");
}

function switching(one, said, changed) {
  const set = async (closed) => {
    await ask("PUT", `/admin/branches${pathOf(one.id)}/switch`, { body: { closed } });
    await changed(t(closed ? "place.now_closed" : "place.now_open", { name: one.name }));
  };
  const close = () => confirm({ title: t("place.close"), text: t("place.close_really", { name: one.name }), yes: t("place.close"), work: () => set(true) });
  const reopen = () => set(false).catch(said.bad);
  return [
    h("h2", { id: "switch-title" }, one.name), h("p", { class: "faint" }, one.address),
    h("div", { class: "row" }, openPill(one), one.discounting ? h("span", { class: "pill cool" }, t("place.discounting")) : null, h("span", {}, until(one))),
    h("p", { class: "small faint" }, t(one.closed ? "place.switch_closed" : "place.switch_open")),
    h("div", {}, one.closed ? doing(t("place.reopen"), { class: "primary big" }, reopen) : h("button", { type: "button", class: "danger big", onclick: close }, t("place.close")))];
}

function line(one, branchId) {
  const go = () => {
    choose(one.id);
    location.reload();
  };
  return [h("span", {}, h("strong", {}, one.name), h("span", { class: "block small faint" }, one.address)),
    h("span", { class: "row" }, openPill(one), one.id === branchId ? h("span", { class: "small" }, t("place.this")) : h("button", { type: "button", "aria-label": t("place.go_to", { name: one.name }), onclick: go }, t("place.go")))];
}

function editing(one, changed) {
  if (!one) return null;
  return form({
    fields: branchFields(one), submit: t("manager.save"),
    send: async (element) => {
      await ask("PUT", `/admin/branches${pathOf(one.id)}`, { body: readBranch(element) });
      await changed(t("place.saved", { name: element.elements.name.value }));
    },
  });
}

function adding(changed) {
  formDialog(t("place.add"), () => ({
    fields: branchFields(null), submit: t("place.add"),
    wrongs: (element) => {
      const id = element.elements.id.value.trim();
      if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(id)) return [{ field: "id", reason: t("manager.slug_wrong") }];
      return branchOf(id) ? [{ field: "id", reason: t("place.taken") }] : [];
    },
    send: async (element) => {
      await ask("PUT", `/admin/branches${pathOf(element.elements.id.value.trim())}`, { body: readBranch(element) });
      await changed(t("place.added", { name: element.elements.name.value }));
    },
  }));
}
