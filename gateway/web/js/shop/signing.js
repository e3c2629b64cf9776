// Signing in, becoming a customer, leaving.

import { announce, h } from "../dom.js";
import { ApiError } from "../api.js";
import { clearErrors, field, formError, showErrors } from "../forms.js";
import { dialog } from "../dialog.js";
import { session } from "../session.js";
import { register, signIn, signOut } from "../sign.js";
import { money, t } from "../text.js";
import { AREA, loadAccount } from "./account.js";
import { state } from "./state.js";

/** A dialog with what is in the account, and the way out. */
export function aboutDialog() {
  const { name, username, balance } = state.account ?? session(AREA)?.user ?? {};
  if (name === undefined) return;
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

/** A dialog to sign in or to become a customer. */
export function signDialog() {
  dialog(t("account.title"), (put, close) => signForms(put, close));
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
