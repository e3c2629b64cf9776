// The shop: what is on the shelf now, a basket, and the way to an order.

import { announce, byId, h, replace, say, set } from "./dom.js";
import { branch, branchId, refreshBranch, watchBranch } from "./branch.js";
import { follow } from "./live.js";
import { livePill, onBack } from "./status.js";
import { openPage, untilDone } from "./page.js";
import { clock, explain, t } from "./text.js";
import { shopNow } from "./shopclock.js";
import { accountBox, loadAccount } from "./shop/account.js";
import { basket, basketBar } from "./shop/basket.js";
import { fetchLater } from "./shop/later.js";
import { changed, forgetLines, onChange, state, takeLine, takeOff } from "./shop/state.js";
import { loadMenu, menu, refreshMenu } from "./shop/menu.js";
import { mine } from "./shop/mine.js";

/** How old things are is shown anew so often. */
const AGES_EVERY_MS = 1000;

const pill = livePill();
let feed = null;
/** Whether the feed said that no new try mends it. */
let isOver = false;

function hero() {
  const [place, open] = [h("p", { class: "faint" }), h("p", {}, h("span", { class: "pill" }))];
  onChange(() => {
    const { name, address, closed, open: isOpen, closes_at: closes, opens_at: opens, time_zone: zone } = state.branch;
    say(place, `${name}, ${address}`);
    const sign = open.firstElementChild;
    set(sign, "class", `pill ${isOpen ? "good" : "warn"}`);
    const day = opens && new Date(opens) - shopNow() > 20 * 3_600_000 ? { weekday: "long" } : {};
    const at = (time) => clock(time, zone, { ...day, hour: "numeric", minute: "2-digit" });
    say(sign, isOpen ? (closes ? t("shop.open_until", { time: at(closes) }) : t("shop.open"))
      : opens ? t("shop.opens", { time: at(opens) }) : closed ? t("shop.closed_by_hand") : t("shop.closed"));
  });
  return h("section", { class: "hero" }, h("h1", {}, t("shop.title")), place, h("div", { class: "row" }, open, pill.element));
}

/** A feed that does not speak knows nothing better than the menu. One that is over is begun anew once the branch answers. */
function heard(now) {
  if (now !== "live") forgetLines();
  isOver = now === "over";
  pill.show(now);
}

/** What is left, as it changes. */
function look() {
  feed?.close();
  const branchWas = branchId();
  const take = (name, data) => {
    if (branchWas !== branchId()) return;
    if (name === "snapshot" || name === "reset") {
      forgetLines();
      const there = new Set(data.products.map((line) => line.product_id));
      for (const id of state.products.keys()) if (!there.has(id)) takeOff(id);
      const unknown = data.products.filter((line) => !takeLine(line));
      if (unknown.length > 0) refreshMenu();
    } else if (name === "product" && !takeLine(data)) {
      refreshMenu();
    } else if (name === "gone") {
      takeOff(data.product_id);
    }
    changed();
  };
  feed = follow(`/shelf/live?branch=${encodeURIComponent(branchId())}`, { onEvent: take, onState: heard });
}

function takeBranch(now) {
  if (now.id !== branchId()) return;
  const before = state.branch;
  state.branch = now;
  if (isOver) look();
  if (before.id === now.id && before.open !== now.open) announce(t(state.branch.open ? "shop.open" : "shop.closed"));
  changed();
}

/** Shows the chosen branch. */
async function show() {
  feed?.close();
  pill.show("connecting");
  forgetLines();
  state.products.clear();
  state.branch = branch();
  changed();
  const wanted = branchId();
  const sayWhy = (error) => wanted === branchId() && replace(byId("main"), h("p", { class: "wait" }, explain(error)));
  try {
    await untilDone(loadMenu, sayWhy);
  } catch (error) {
    sayWhy(error);
    return;
  }
  if (wanted !== branchId()) return;
  replace(byId("main"), content);
  changed();
  look();
}

await openPage({ page: "shop", tools: [accountBox()], onBranch: () => show() });
const aside = basket();
const content = [hero(), h("div", { class: "shop" }, menu(), aside), mine(), basketBar(aside)];
loadAccount();
await show();
watchBranch(takeBranch);
fetchLater();
setInterval(changed, AGES_EVERY_MS);
onBack(() => {
  refreshBranch().then(takeBranch).catch(() => null);
  refreshMenu();
  loadAccount();
});
