// How every page begins: words, header, branches. Where the bakery does not answer yet, the page says
// so and tries again until it does.

import { byId, h, replace } from "./dom.js";
import { ApiError } from "./api.js";
import { explain, has, load, t } from "./text.js";
import { header } from "./header.js";
import { loadBranches } from "./branch.js";

const PAUSE_MIN_MS = 1000;
const PAUSE_MAX_MS = 8000;
/** A page that could not begin begins anew after so long. */
const RELOAD_MS = 8000;

/**
 * Opens a page; takes what `header` takes. With `branches: true` it comes back when they are loaded.
 * `parts` are words besides the page's own.
 */
export async function openPage(options) {
  try {
    await begin(options);
  } catch (error) {
    // Browsers keep that a module failed, so only a new page tries again.
    setTimeout(() => location.reload(), RELOAD_MS);
    if (has("loading")) replace(byId("main"), h("p", { class: "wait", role: "alert" }, explain(error)));
    throw error;
  }
}

async function begin({ branches = true, parts = [], ...around }) {
  await load(around.page, ...parts);
  header(around);
  if (!branches) return;
  await untilDone(loadBranches, (error) => replace(byId("main"), h("p", { class: "wait" }, explain(error)), h("p", { class: "wait" }, t("loading"))));
  header(around);
}

/** Does something until it succeeds or fails for good; `failed(error)` is called for each passing failure. */
export async function untilDone(work, failed) {
  for (let pause = PAUSE_MIN_MS; ; pause = Math.min(pause * 2, PAUSE_MAX_MS)) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ApiError) || !(error.isPassing || error.status >= 500)) throw error;
      failed(error);
      const ms = Math.max(pause * (0.5 + Math.random()), (error.retryAfter ?? 0) * 1000);
      await new Promise((resolve) => setTimeout(resolve, ms));
    }
  }
}
