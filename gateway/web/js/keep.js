// What the browser keeps for us, as JSON under a prefix of our own. A browser that keeps nothing
// (private windows, full disks) is no reason to fail: then it is kept for as long as the page.

const PREFIX = "bakery.";
/** What could not be written. */
const page = new Map();

/** What was kept under this name, or null. */
export function recall(name) {
  if (page.has(name)) return page.get(name);
  try {
    const text = localStorage.getItem(PREFIX + name);
    return text === null ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

/** Keeps a value; null forgets it. */
export function keep(name, value) {
  try {
    if (value === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, JSON.stringify(value));
    page.delete(name);
  } catch {
    page.set(name, value);
  }
}

/** Calls `changed` when another tab keeps something else under this name. */
export function watch(name, changed) {
  addEventListener("storage", (event) => {
    if (event.key !== PREFIX + name && event.key !== null) return;
    page.delete(name);
    changed(recall(name));
  });
}
