// Schemas as lists of fields, and small helpers for elements. All text is set as text.

/** A new element with a class and children: texts or elements. */
export function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** A text in which `this` is code. */
export function words(text) {
  const parts = (text ?? "").split("`");
  const nodes = parts.map((part, i) => (i % 2 ? element("code", "", part) : part));
  return element("p", "", ...nodes);
}

/** What a reference leads to, or the value itself. */
export function resolve(api, value) {
  const path = value?.$ref;
  if (!path) return value;
  return path.slice(2).split("/").reduce((at, name) => at?.[name], api);
}

const nameOf = (schema) => schema?.$ref?.split("/").pop();
const isNull = (schema) => schema.type === "null";

/** The schemas of which one holds; null is said by the kind alone. */
function choices(schema) {
  return (schema.oneOf ?? schema.anyOf ?? []).filter((one) => !isNull(one));
}

/** The type in a few words, such as "string (uuid) or null". */
export function kind(api, schema) {
  const real = resolve(api, schema) ?? {};
  const one = choices(real);
  if (one.length) {
    const orNull = (real.oneOf ?? real.anyOf).some(isNull) ? ["null"] : [];
    return [...one.map((each) => kind(api, each)), ...orNull].join(" or ");
  }
  if (real.allOf) return nameOf(schema) ?? "object";
  if (real.enum) return real.enum.map((value) => JSON.stringify(value)).join(" | ");
  const types = [real.type ?? "any"].flat();
  const said = types.map((type) => {
    if (type === "array") return `list of ${kind(api, real.items ?? {})}`;
    if (type === "object") return nameOf(schema) ?? "object";
    const named = nameOf(schema);
    const form = real.format ?? (type === "string" ? named : undefined);
    return form && type !== "null" ? `${type} (${form})` : type;
  });
  return said.join(" or ");
}

/** The bounds of a value, in words. */
function bounds(schema) {
  const said = [];
  const { minimum, maximum, minLength, maxLength, minItems, maxItems } = schema;
  const span = (least, most, of) => {
    if (least !== undefined && most !== undefined) said.push(`${least} to ${most}${of}`);
    else if (least !== undefined) said.push(`at least ${least}${of}`);
    else if (most !== undefined) said.push(`at most ${most}${of}`);
  };
  span(minimum, maximum, "");
  span(minLength, maxLength, " characters");
  span(minItems, maxItems, " entries");
  if (schema.minProperties === 1 && schema.maxProperties === 1) said.push("exactly one field");
  if (schema.default !== undefined) said.push(`${JSON.stringify(schema.default)} if left out`);
  const text = said.join("; ");
  return text && `${text[0].toUpperCase()}${text.slice(1)}.`;
}

/** One field: name, type, whether it must be there, what it means. */
export function field(api, name, schema, required, says) {
  const real = resolve(api, schema) ?? {};
  const about = [says ?? schema.description ?? real.description, bounds(real)];
  const made = element(
    "div", "field",
    element("span", "key", name),
    element("span", "kind", kind(api, schema)),
    required ? element("span", "must", "required") : null,
  );
  const text = about.filter(Boolean).join(" ");
  if (text) made.append(words(text));
  const pattern = real.pattern && real.pattern.length < 70 ? real.pattern : null;
  if (pattern) made.append(element("p", "", "Pattern ", element("code", "", pattern)));
  const inner = real.type === "array" ? real.items : schema;
  if (hasFields(api, inner)) made.append(folded(api, inner));
  return made;
}

function hasFields(api, schema) {
  const real = resolve(api, schema) ?? {};
  return Boolean(real.properties) || (real.allOf ?? choices(real)).some((one) => hasFields(api, one));
}

/** Fields that are shown when somebody asks for them: a schema may hold itself. */
function folded(api, schema) {
  const details = element("details", "", element("summary", "", "Fields"));
  details.addEventListener("toggle", () => {
    if (details.open && details.children.length === 1) details.append(fields(api, schema));
  });
  return details;
}

/** All fields of a schema. */
export function fields(api, schema) {
  const real = resolve(api, schema) ?? {};
  if (real.allOf) return element("div", "either", ...real.allOf.map((one) => fields(api, one)));
  const one = choices(real).filter((each) => hasFields(api, each));
  if (one.length) {
    const shown = one.map((each) =>
      element("div", "", one.length > 1 ? words(`Either ${kind(api, each)}:`) : "", fields(api, each)));
    return element("div", "either", ...shown);
  }
  if (real.type === "array") return fields(api, real.items);
  const required = new Set(real.required ?? []);
  const rows = Object.entries(real.properties ?? {});
  const shown = rows.map(([name, each]) => field(api, name, each, required.has(name)));
  if (!shown.length) return element("p", "", kind(api, schema));
  return element("div", "fields", ...shown);
}
