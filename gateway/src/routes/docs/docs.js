// Shows /openapi.json: operations by chapter, with a search, two themes, and examples to copy.

import { element, field, fields, kind, resolve, words } from "/docs/schema.js";

const SAID_MS = 1600;
const METHODS = ["get", "post", "put", "patch", "delete"];
const byId = (id) => document.getElementById(id);

/** The request as somebody would type it. */
function curl(api, path, method, operation) {
  const parameters = operation.parameters ?? [];
  const given = (place) => parameters.filter((one) => one.in === place && one.example !== undefined);
  let at = api.servers[0].url + path;
  for (const one of given("path")) at = at.replace(`{${one.name}}`, one.example);
  const query = given("query").map((one) => `${one.name}=${encodeURIComponent(one.example)}`);
  const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`;
  const lines = [`curl -X ${method.toUpperCase()} ${quote(location.origin + at + (query.length ? `?${query.join("&")}` : ""))}`];
  if (operation.security?.length) lines.push('-H "Authorization: Bearer $TOKEN"');
  for (const one of given("header")) lines.push(`-H ${quote(`${one.name}: ${one.example}`)}`);
  const json = operation.requestBody?.content["application/json"];
  if (json) {
    lines.push("-H 'Content-Type: application/json'");
    lines.push(`-d ${quote(JSON.stringify(json.example, null, 2))}`);
  }
  return lines.join(" \\\n  ");
}

let silence;
function say(text) {
  byId("said").textContent = text;
  clearTimeout(silence);
  silence = setTimeout(() => { byId("said").textContent = ""; }, SAID_MS);
}

/** Copies; without a secure address browsers allow no more than to select. */
async function copy(text, shown) {
  try {
    await navigator.clipboard.writeText(text);
    say("Copied");
  } catch {
    getSelection().selectAllChildren(shown);
    say("Selected: copy it with the keyboard");
  }
}

function example(title, text) {
  const shown = element("pre", "", text);
  shown.tabIndex = 0;
  const button = element("button", "", title);
  button.type = "button";
  button.addEventListener("click", () => copy(text, shown));
  return element("div", "part", element("div", "bar", element("h4", "", "Example"), button), shown);
}

function part(title, ...children) {
  return element("div", "part", element("h4", "", title), ...children);
}

function parameters(api, operation) {
  const shown = operation.parameters.map((one) =>
    field(api, one.name, one.schema, one.required, `In the ${one.in}. ${one.description ?? ""}`));
  return part("Parameters", element("div", "fields", ...shown));
}

function answer(api, status, given) {
  const response = resolve(api, given);
  const says = element("span", "", ...words(response.description).childNodes);
  const badge = element("span", status < "400" ? "status good" : "status", status);
  const made = element("details", "answer", element("summary", "", badge, says));
  made.addEventListener("toggle", () => {
    if (!made.open || made.children.length > 1) return;
    const inside = element("div", "");
    for (const [type, content] of Object.entries(response.content ?? {})) {
      inside.append(part(type, words(kind(api, content.schema)), fields(api, content.schema)));
    }
    const headers = Object.entries(response.headers ?? {});
    if (headers.length) {
      const shown = headers.map(([name, header]) => {
        const real = resolve(api, header);
        return field(api, name, real.schema, false, real.description);
      });
      inside.append(part("Headers", element("div", "fields", ...shown)));
    }
    made.append(inside);
  });
  return made;
}

/** What an operation looks like once it is opened. */
function inside(api, path, method, operation) {
  const made = element("div", "inside");
  if (operation.description) made.append(words(operation.description));
  made.append(part("Who may", words(operation["x-who-may"])));
  if (operation.parameters?.length) made.append(parameters(api, operation));
  const body = operation.requestBody?.content["application/json"];
  if (body) made.append(part("Body", fields(api, body.schema)));
  made.append(example("Copy as curl", curl(api, path, method, operation)));
  const answers = Object.entries(operation.responses).sort(([a], [b]) => a.localeCompare(b));
  made.append(part("Answers", ...answers.map(([status, one]) => answer(api, status, one))));
  return made;
}

function operationCard(api, path, method, operation) {
  const made = element(
    "details", "op",
    element(
      "summary", "",
      element("span", `method ${method}`, method.toUpperCase()),
      element("span", "path", path),
      element("span", "role", operation["x-role"]),
      element("span", "what", operation.summary),
    ),
  );
  made.id = operation.operationId;
  made.addEventListener("toggle", () => {
    if (made.open && made.children.length === 1) made.append(inside(api, path, method, operation));
  });
  return made;
}

function link(path, method, operation) {
  const made = element("a", "", element("span", `method ${method}`, method), element("span", "", path));
  made.href = `#${operation.operationId}`;
  return made;
}

/** Every operation, with the words that a search finds it by. */
function operations(api) {
  return Object.entries(api.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => {
      const operation = item[method];
      const { summary, description, tags } = operation;
      const text = [method, path, summary, description, tags, operation["x-role"]].join(" ");
      return {
        order: operation["x-order"],
        tag: tags[0],
        text: text.toLowerCase(),
        card: operationCard(api, path, method, operation),
        link: link(path, method, operation),
      };
    })).sort((a, b) => a.order - b.order);
}

function show(api) {
  document.title = `${api.info.title}: the API`;
  byId("version").textContent = api.info.version;
  const about = element("h2", "", api.info.summary);
  const source = element("a", "", "The same for programs");
  source.href = "/openapi.json";
  byId("about").append(about, words(api.info.description), source);
  const all = operations(api);
  const chapters = api.tags.map(({ name }) => {
    const own = all.filter((one) => one.tag === name);
    const section = element("section", "tag", element("h2", "", name), ...own.map((one) => one.card));
    const heading = element("h4", "", name);
    byId("contents").append(heading, ...own.map((one) => one.link));
    byId("operations").append(section);
    return { own, section, heading };
  });
  byId("search").addEventListener("input", () => search(all, chapters));
  openNamed();
}

function search(all, chapters) {
  const wanted = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const one of all) {
    const hidden = !wanted.every((word) => one.text.includes(word));
    one.card.hidden = one.link.hidden = hidden;
  }
  for (const { own, section, heading } of chapters) {
    section.hidden = heading.hidden = own.every((one) => one.card.hidden);
  }
  byId("about").hidden = wanted.length > 0;
  byId("none").hidden = all.some((one) => !one.card.hidden);
}

/** The operation that the address names is opened. */
function openNamed() {
  const named = byId(decodeURIComponent(location.hash.slice(1)));
  if (named?.tagName !== "DETAILS") return;
  named.open = true;
  named.scrollIntoView();
}

/** The theme of the machine, until somebody chooses. */
function themes() {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const is = () => root.dataset.theme ?? (dark.matches ? "dark" : "light");
  const label = () => { byId("theme").textContent = is() === "dark" ? "Light" : "Dark"; };
  try {
    const kept = localStorage.getItem("theme");
    if (kept === "light" || kept === "dark") root.dataset.theme = kept;
  } catch { /* Nothing is kept here; the machine's own theme is as good. */ }
  byId("theme").addEventListener("click", () => {
    root.dataset.theme = is() === "dark" ? "light" : "dark";
    try { localStorage.setItem("theme", root.dataset.theme); } catch { /* As above. */ }
    label();
  });
  dark.addEventListener("change", label);
  label();
}

addEventListener("hashchange", openNamed);
addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input");
  if (event.key === "/" && !typing) {
    event.preventDefault();
    byId("search").focus();
  } else if (event.key === "Escape" && typing) {
    byId("search").value = "";
    byId("search").dispatchEvent(new Event("input"));
  }
});

themes();
try {
  const answer = await fetch("/openapi.json");
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  show(await answer.json());
} catch (error) {
  byId("about").append(words(`The document cannot be read: ${error.message}`));
}
