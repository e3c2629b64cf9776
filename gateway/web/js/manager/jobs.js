// The jobs of the branch: what is done when, by itself.

import { h, isNew, list, replace, say, set } from "../dom.js";
import { branchOf, refreshBranch } from "../branch.js";
import { poll } from "../poll.js";
import { shopNow } from "../shopclock.js";
import { ago, clock, moment, number, span, t } from "../text.js";
import { confirm, lead } from "./asking.js";
import { jobDialog } from "./jobform.js";
import { ask, doing, inWords, notes, pathOf, write } from "./notes.js";

const EVERY_MS = 5000;
const DAY_MS = 86_400_000;
const HEADS = ["what", "when", "next", "last"];

/** Opens the section. */
export function open(panel, { branchId }) {
  const said = notes();
  const failed = h("p", { class: "note bad", role: "alert", hidden: true });
  const rows = h("tbody", {});
  const none = h("p", { class: "faint", hidden: true }, t("job.none"));
  let products = [];
  let jobs = [];
  const nameOf = (id) => products.find(({ product }) => product.id === id)?.product.name ?? id;
  const changed = (text) => {
    said.good(text);
    return polling.now();
  };
  const edit = (state) => jobDialog({ branchId, state, products, taken: jobs.map(({ job }) => job.name), done: (name) => changed(t("job.saved", { name })) });
  const once = async () => {
    try {
      // With it the shop's time is heard, from which it is counted.
      await refreshBranch().catch(() => null);
      if (products.length === 0) ({ products } = await ask("GET", `/admin/branches${pathOf(branchId)}/products`));
      jobs = await all(branchId);
      failed.hidden = true;
    } catch (error) {
      failed.hidden = false;
      say(failed, inWords(error));
    }
    none.hidden = jobs.length > 0;
    const had = rows.contains(document.activeElement);
    list(rows, jobs, ({ job }) => job.name, make, fill);
    // A job may go away under the focus, here or elsewhere.
    if (had && !rows.contains(document.activeElement)) lead(null);
  };
  // The buttons stay whatever changes, and with them the focus.
  const make = ({ job: { name } }) => {
    const change = () => edit(jobs.find(({ job }) => job.name === name));
    return h("tr", {}, h("th", { scope: "row" }), HEADS.slice(1).map((head) => h("td", { "data-label": t(`job.${head}`) })), h("td", {}, buttons(pathOf(branchId, name), name, { said, changed, change })));
  };
  const fill = (row, state) => {
    const { job } = state;
    const [what, when, next, last, actions] = row.children;
    say(when, whenText(job.when, branchOf(branchId)?.time_zone));
    replace(next, job.paused ? h("span", { class: "pill warn" }, t("job.paused")) : state.next_at ? soon(state.next_at, branchId) : "–");
    say(last, state.last_at ? ago(state.last_at, shopNow()) : t("job.never"));
    if (!isNew(row, job)) return;
    set(row, "dataset", { paused: job.paused });
    const turn = actions.querySelector(".turn");
    say(turn, t(`job.${turnOf(row)}`));
    set(turn, "aria-label", `${turn.textContent}: ${job.name}`);
    replace(what, actionText(job.action, nameOf), h("div", { class: "small faint" }, job.name));
  };
  const heads = [...HEADS.map((name) => h("th", { scope: "col" }, t(`job.${name}`))), h("th", { scope: "col" }, h("span", { class: "unseen" }, t("job.do")))];
  panel.append(h("div", { class: "row spread" }, h("p", { class: "faint" }, t("job.about")), h("button", { type: "button", class: "primary", onclick: () => edit(null) }, t("job.add"))),
    said.element, failed, h("div", { class: "card scroll", tabindex: "0", role: "group", "aria-label": t("manager.jobs") }, h("table", { class: "folds" }, h("thead", {}, h("tr", {}, heads)), rows), none));
  const polling = poll(EVERY_MS, once);
  return polling.close;
}

async function all(branchId) {
  const jobs = [];
  let after = null;
  do {
    const params = new URLSearchParams({ branch: branchId, ...(after ? { after } : {}) });
    const page = await ask("GET", `/admin/jobs?${params}`);
    jobs.push(...page.jobs);
    after = page.next;
  } while (after);
  return jobs;
}

/** A time to come: the time of day, and the day where it is another one. */
function soon(at, branchId) {
  const zone = branchOf(branchId)?.time_zone;
  const s = (Date.parse(at) - shopNow()) / 1000;
  const text = s * 1000 > DAY_MS ? moment(at, zone) : clock(at, zone, { timeStyle: "medium" });
  return [text, h("div", { class: "small faint" }, s > 0 ? t("job.in", { span: span(s) }) : t("job.due"))];
}

function actionText(action, nameOf) {
  const [kind] = Object.keys(action);
  return kind === "bake" ? t("job.bake", { count: action.bake.quantity, name: nameOf(action.bake.product_id) }) : t(`job.do_${kind}`);
}

function whenText({ cron, every_s: every, opening_s: opening, closing_s: closing }) {
  if (cron !== undefined) return t("job.cron", { line: cron });
  if (every !== undefined) return t("job.every", { span: every % 3600 === 0 && every > 0 ? span(every) : spanExact(every) });
  const [offset, at] = opening !== undefined ? [opening, "opening"] : [closing, "closing"];
  if (offset === 0) return t(`job.at_${at}`);
  return t(`job.${offset < 0 ? "before" : "after"}_${at}`, { span: spanExact(Math.abs(offset)) });
}

/** `span` leaves seconds out from a minute on. */
const spanExact = (s) => (s > 60 && s % 60 !== 0 ? number(s, { style: "unit", unit: "second", unitDisplay: "short" }) : span(s));

/** What its button does with a job that is on hold, or is not. */
const turnOf = (row) => (row.dataset.paused === "true" ? "resume" : "pause");

function buttons(place, name, { said, changed, change }) {
  const path = `/admin/jobs${place}`;
  const act = async (verb, send = ask) => {
    try {
      await send("POST", `${path}/${verb}`);
      await changed(t(`job.did_${verb}`, { name }));
    } catch (error) {
      said.bad(error);
    }
  };
  const remove = () => confirm({
    title: t("job.delete"), text: t("job.delete_really", { name }), yes: t("job.delete"),
    work: async () => {
      await ask("DELETE", path);
      await changed(t("job.deleted", { name }));
    },
  });
  const labelled = (key) => ({ "aria-label": `${t(key)}: ${name}` });
  return h("div", { class: "row tight" },
    doing(t("job.run"), labelled("job.run"), () => act("run", write)),
    doing("", { class: "turn" }, (button) => act(turnOf(button.closest("tr")))),
    h("button", { type: "button", ...labelled("job.change"), onclick: change }, t("job.change")),
    h("button", { type: "button", class: "danger", ...labelled("job.delete"), onclick: remove }, t("job.delete")));
}
