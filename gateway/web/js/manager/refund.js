// Giving money back for an order: all that is left of it, or some units of its lines. However often one
// refund is sent until there is an answer, it is paid once.

import { h, say } from "../dom.js";
import { field } from "../forms.js";
import { money, t } from "../text.js";
import { pathOf, write } from "./notes.js";
import { formDialog } from "./asking.js";

const REASON_MAX = 200;
/** The same refund is one for so long, unless one was seen to be made since: money that went twice is gone. */
const SAME_MS = 7 * 24 * 3_600_000;

/** The prices of the units of a line that were not refunded yet, the dearest first: those are refunded first. */
function leftOf(item, refunds) {
  const gone = new Set((refunds ?? []).flatMap(({ lines }) => lines.flatMap(({ units }) => units)));
  return item.units.filter(({ id }) => !gone.has(id)).map(({ price }) => price).sort((a, b) => b - a);
}

const sumOf = (prices) => prices.reduce((all, price) => all + price, 0);

/** Opens the dialog; `done(sum)` is called when the refund was taken on. */
export function refund(order, done) {
  const lines = order.items.map((item) => ({ item, left: leftOf(item, order.refunds) }));
  formDialog(t("order.refund_of", { number: order.number }), () => {
    const amount = h("output", { class: "sum-back number" });
    const rest = sumOf(lines.flatMap(({ left }) => left));
    const how = (value, label, checked) => h("label", { class: "tick" }, h("input", { type: "radio", name: "how", value, checked, onchange: update }), h("span", {}, label));
    const counts = lines.map(({ item, left }, i) => field(`lines[${i}].quantity`, item.name ?? item.product_id, {
      type: "number", min: 0, max: left.length, step: 1, value: 0, inputmode: "numeric", disabled: left.length === 0, oninput: update,
      hint: t("order.refund_left", { count: left.length, of: item.quantity }),
    }));
    const some = h("fieldset", { hidden: true }, h("legend", {}, t("order.refund_which")), counts);
    const inputs = counts.map((one) => one.querySelector("input"));
    const chosen = () => lines.map(({ item, left }, i) => ({ product_id: item.product_id, left, quantity: inputs[i].valueAsNumber, name: inputs[i].name }));
    const isAll = (form) => form.elements.how.value === "all";
    const sum = (form) => (isAll(form) ? rest : sumOf(chosen().flatMap(({ left, quantity }) => left.slice(0, Math.max(0, quantity || 0)))));
    function update(event) {
      const { form } = event.currentTarget;
      some.hidden = isAll(form);
      say(amount, money(sum(form), order.currency));
    }
    say(amount, money(rest, order.currency));
    const wrongs = (form) => {
      if (isAll(form)) return [];
      const bad = chosen().filter(({ quantity, left }) => !Number.isInteger(quantity) || quantity < 0 || quantity > left.length)
        .map(({ name, left }) => ({ field: name, reason: t("order.refund_at_most", { count: left.length }) }));
      return bad.length > 0 || sum(form) > 0 ? bad : [{ field: inputs.find((input) => !input.disabled)?.name ?? "how", reason: t("order.refund_nothing") }];
    };
    const taken = (form) => chosen().filter(({ quantity }) => quantity > 0);
    return {
      fields: [
        h("fieldset", {}, h("legend", {}, t("order.refund_how")), how("all", t("order.refund_all"), true), how("some", t("order.refund_some"), false)), some,
        field("reason", t("order.reason"), { maxlength: REASON_MAX, hint: t("order.reason_hint"), autocomplete: "off" }),
        h("p", { class: "row spread" }, h("strong", {}, t("order.refund_sum")), amount)],
      submit: t("order.refund_pay"),
      wrongs,
      // The API counts the lines that were sent, the form all lines.
      names: () => Object.fromEntries(taken().map(({ name }, i) => [`lines[${i}].quantity`, name])),
      send: async (form) => {
        const body = { reason: form.elements.reason.value.trim() };
        if (!isAll(form)) body.lines = taken(form).map(({ product_id, quantity }) => ({ product_id, quantity }));
        const before = sum(form);
        await write("POST", `/orders${pathOf(order.id)}/refunds`, body, { after: order.refunds?.length ?? 0, sameMs: SAME_MS });
        done(money(before, order.currency));
      },
    };
  });
}
