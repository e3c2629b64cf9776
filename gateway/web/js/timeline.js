// The messages of one order as a tree: under each what it caused, with the time since the first.

import { h } from "./dom.js";
import { has, number, t } from "./text.js";

/** A tree that is deeper is no tree: ids come from messages. */
const DEPTH_MAX = 40;
const SERVICES = ["gateway", "orders", "inventory", "bank", "scheduler"];

/** Who spoke, to whom, what kind, and its name: `bakery.cmd.inventory.main.reserve`. */
function parts(subject) {
  const [, kind, service, ...rest] = subject.split(".");
  return { kind, service: SERVICES.includes(service) ? service : "other", name: rest.at(-1) ?? subject };
}

/** The tree of these events; the list is in the order of the messages. */
export function timeline(events) {
  if (events.length === 0) return h("p", { class: "faint" }, t("timeline.none"));
  const first = Math.min(...events.map(({ time }) => Date.parse(time)));
  const known = new Map(events.map((event) => [event.message_id, event]));
  const children = new Map();
  const roots = [];
  for (const event of events) {
    const above = event.causation_id;
    if (above === null || above === undefined || above === event.message_id || !known.has(above)) roots.push(event);
    else children.set(above, [...(children.get(above) ?? []), event]);
  }
  const shown = new Set();
  const branch = (event, depth) => {
    if (shown.has(event.message_id)) return null;
    shown.add(event.message_id);
    const below = depth < DEPTH_MAX ? (children.get(event.message_id) ?? []).map((one) => branch(one, depth + 1)).filter(Boolean) : [];
    return h("li", {}, entry(event, first), below.length > 0 ? h("ol", {}, below) : null);
  };
  const tree = roots.map((root) => branch(root, 0));
  // Causes in a circle: shown all the same.
  const left = events.filter((event) => !shown.has(event.message_id)).map((event) => branch(event, 0));
  return h("ol", { class: "tree" }, tree, left);
}

function entry({ time, direction, subject, message_id: id, causation_id: cause }, first) {
  const { kind, service, name } = parts(subject);
  const ms = Date.parse(time) - first;
  const after = `+${number(ms / 1000, { minimumFractionDigits: 3, maximumFractionDigits: 3 })} s`;
  const what = has(`timeline.${kind}`) ? t(`timeline.${kind}`) : kind;
  const ids = [t("timeline.id", { id }), cause ? t("timeline.cause", { id: cause }) : t("timeline.start")].join("\n");
  return h("details", { class: "message", "data-service": service },
    h("summary", {}, h("span", { class: "mark-service", "aria-hidden": "true" }),
      h("strong", {}, name), " ", h("span", { class: "small faint" }, `${what} · ${service === "other" ? subject.split(".")[2] ?? "" : service} · ${t(direction === "sent" ? "timeline.sent" : "timeline.received")}`),
      h("time", { class: "number small", datetime: time }, after)),
    h("div", { class: "small faint message-more" }, h("code", {}, subject), h("p", {}, ids)));
}
