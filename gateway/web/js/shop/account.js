// Who is signed in and what is in their account.

import { h, replace } from "../dom.js";
import { request } from "../api.js";
import { end, onSession, session } from "../session.js";
import { money, t } from "../text.js";
import { later } from "./later.js";
import { changed, onChange, state } from "./state.js";

export const AREA = "shop";

/** Reads the account of who is signed in; where it cannot be read now, what is known stays. */
export async function loadAccount() {
  if (session(AREA) === null) {
    state.account = null;
    return changed();
  }
  try {
    const { name, username, account } = await request("GET", "/users/me", { area: AREA });
    state.account = { name, username, ...account };
  } catch (error) {
    if (error.status === 401) end(AREA);
  }
  return changed();
}

/** For the header: name and balance, or the way in. */
export function accountBox() {
  const box = h("span", { class: "who" });
  const show = () => {
    const { account } = state;
    const key = account ? `${account.id}|${account.balance?.amount}` : "nobody";
    if (box.dataset.key === key) return;
    box.dataset.key = key;
    if (!account) {
      replace(box, h("button", { type: "button", class: "quiet", onclick: later.sign }, t("account.in")));
      return;
    }
    const balance = account.balance ? h("strong", { class: "number balance" }, money(account.balance)) : null;
    replace(box, h("button", { type: "button", class: "quiet person", onclick: later.about }, h("span", { class: "person-name" }, account.name), balance));
  };
  onChange(show);
  onSession(AREA, loadAccount);
  return box;
}
