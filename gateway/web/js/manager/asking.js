// Asking before something is done: a dialog that says what will happen, and forms in dialogs.

import { byId, h } from "../dom.js";
import { ApiError } from "../api.js";
import { dialog } from "../dialog.js";
import { clearErrors, formError, showErrors } from "../forms.js";
import { explain, t } from "../text.js";
import { doing } from "./notes.js";

/** Leads the focus to the heading of a place, or of the page where that is gone. */
export function lead(place) {
  const heading = (place?.isConnected ? place : byId("main")).querySelector("h1, h2, h3");
  if (!heading) return;
  heading.tabIndex = -1;
  heading.focus();
}

/** A dialog. What it was opened from may be drawn anew meanwhile: then the focus goes on to the heading over it. */
function over(title, fill) {
  const from = document.activeElement;
  const place = from?.closest("section, li");
  const { element } = dialog(title, fill);
  element.addEventListener("close", () => {
    if (document.activeElement === document.body && !from.isConnected) lead(place);
  });
}

/** Asks whether to do it; `work()` is done on yes, and what it fails with is said in the dialog. */
export function confirm({ title, text, yes, danger = true, work }) {
  over(title, (put, close) => {
    const failed = h("p", { class: "form-error", role: "alert", hidden: true });
    const go = doing(yes, { class: danger ? "danger" : "primary" }, async () => {
      failed.hidden = true;
      try {
        await work();
        close();
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        failed.textContent = explain(error);
        failed.hidden = false;
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
  over(title, (put, close) => {
    const { send, ...rest } = make();
    const done = async (element) => {
      await send(element);
      close();
    };
    put(form({ ...rest, send: done, beside: h("button", { type: "button", class: "quiet", onclick: close }, t("manager.back")) }));
  });
}
