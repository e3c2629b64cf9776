// Elements from values. Text is always a text node, never markup, so whatever people type in is shown
// and cannot act.

const SVG = "http://www.w3.org/2000/svg";
const SAID_MS = 60;

/** An element of HTML: `h("button", { class: "big", onclick: buy, disabled: true }, "Buy")`. */
export function h(tag, props, ...children) {
  return fill(document.createElement(tag), props, children);
}

/** The same for SVG. */
export function svg(tag, props, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

function fill(element, props, children) {
  for (const [name, value] of Object.entries(props ?? {})) set(element, name, value);
  element.append(...flat(children));
  return element;
}

/** One property. null, undefined and false take an attribute away. */
export function set(element, name, value) {
  if (name.startsWith("on")) {
    if (value) element.addEventListener(name.slice(2), value);
  } else if (name === "dataset") {
    Object.assign(element.dataset, value);
  } else if (name === "style") {
    for (const [key, one] of Object.entries(value)) element.style.setProperty(key, one);
  } else if (name === "value" || name === "checked" || name === "selected") {
    element[name] = value;
  } else if (value === null || value === undefined || value === false) {
    element.removeAttribute(name);
  } else {
    element.setAttribute(name, value === true ? "" : String(value));
  }
}

/** Children without what is not there; numbers and strings become text nodes. */
function flat(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false)
    .map((child) => (child instanceof Node ? child : document.createTextNode(String(child))));
}

/** Puts other children into an element. */
export function replace(element, ...children) {
  element.replaceChildren(...flat(children));
  return element;
}

const HEADINGS = "h1, h2, h3";
/** `replace`, where buttons may be: with the focus among what goes, it goes on to the heading of what comes. */
export function redraw(element, ...children) {
  const had = element.contains(document.activeElement);
  replace(element, ...children);
  const heading = had ? element.querySelector(HEADINGS) ?? element.closest("section")?.querySelector(HEADINGS) : null;
  if (!heading) return;
  heading.tabIndex = -1;
  heading.focus();
}

/** Sets a text only where it differs, so that screen readers and animations are left in peace. */
export function say(element, text) {
  if (element.textContent !== String(text)) element.textContent = text;
}

/**
 * Shows a list, one element an item, and keeps elements that are there already: focus and animations
 * stay. `make(item)` gives a new element; `update(element, item)` brings any of them up to date.
 */
export function list(parent, items, keyOf, make, update) {
  const keys = items.map((item) => String(keyOf(item)));
  const wanted = new Set(keys);
  // First, so that those behind them need not be moved: what is moved loses the focus.
  for (const child of [...parent.children]) if (!wanted.has(child.dataset.key)) child.remove();
  const old = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  let next = parent.firstElementChild;
  for (const [index, item] of items.entries()) {
    const key = keys[index];
    let element = old.get(key);
    if (element === undefined) {
      element = make(item);
      element.dataset.key = key;
    }
    update?.(element, item);
    if (element === next) next = next.nextElementSibling;
    else parent.insertBefore(element, next);
  }
}

const shown = new WeakMap();
/** Whether an element showed something else so far; from now on it shows this. What is as it was is left alone, and the focus in it. */
export function isNew(element, what) {
  const now = JSON.stringify(what);
  const is = shown.get(element) !== now;
  shown.set(element, now);
  return is;
}

/** The element with this id. */
export const byId = (id) => document.getElementById(id);

let region;
const texts = new Set();
/** Tells screen readers, when they have finished what they are saying. */
export function announce(text) {
  if (region === undefined) {
    region = h("div", { class: "unseen", role: "status", "aria-live": "polite" });
    document.body.append(region);
  }
  const isFirst = texts.size === 0;
  texts.add(text);
  if (!isFirst) return;
  region.textContent = "";
  setTimeout(() => {
    region.textContent = [...texts].join(" ");
    texts.clear();
  }, SAID_MS);
}
