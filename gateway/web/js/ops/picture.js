// The picture of the pipeline: the gateway, the log, the services behind it and what each stands on.
// An arrow is as thick as there is much on it.

import { h, isNew, replace, say, set, svg } from "../dom.js";
import { number, span, t } from "../text.js";
import { spark } from "./spark.js";

const BEHIND = ["orders", "inventory", "bank", "scheduler"];
const SIGNS = { up: "✓", degraded: "!", down: "✕", off: "–", unknown: "?" };
const KINDS = { up: "good", degraded: "warn", down: "bad", off: "", unknown: "" };
/** Of an arrow, in px: it grows with the logarithm of what is on it. */
const THICK_MAX = 3.5;

/** A rate as people read it. */
export const perSecond = (rate) => (rate === null ? "–" : number(rate, { maximumFractionDigits: rate < 10 ? 1 : 0 }));

const stateText = (state) => [h("span", { "aria-hidden": "true" }, SIGNS[state] ?? "?"), t(`ops.is_${state in SIGNS ? state : "unknown"}`)];

/** `show(pipeline, meter)` brings it up to date. */
export function picture() {
  const gateway = node("gateway");
  const nats = node("nats");
  const line = spark();
  nats.element.append(h("div", { class: "stream-line" }, line.element));
  const left = arrow();
  const behind = new Map(BEHIND.map((name) => [name, { box: node(name), arrow: arrow() }]));
  const element = h("section", { class: "card pipeline", "aria-label": t("ops.picture") },
    h("div", { class: "pipe-front" }, gateway.element), left.element, nats.element,
    h("ul", { class: "pipe-behind" }, [...behind.values()].map(({ box, arrow: { element: way } }) => h("li", {}, way, box.element))));
  const show = ({ measured_at: now, services, dependencies, stream, dead_letters: dead }, meter) => {
    const service = (name) => services?.find((one) => one.name === name);
    const under = (name) => dependencies?.filter((one) => (name === "gateway" ? ["postgres", "redis"].includes(one.name) : one.name.startsWith(`${name}.`) && one.name !== `${name}.nats`)) ?? [];
    const rates = (name) => [
      [perSecond(meter.rate(`${name} delivered`)), t("ops.messages")],
      [perSecond(meter.rate(`${name} requests`)), t("ops.requests")]];
    const much = (name) => (meter.rate(`${name} delivered`) ?? 0) + (meter.rate(`${name} requests`) ?? 0);
    showService(gateway, service("gateway"), under("gateway"), now);
    left.show(rates("gateway"), much("gateway"), service("gateway")?.state);
    for (const [name, { box, arrow: way }] of behind) {
      showService(box, service(name), under(name), now);
      way.show(rates(name), much(name), service(name)?.state);
    }
    const bus = dependencies?.find(({ name }) => name === "nats");
    nats.show({ state: bus?.state ?? "unknown", facts: stream === null ? [t("ops.stream_unknown")] : [
      t("ops.stream_rate", { rate: perSecond(meter.rate("stream")) }), t("ops.stream_count", { count: stream.messages }),
      t("ops.stream_bytes", { size: bytes(stream.bytes), percent: number(stream.bytes / stream.bytes_max, { style: "percent", maximumFractionDigits: 1 }) }),
      dead === null ? null : t("ops.dead_count", { count: dead.messages })].filter(Boolean), below: [] });
    const history = meter.history("stream");
    line.update(history, t("ops.stream_line", { rate: perSecond(meter.rate("stream")) }));
  };
  return { element, show };
}

const bytes = (count) => (count < 1e6 ? number(count / 1e3, { style: "unit", unit: "kilobyte", maximumFractionDigits: 0 }) : number(count / 1e6, { style: "unit", unit: "megabyte", maximumFractionDigits: 1 }));

function showService(box, service, below, now) {
  if (!service) return box.show({ state: "unknown", facts: [], below });
  const versions = [...new Set(service.instances.map(({ version }) => version))].join(", ");
  const facts = service.state === "up" ? [
    t("ops.instances", { count: service.instances.length, versions }), t("ops.since", { span: span((Date.parse(now) - Date.parse(service.since)) / 1000) }),
    service.errors > 0 ? t("ops.errors", { count: service.errors }) : null].filter(Boolean) : [t("ops.no_instance")];
  box.show({ state: service.state, facts, below });
}

/** A box: a name, whether it is up, facts, and what it stands on. */
function node(name) {
  const pill = h("span", { class: "pill" });
  const facts = h("ul", { class: "small faint" });
  const below = h("ul", { class: "under" });
  const element = h("div", { class: "node", "data-name": name }, h("div", { class: "row spread tight" }, h("h2", {}, t(`ops.name_${name}`)), pill), facts, below);
  const show = ({ state, facts: lines, below: under }) => {
    if (!isNew(element, [state, lines, under])) return;
    set(element, "dataset", { state });
    set(pill, "class", `pill ${KINDS[state] ?? ""}`);
    replace(pill, stateText(state));
    replace(facts, lines.map((line) => h("li", {}, line)));
    replace(below, under.map(dependency));
  };
  return { element, show };
}

function dependency({ name, state, latency_ms: latency, detail }) {
  const kind = name.split(".").at(-1);
  const label = kind === "postgres" ? "Postgres" : kind === "redis" ? "Redis" : kind;
  return h("li", { class: `pill ${KINDS[state] ?? ""}`, title: detail ?? null }, label, " ", stateText(state),
    h("span", { class: "number" }, ` ${number(latency, { style: "unit", unit: "millisecond" })}`), detail ? h("span", { class: "unseen" }, ` ${detail}`) : null);
}

/** What goes over the bus to and from a service: figures over a line. */
function arrow() {
  const [first, second] = [figure(), figure()];
  const line = svg("line", { x1: "8", y1: "8", x2: "95%", y2: "8", class: "wire" });
  const end = svg("svg", { x: "100%", overflow: "visible" }, svg("path", { class: "head", d: "M0 8 l-10 -6 v12 z" }));
  const element = h("div", { class: "way" }, h("dl", { class: "small" }, first.element, second.element),
    svg("svg", { class: "arrow", height: "16", "aria-hidden": "true" }, line, svg("path", { class: "head", d: "M0 8 l10 -6 v12 z" }), end));
  const show = (values, much, state) => {
    first.show(values[0]);
    second.show(values[1]);
    set(element, "dataset", { state: state ?? "unknown", moves: String(much > 0) });
    set(line, "stroke-width", (1.5 + Math.min(THICK_MAX, Math.log2(1 + much))).toFixed(1));
  };
  return { element, show };
}

function figure() {
  const [name, value] = [h("dt", {}), h("dd", { class: "number" })];
  return { element: h("div", {}, name, value), show: ([rate, what]) => {
    say(value, rate);
    say(name, what);
  } };
}
