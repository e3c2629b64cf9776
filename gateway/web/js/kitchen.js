// The kitchen: what is new, in work and ready, and one press for each next step.

import { announce, byId, h, replace } from "./dom.js";
import { branch, branchId, watchBranch } from "./branch.js";
import { fullscreenButton } from "./fullscreen.js";
import { livePill } from "./status.js";
import { openPage } from "./page.js";
import { stayAwake } from "./awake.js";
import { staffOnly } from "./staff.js";
import { explain, t } from "./text.js";
import { beside } from "./kitchen/beside.js";
import { board } from "./kitchen/board.js";
import { inWords, watchKitchen } from "./kitchen/feed.js";
import { noNotices, notice, notices } from "./kitchen/notices.js";
import { clear, onChange } from "./kitchen/orders.js";
import { chime, soundButton } from "./kitchen/sound.js";
import { giveUpAll } from "./kitchen/work.js";

const TICK_MS = 1000;
/** New orders within so long are told in one sentence. */
const TOLD_MS = 700;
const TOLD_MAX = 3;

let shown = null;
let told = [];

/** Tells of new orders: what is in a few, the numbers of many. */
function tellNew(orders) {
  chime();
  if (told.length === 0) {
    setTimeout(() => {
      const [numbers, one] = [told.map((order) => order.number).join(", "), told[0]];
      const text = told.length > TOLD_MAX ? t("kitchen.new_many", { count: told.length, numbers })
        : told.map((order) => t("kitchen.new_one", { number: order.number, lines: inWords(order).join(", ") })).join(" ");
      told = [];
      if (one) announce(text);
    }, TOLD_MS);
  }
  told.push(...orders);
}

/** Shows the chosen branch in `main`; gives a function that ends it. */
function show(main) {
  clear();
  noNotices();
  const [pill, columns] = [livePill(), board()];
  const element = h("div", { class: "kitchen" });
  const side = beside(branchId());
  const bar = h("div", { class: "bar" },
    h("h1", {}, t("kitchen.title"), h("span", { class: "place" }, branch()?.name ?? branchId())), pill.element,
    h("div", { class: "bar-tools" }, side.button, soundButton(), fullscreenButton()));
  replace(element, bar, notices(), columns.element, side.element);
  side.show(element);
  replace(main, element);
  const feed = watchKitchen(branchId(), {
    onState: (state, error) => {
      pill.show(state);
      if (state === "over") notice(explain(error), "bad");
    },
    onNew: tellNew,
    onCancelled: ({ number }) => notice(t("kitchen.cancelled", { number }), "cool"),
    onMore: columns.setMore,
  });
  shown = { main, columns, side };
  columns.show();
  return () => {
    shown = null;
    giveUpAll();
    feed.close();
    side.close();
    clear();
  };
}

onChange(() => {
  shown?.columns.show();
  shown?.side.soon();
});

let end = null;
const who = h("span", {});
const again = () => {
  if (shown === null) return;
  const { main } = shown;
  end();
  end = show(main);
};
await openPage({ page: "kitchen", staff: true, tools: [who], onBranch: again });
staffOnly({
  main: byId("main"),
  tools: who,
  least: "kitchen",
  open: (main) => {
    end = show(main);
    stayAwake();
    return () => end();
  },
});
setInterval(() => shown?.columns.tick(), TICK_MS);
watchBranch();
