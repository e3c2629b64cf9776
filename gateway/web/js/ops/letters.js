// Dead letters: messages that their service could not take, why, and sending one again.

import { announce, h, isNew, list, redraw, replace, say, set } from "../dom.js";
import { ApiError, request } from "../api.js";
import { inTurn } from "../poll.js";
import { explain, has, moment, t } from "../text.js";

const AREA = "staff";
const PAGE = 12;
/** The API gives no more at once. */
const LIMIT_MAX = 100;
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
  // Something is not in the list yet: there is news, or it could not be read.
  let isDue = false;
  const show = () => {
    list(items, letters, ({ sequence }) => sequence, () => h("li", { class: "letter" }), (element, letter) => {
      if (isNew(element, letter)) redraw(element, card(letter, { showOrder, again }));
    });
    items.hidden = letters.length === 0;
    foot.hidden = next === null;
  };
  /** Asks for a page and gives it to `take`; whether it came. */
  const read = async (params, take) => {
    try {
      take(await request("GET", `/ops/dead-letters?${new URLSearchParams(params)}`, { area: AREA }));
      failed.hidden = true;
      show();
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      failed.hidden = false;
      say(failed, explain(error));
      return false;
    }
  };
  /** The newest, before what was read behind them; with something left out between, without it. */
  const meet = (page) => {
    const last = letters.findIndex(({ sequence }) => sequence === page.letters.at(-1)?.sequence);
    const behind = last < 0 || page.next === null ? [] : letters.slice(last + 1);
    letters = [...page.letters, ...behind];
    if (behind.length === 0) next = page.next;
  };
  const anew = inTurn(async () => {
    if (!isDue) return;
    isDue = false;
    const came = await read({ limit: Math.min(LIMIT_MAX, Math.max(PAGE, letters.length)) }, meet);
    if (!came) isDue = true;
  });
  const again = () => {
    isDue = true;
    anew();
  };
  const onward = async () => {
    if (more.ariaDisabled === "true") return;
    set(more, "aria-disabled", "true");
    // Only what follows on the list as it is then.
    const before = next;
    await read({ limit: PAGE, before }, (page) => {
      if (before !== next) return;
      letters = [...letters, ...page.letters];
      next = page.next;
    });
    set(more, "aria-disabled", null);
  };
  more.addEventListener("click", onward);
  const count = (dead) => {
    if (dead === null) return;
    say(sum, dead.messages === 0 ? t("letter.none") : t("letter.count", { count: dead.messages }));
    if (newest !== null && dead.last_sequence > newest) announce(t("letter.new"));
    if (newest !== dead.last_sequence) isDue = true;
    newest = dead.last_sequence;
    if (isDue) anew();
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
    // The focus stays on it.
    if (send.ariaDisabled === "true") return;
    set(send, "aria-disabled", "true");
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
      set(send, "aria-disabled", null);
    }
    // What is shown of the try stays until the list is read anew.
    if (!send.isConnected) again();
  });
  const find = order && ID.test(order) && !subject.startsWith(TICK) ? h("button", { type: "button", "aria-label": `${t("letter.order")}: ${sequence}`, onclick: () => showOrder(order) }, t("letter.order")) : null;
  const facts = ["message_id", "stream_sequence", "causation_id", "correlation_id", "said_at", "traceparent"].filter((name) => letter[name] !== null && letter[name] !== undefined);
  return [
    h("div", { class: "row spread" }, h("h3", {}, `${sequence} · ${service ?? t("letter.nobody")}`), h("time", { class: "small faint", datetime: at }, moment(at))),
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
