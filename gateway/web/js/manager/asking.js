// Asking before something is done: a dialog that says what will happen, and forms in dialogs.

import { h } from "../dom.js";
import { ApiError } from "../api.js";
import { dialog } from "../dialog.js";
import { clearErrors, formError, showErrors } from "../forms.js";
import { explain, t } from "../text.js";

/** Asks whether to do it; `work()` is done on yes, and what it fails with is said in the dialog. */
export function confirm({ title, text, yes, danger = true, work }) {
  dialog(title, (put, close) => {
    const failed = h("p", { class: "form-error", role: "alert", hidden: true });
    const go = h("button", { type: "button", class: danger ? "danger" : "primary" }, yes);
    go.addEventListener("click", async () => {
      go.disabled = true;
      failed.hidden = true;
      try {
        await work();
        close();
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        failed.textContent = explain(error);
        failed.hidden = false;
      } finally {
        go.disabled = false;
      }
    });
    put(h("p", {}, text), failed, h("div", { class: "row" }, go, h("button", { type: "button", class: "quiet", onclick: close }, t("manager.back"))));
  });
}

/**
 * A form: `send(form)` is done when it is submitted, and what the API says of fields is shown at
 * them (`names` maps its names to those of the form). `wrongs(form)` finds what is wrong before.
 */
export function form({ fields, submit, send, wrongs = () => [], names = {}, beside = null }) {
  const button = h("button", { type: "submit", class: "primary" }, submit);
  const onsubmit = async (event) => {
    event.preventDefault();
    if (button.disabled) return;
    const element = event.currentTarget;
    clearErrors(element);
    const errors = wrongs(element);
    if (errors.length > 0) return showErrors(element, new ApiError({ status: 422, code: "invalid_input", errors }));
    button.disabled = true;
    try {
      await send(element);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      showErrors(element, error, typeof names === "function" ? names(error) : names);
    } finally {
      button.disabled = false;
    }
  };
  return h("form", { onsubmit, novalidate: true }, fields, formError(), h("div", { class: "row" }, button, beside));
}

/** The same in a dialog; it closes when `send` is done. */
export function formDialog(title, make) {
  dialog(title, (put, close) => {
    const { send, ...rest } = make();
    const done = async (element) => {
      await send(element);
      close();
    };
    put(form({ ...rest, send: done, beside: h("button", { type: "button", class: "quiet", onclick: close }, t("manager.back")) }));
  });
}
