// Signing in where staff work. The pages are for roles: kitchen < manager < operator.

import { h, replace } from "./dom.js";
import { ApiError } from "./api.js";
import { clearErrors, field, formError, showErrors } from "./forms.js";
import { onSession, session } from "./session.js";
import { signIn, signOut } from "./sign.js";
import { t } from "./text.js";

const AREA = "staff";
const ROLES = ["customer", "kitchen", "manager", "operator"];

/** The role of who is signed in as staff, or null. */
export const role = () => session(AREA)?.user?.role ?? null;

/** Whether who is signed in may what this role may. */
export const may = (least) => ROLES.indexOf(role()) >= ROLES.indexOf(least);

/**
 * Shows in `main` a form to sign in until somebody is signed in who may, and then calls
 * `open(main)`. `open` gives a function that closes what it opened; it is called when they sign out or
 * the session ends. `tools` is filled with who it is and a way out.
 */
export function staffOnly({ main, tools, least, open }) {
  let close = null;
  const show = () => {
    close?.();
    close = null;
    const user = session(AREA)?.user ?? null;
    replace(tools, user ? who(user) : null);
    if (user === null) replace(main, signInForm(least));
    else if (!may(least)) replace(main, notAllowed(user, least));
    else {
      replace(main);
      close = open(main) ?? null;
    }
  };
  onSession(AREA, show);
  show();
}

function who(user) {
  const leave = h("button", { type: "button", class: "quiet", onclick: () => signOut(AREA) }, t("staff.out"));
  return h("span", { class: "who" }, h("span", { class: "pill" }, `${user.name} · ${t(`role.${user.role}`)}`), leave);
}

function signInForm(least) {
  const button = h("button", { class: "primary", type: "submit" }, t("staff.in"));
  const onsubmit = async (event) => {
    event.preventDefault();
    const form = event.currentTarget;
    clearErrors(form);
    button.disabled = true;
    try {
      await signIn(AREA, form.elements.username.value.trim(), form.elements.password.value);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      showErrors(form, error);
    } finally {
      button.disabled = false;
    }
  };
  return h("form", { class: "card narrow", onsubmit, novalidate: true },
    h("h1", {}, t("staff.title")), h("p", {}, t("staff.needs", { role: t(`role.${least}`) })),
    field("username", t("field.username"), { autocomplete: "username", autocapitalize: "none", spellcheck: "false" }),
    field("password", t("field.password"), { type: "password", autocomplete: "current-password" }),
    formError(), button);
}

function notAllowed(user, least) {
  const leave = h("button", { class: "primary", type: "button", onclick: () => signOut(AREA) }, t("staff.other"));
  const params = { name: user.name, is: t(`role.${user.role}`), role: t(`role.${least}`) };
  return h("section", { class: "card narrow" }, h("h1", {}, t("staff.not_allowed")), h("p", {}, t("staff.not_enough", params)), leave);
}
