// The shop's clock. It may be set otherwise than the browser's, and in a demo it may run many times as
// fast; how fast, what was heard of it tells.

/** Two times that were heard closer together say nothing about the speed. */
const APART_MIN_MS = 1500;
/** A clock that is this near to ours runs as fast. */
const USUAL_SPEED_MAX = 1.5;
/** Answers take a moment, but none so long. */
const OFF_MAX_MS = 5000;

let first = null;
let last = null;
let speed = 1;

/** Takes a time that the shop told just now; without one nothing changes. */
export function heard(time) {
  if (!time) return;
  const now = { shop: Date.parse(time), here: performance.now() };
  // The clock was set, or runs at another speed than was known: it counts from what was heard last.
  if (last !== null && Math.abs(shopNow() - now.shop) > OFF_MAX_MS * speed) first = last;
  first ??= now;
  last = now;
  if (now.here - first.here < APART_MIN_MS) return;
  const ratio = (now.shop - first.shop) / (now.here - first.here);
  speed = ratio > USUAL_SPEED_MAX ? ratio : 1;
}

/** What the clock in the shop shows, in milliseconds. */
export function shopNow() {
  return last === null ? Date.now() : last.shop + (performance.now() - last.here) * speed;
}
