// What is asked again and again while somebody looks: not in a hidden tab, and at once when the tab is
// seen again or the bakery is back.

import { onBack } from "./status.js";

/** `work`, one at a time: what is asked for meanwhile is done once more after it, so the newest comes last. */
export function inTurn(work) {
  let running = null;
  let wanted = false;
  const untilQuiet = async () => {
    try {
      while (wanted) {
        wanted = false;
        await work();
      }
    } finally {
      running = null;
    }
  };
  return () => {
    wanted = true;
    running ??= untilQuiet();
    return running;
  };
}

/** Calls `work()` when the page is seen again: in its tab, or on the browser's way back to it. */
export function onSeen(work) {
  document.addEventListener("visibilitychange", () => document.hidden || work());
  addEventListener("pageshow", ({ persisted }) => persisted && work());
}

const open = new Set();
onBack(() => { for (const now of open) now(); });

/**
 * Does `work()` at once, and again `everyMs` after it is done. Gives `{ now, close }`: `now()` is
 * done when what was asked for since is there. What `work` fails with is its own to show, so it should not throw.
 */
export function poll(everyMs, work) {
  let timer = null;
  let closed = false;
  const turn = inTurn(() => (closed ? null : work()));
  const now = async () => {
    clearTimeout(timer);
    try {
      await turn();
    } finally {
      clearTimeout(timer);
      if (!closed && !document.hidden) timer = setTimeout(now, everyMs);
    }
  };
  const seen = () => (document.hidden ? clearTimeout(timer) : now());
  const close = () => {
    closed = true;
    clearTimeout(timer);
    open.delete(now);
    document.removeEventListener("visibilitychange", seen);
  };
  open.add(now);
  document.addEventListener("visibilitychange", seen);
  now();
  return { now, close };
}
