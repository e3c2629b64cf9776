// Who is signed in and what is in their account.

import { h, replace } from "../dom.js";
import { request } from "../api.js";
import { inTurn, onSeen } from "../poll.js";
import { onSession, session } from "../session.js";
import { money, t } from "../text.js";
import { later } from "./later.js";
import { changed, onChange, state } from "./state.js";

export const AREA = "shop";
/** What could not be read is read again after so long. */
const AGAIN_MS = 5000;
let again = null;

/** The id of who is signed in: what was asked for somebody else is not shown any more. */
export const who = () => session(AREA)?.user?.id;

/** Reads the account of who is signed in; where it cannot be read now, what is known stays. */
export function loadAccount() {
  if (state.account?.user !== who()) state.account = null;
  changed();
  return read();
}

const read = inTurn(async () => {
  const user = who();
  clearTimeout(again);
  if (user === undefined) return;
  try {
    const { name, username, account } = await request("GET", "/users/me", { area: AREA });
    if (who() === user) state.account = { user, name, username, ...account };
  } catch (error) {
    // A session that is over has been ended by the request.
    if (!error.isRefused) again = setTimeout(loadAccount, AGAIN_MS);
  }
  changed();
});

/** For the header: name and balance, as far as they are known, or the way in. */
export function accountBox() {
  const box = h("span", { class: "who" });
  const show = () => {
    const person = state.account ?? session(AREA)?.user;
    const key = person ? `${person.id}|${person.balance?.amount}` : "nobody";
    if (box.dataset.key === key) return;
    box.dataset.key = key;
    const had = box.contains(document.activeElement);
    const balance = person?.balance ? h("strong", { class: "number balance" }, money(person.balance)) : null;
    const button = person ? h("button", { type: "button", class: "quiet person", onclick: later.about }, h("span", { class: "person-name" }, person.name), balance)
      : h("button", { type: "button", class: "quiet", onclick: later.sign }, t("account.in"));
    replace(box, button);
    if (had) button.focus();
  };
  onChange(show);
  onSession(AREA, loadAccount);
  onSeen(loadAccount);
  return box;
}
