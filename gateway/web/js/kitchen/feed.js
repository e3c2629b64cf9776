// How the kitchen hears of its orders: live, and what the live feed leaves out is asked besides: who
// ordered, and the orders beyond the hundred of a snapshot.

import { request } from "../api.js";
import { follow } from "../live.js";
import { shopNow } from "../shopclock.js";
import { all, nameOf, orderOf, STAGES, sync, take, takeEvent } from "./orders.js";

const AREA = "staff";
/** Orders of one page of the API. */
const PAGE = 100;
/** Beyond so many in one column nobody looks; what is done makes room. */
const PAGES_MAX = 5;
/** With so many names to be asked for, one question for all is cheaper. */
const FEW = 4;
const FILL_PAUSE_MS = 250;
const FILL_AGAIN_MS = 3000;
/** A screen may run for weeks: it looks anew so often. */
const ANEW_EVERY_MS = 10 * 60_000;

/**
 * Follows a branch. `onState` as in `follow`; `onNew(orders)` gets those that came in while we looked,
 * `onCancelled(order)` one that was called off, `onMore(more)` whether there are more than are shown.
 */
export function watchKitchen(branch, { onState, onNew, onCancelled, onMore }) {
  const here = { open: true, begun: false, timer: null, feed: null };
  const query = encodeURIComponent(branch);

  const news = () => {
    const fresh = all().filter((order) => order.isNew);
    for (const order of fresh) order.isNew = false;
    const waiting = fresh.filter((order) => order.status === "confirmed");
    if (here.begun && waiting.length > 0) onNew(waiting);
    here.begun = true;
  };

  const onEvent = (name, data) => {
    if (!here.open) return;
    if (name === "snapshot" || name === "reset") {
      sync(data);
      onMore(false);
      if (data.more) loadRest(data.orders.at(-1).id).catch(() => onMore(true));
      news();
    } else if (name === "order") {
      const before = orderOf(data.order_id);
      if (data.status === "cancelled" && before) onCancelled(before);
      const order = takeEvent(data, shopNow());
      if (order?.name === null) fillSoon(FILL_PAUSE_MS);
      news();
    }
  };

  /** What lies behind the last order of a snapshot. */
  const loadRest = async (last) => {
    let more = false;
    for (const status of STAGES) {
      let before = "";
      for (let page = 0; ; page += 1) {
        const path = `/orders?branch=${query}&status=${status}&limit=${PAGE}${before}`;
        const { orders, next } = await request("GET", path, { area: AREA });
        if (!here.open) return;
        const newer = orders.filter((order) => order.id > last);
        for (const order of newer) {
          const taken = take(order);
          if (taken) taken.isNew = false;
        }
        if (next === null || newer.length < orders.length) break;
        if (page + 1 >= PAGES_MAX) {
          more = true;
          break;
        }
        before = `&before=${encodeURIComponent(next)}`;
      }
    }
    onMore(more);
  };

  const fillSoon = (pause) => {
    here.timer ??= setTimeout(() => {
      here.timer = null;
      fill().catch(() => here.open && fillSoon(FILL_AGAIN_MS));
    }, pause);
  };

  /** Asks who ordered, where that is not known. */
  const fill = async () => {
    const bare = () => all().filter((order) => order.name === null);
    if (bare().length > FEW) {
      const { orders } = await request("GET", `/kitchen/orders?branch=${query}`, { area: AREA });
      if (here.open) orders.forEach(take);
    }
    for (const { id } of bare().slice(0, FEW)) {
      const order = await request("GET", `/orders/${id}`, { area: AREA });
      if (!here.open) return;
      take(order);
    }
    if (bare().length > 0) fillSoon(FILL_PAUSE_MS);
  };

  const look = () => {
    here.feed?.close();
    const tell = (state, error) => {
      if (state !== "connecting" || !here.begun) onState(state, error);
    };
    here.feed = follow(`/kitchen/live?branch=${query}`, { area: AREA, onEvent, onState: tell, stays: true });
  };
  look();
  const anew = setInterval(look, ANEW_EVERY_MS);
  const close = () => {
    here.open = false;
    here.feed.close();
    clearInterval(anew);
    clearTimeout(here.timer);
  };
  return { close };
}

/** The lines of an order in words, such as "2 × Donut". */
export const inWords = (order) => order.lines.map(({ product, quantity }) => `${quantity} × ${nameOf(product)}`);
