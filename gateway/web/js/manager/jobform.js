// A new job, or another way of one: when, and what.

import { h } from "../dom.js";
import { field } from "../forms.js";
import { t } from "../text.js";
import { choice, duration, number, seconds, tick } from "./fields.js";
import { ask } from "./notes.js";
import { formDialog } from "./asking.js";

const WHENS = ["every_s", "opening_s", "closing_s", "cron"];
const ACTIONS = ["bake", "sweep", "discount", "open", "close"];
const MISFIRES = ["once", "all", "skip"];
/** What the API calls the fields, of its one job. */
const AT = "jobs[0].";

/** Opens the dialog; `state` is the job to change, or null. */
export function jobDialog({ branchId, state, products, taken, done }) {
  const job = state?.job ?? null;
  const title = job ? t("job.change_title", { name: job.name }) : t("job.add");
  formDialog(title, () => {
    const [kind] = Object.keys(job?.when ?? { every_s: 1800 });
    const [action] = Object.keys(job?.action ?? { bake: {} });
    const of = (name) => job?.when[name];
    const show = (event) => shown(event.currentTarget.form);
    const side = (name) => choice(`${name}.side`, t("job.side"), [["before", t("job.side_before")], ["after", t("job.side_after")]], (of(name) ?? 0) < 0 ? "before" : "after");
    const parts = {
      every_s: [duration("when.every_s", t("job.each"), of("every_s") ?? 1800)],
      opening_s: [duration("when.opening_s", t("job.offset"), Math.abs(of("opening_s") ?? 0), { hint: t("job.offset_hint") }), side("opening_s")],
      closing_s: [duration("when.closing_s", t("job.offset"), Math.abs(of("closing_s") ?? 0), { hint: t("job.offset_hint") }), side("closing_s")],
      cron: [field("when.cron", t("job.cron_line"), { value: of("cron") ?? "", hint: t("job.cron_hint"), placeholder: "0 30 6 * * Mon-Fri", autocomplete: "off", spellcheck: "false" })],
    };
    const bake = h("fieldset", { "data-of": "action", "data-is": "bake", hidden: action !== "bake" },
      choice("action.bake.product_id", t("day.product"), products.filter((one) => one.state !== "retired" || one.product.id === job?.action.bake?.product_id).map(({ product }) => [product.id, product.name]), job?.action.bake?.product_id),
      field("action.bake.quantity", t("job.quantity"), { type: "number", min: 1, step: 1, inputmode: "numeric", value: job?.action.bake?.quantity ?? 1 }));
    return {
      fields: [
        job ? null : field("name", t("job.name"), { hint: t("manager.slug_hint"), maxlength: 40, autocomplete: "off", autocapitalize: "none", spellcheck: "false" }),
        choice("when", t("job.when"), WHENS.map((one) => [one, t(`job.when_${one}`)]), kind, { onchange: show }),
        WHENS.map((one) => h("fieldset", { "data-of": "when", "data-is": one, hidden: one !== kind }, parts[one])),
        choice("action", t("job.what"), ACTIONS.map((one) => [one, t(`job.do_${one}`)]), action, { onchange: show }),
        bake,
        choice("misfire", t("job.misfire"), MISFIRES.map((one) => [one, t(`job.misfire_${one}`)]), job?.misfire ?? "once", { hint: t("job.misfire_hint") }),
        tick("paused", t("job.hold"), job?.paused ?? false)],
      submit: t("manager.save"),
      wrongs: (form) => (!job && taken.includes(form.elements.name.value.trim()) ? [{ field: "name", reason: t("job.taken") }] : []),
      names: ({ errors }) => Object.fromEntries(errors.map(({ field: name }) => [name, name.startsWith(AT) ? name.slice(AT.length) : name])),
      send: async (form) => {
        const name = job?.name ?? form.elements.name.value.trim();
        await ask("PUT", "/admin/jobs", { body: { jobs: [read(form, branchId, name)] } });
        done(name);
      },
    };
  });
}

/** Only what belongs to the chosen kind is to be filled in. */
function shown(form) {
  for (const group of form.querySelectorAll("[data-of]")) group.hidden = form.elements.namedItem(group.dataset.of).value !== group.dataset.is;
}

function read(form, branch, name) {
  const { when: { value: kind }, action: { value: action } } = form.elements;
  const whole = seconds(form, `when.${kind}.unit` in form.elements ? `when.${kind}` : "when.every_s");
  const offset = () => (form.elements[`${kind}.side`].value === "before" ? -(whole ?? 0) : whole ?? 0);
  const when = kind === "cron" ? { cron: form.elements["when.cron"].value.trim() } : { [kind]: kind === "every_s" ? whole ?? 0 : offset() };
  const what = action === "bake" ? { bake: { product_id: form.elements["action.bake.product_id"].value, quantity: number(form, "action.bake.quantity") } } : { [action]: {} };
  return { branch, name, when, action: what, misfire: form.elements.misfire.value, paused: form.elements.paused.checked };
}
