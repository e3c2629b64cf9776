// Who is signed in and what is in their account; signing in, becoming a customer, leaving.

import { announce, h, replace } from "../dom.js";
import { ApiError, request } from "../api.js";
import { clearErrors, field, formError, showErrors } from "../forms.js";
import { dialog } from "../dialog.js";
import { end, onSession, session } from "../session.js";
import { register, signIn, signOut } from "../sign.js";
import { money, t } from "../text.js";
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
      replace(box, h("button", { type: "button", class: "quiet", onclick: () => signDialog() }, t("account.in")));
      return;
    }
    const balance = account.balance ? h("strong", { class: "number balance" }, money(account.balance)) : null;
    replace(box, h("button", { type: "button", class: "quiet person", onclick: aboutDialog }, h("span", { class: "person-name" }, account.name), balance));
  };
  onChange(show);
  onSession(AREA, loadAccount);
  return box;
}

function aboutDialog() {
  const { name, username, balance } = state.account;
  dialog(name, (put, close) => {
    const leave = async () => {
      await signOut(AREA);
      close();
      announce(t("account.left"));
    };
    put(
      h("dl", { class: "sum" }, h("dt", {}, t("account.balance")), h("dd", { class: "number" }, balance ? money(balance) : t("account.unknown"))),
      h("p", { class: "faint" }, username ? t("account.known", { username }) : t("account.guest")),
      username ? null : h("p", { class: "note warn small" }, t("account.guest_leaves")),
      h("button", { type: "button", onclick: leave }, t("account.out")));
  });
}

/** A dialog to sign in or to become a customer; `then()` is called when somebody is signed in. */
export function signDialog(then = () => {}) {
  dialog(t("account.title"), (put, close) => signForms(put, () => { close(); then(); }));
}

/** The two forms, one at a time. */
export function signForms(put, done) {
  const submit = (work) => async (event) => {
    event.preventDefault();
    const form = event.currentTarget;
    const button = form.querySelector("[type=submit]");
    clearErrors(form);
    button.disabled = true;
    try {
      await work((name) => form.elements[name].value.trim(), form.elements.password.value);
      await loadAccount();
      done();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      showErrors(form, error);
    } finally {
      button.disabled = false;
    }
  };
  const username = () => field("username", t("field.username"), { autocomplete: "username", autocapitalize: "none", spellcheck: "false" });
  const other = (words, form) => h("button", { type: "button", class: "quiet", onclick: () => put(form()) }, t(words));
  const enter = () => h("form", { novalidate: true, onsubmit: submit((get, password) => signIn(AREA, get("username"), password)) },
    username(), field("password", t("field.password"), { type: "password", autocomplete: "current-password" }),
    formError(), h("button", { class: "primary", type: "submit" }, t("account.in")), other("account.new", join));
  const become = (get, password) =>
    register(AREA, { username: get("username"), password, name: get("name"), currency: state.branch.currency });
  const join = () => h("form", { novalidate: true, onsubmit: submit(become) },
    field("name", t("field.name"), { autocomplete: "name", maxlength: 80 }), username(),
    field("password", t("field.password"), { type: "password", autocomplete: "new-password", hint: t("account.password_hint") }),
    formError(), h("button", { class: "primary", type: "submit" }, t("account.join")), other("account.have", enter));
  put(enter());
}
