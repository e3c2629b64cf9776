// With `?kiosk` in the address the board is alone on its screen: what is only for hands goes away while
// nobody moves anything.

const AFTER_MS = 4000;

/** Whether the page hangs on a wall. */
export const isKiosk = () => new URLSearchParams(location.search).has("kiosk");

/** Marks the document as idle while nobody does anything. */
export function watchIdle() {
  const root = document.documentElement;
  let timer = null;
  const busy = () => {
    delete root.dataset.idle;
    clearTimeout(timer);
    timer = setTimeout(() => { root.dataset.idle = "true"; }, AFTER_MS);
  };
  for (const sign of ["pointermove", "pointerdown", "keydown", "focusin"]) addEventListener(sign, busy, { passive: true });
  busy();
}
