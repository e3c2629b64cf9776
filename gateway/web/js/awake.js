// Keeps the screen on while the page is looked at, where the browser can do that.

let wanted = false;

async function hold() {
  if (!wanted || document.visibilityState !== "visible") return;
  // It is let go by the browser whenever the page is hidden, and may be refused on a low battery.
  await navigator.wakeLock?.request("screen").catch(() => null);
}

document.addEventListener("visibilitychange", hold);

/** From now on the screen stays on. */
export function stayAwake() {
  wanted = true;
  hold();
}
