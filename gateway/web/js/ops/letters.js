// Dead letters: messages that their service could not take, why, and sending one again.

import { announce, h, list, replace, say, set } from "../dom.js";
import { ApiError, request } from "../api.js";
import { explain, has, moment, t } from "../text.js";

const AREA = "staff";
const PAGE = 12;
const ID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/i;
/** What the clock says is about no order. */
const TICK = "bakery.tick.";

/** `count(dead)` is told of how many there are; `showOrder(id)` shows the messages of an order. */
export function deadLetters({ showOrder }) {
  const items = h("ul", { class: "letters", hidden: true });
  const sum = h("p", { class: "faint" });
  const failed = h("p", { class: "note bad", role: "alert", hidden: true });
  const more = h("button", { type: "button" }, t("letter.more"));
  const foot = h("div", { hidden: true }, more);
  let letters = [];
  let next = null;
  let newest = null;
  const show = () => {
    list(items, letters, ({ sequence }) => sequence, () => h("li", { class: "letter" }), (element, letter) => {
      const is = JSON.stringify(letter);
      if (element.dataset.is === is) return;
      set(element, "dataset", { is });
      replace(element, card(letter, { showOrder, again: () => read(null, letters.length) }));
    });
    items.hidden = letters.length === 0;
    foot.hidden = next === null;
  };
  /** The first letters, or those behind `before`. */
  const read = async (before, limit = PAGE) => {
    try {
      const params = new URLSearchParams({ limit: Math.min(100, Math.max(PAGE, limit)), ...(before === null ? {} : { before }) });
      const page = await request("GET", `/ops/dead-letters?${params}`, { area: AREA });
      letters = before === null ? page.letters : [...letters, ...page.letters];
      next = page.next;
      failed.hidden = true;
      show();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      failed.hidden = false;
      say(failed, explain(error));
    }
  };
  const onward = async () => {
    more.disabled = true;
    await read(next);
    more.disabled = false;
  };
  more.addEventListener("click", onward);
  const count = (dead) => {
    if (dead === null) return;
    say(sum, dead.messages === 0 ? t("letter.none") : t("letter.count", { count: dead.messages }));
    if (newest === dead.last_sequence) return;
    if (newest !== null && dead.last_sequence > newest) announce(t("letter.new"));
    newest = dead.last_sequence;
    read(null, letters.length);
  };
  const element = h("section", { class: "card stack", "aria-labelledby": "letters-title" },
    h("div", { class: "row spread" }, h("h2", { id: "letters-title" }, t("letter.title")), sum), failed, items, foot);
  return { element, count };
}

function card(letter, { showOrder, again }) {
  const { sequence, at, service, subject, reason, body, body_bytes: size, cut, correlation_id: order, resent } = letter;
  const outcome = h("div", { class: "outcome", role: "status" }, resent ? said(resent) : null);
  const send = h("button", { type: "button", "aria-label": `${t("letter.send")}: ${sequence}`, disabled: service === null }, t("letter.send"));
  send.addEventListener("click", async () => {
    send.disabled = true;
    replace(outcome, t("letter.sending"));
    try {
      const { outcome: how, messages } = await request("POST", `/ops/dead-letters/${sequence}/resend`, { area: AREA });
      const text = how === "done" ? t("letter.done", { count: messages }) : t("letter.already_done");
      replace(outcome, h("p", { class: "note good" }, text));
      announce(text);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const text = error.code === "still_dead" ? t("letter.still_dead", { reason: error.detail }) : error.code === "no_owner" ? t("letter.no_owner") : explain(error);
      replace(outcome, h("p", { class: "note bad" }, text));
      announce(text);
    } finally {
      send.disabled = false;
    }
    // What is shown of the try stays until the list is read anew.
    if (!send.isConnected) again();
  });
  const find = order && ID.test(order) && !subject.startsWith(TICK) ? h("button", { type: "button", "aria-label": `${t("letter.order")}: ${sequence}`, onclick: () => showOrder(order) }, t("letter.order")) : null;
  const facts = ["message_id", "stream_sequence", "causation_id", "correlation_id", "said_at", "traceparent"].filter((name) => letter[name] !== null && letter[name] !== undefined);
  return [
    h("div", { class: "row spread" }, h("strong", {}, `${sequence} · ${service ?? t("letter.nobody")}`), h("time", { class: "small faint", datetime: at }, moment(at))),
    h("p", { class: "small" }, h("code", {}, subject)),
    h("p", { class: "reason" }, reason ?? t("letter.no_reason")),
    h("details", {}, h("summary", { class: "small" }, t("letter.body")),
      h("pre", { class: "small", tabindex: "0" }, body), cut ? h("p", { class: "small faint" }, t("letter.cut", { count: size })) : null,
      h("dl", { class: "small facts" }, facts.map((name) => h("div", {}, h("dt", {}, name), h("dd", {}, h("code", {}, letter[name])))))),
    h("div", { class: "row tight" }, send, find), outcome];
}

/** How the newest try ended. */
function said({ at, outcome, reason, tries }) {
  const kind = ["done", "already_done"].includes(outcome) ? "good" : outcome === "refused" ? "bad" : "warn";
  const key = `letter.was_${outcome}`;
  return h("p", { class: `note ${kind}` }, has(key) ? t(key) : outcome, reason ? ` ${reason}` : "", h("span", { class: "small block" }, t("letter.tries", { count: tries, time: moment(at) })));
}
