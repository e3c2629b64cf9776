// Moving an order on. What was pressed is under way until the bakery has said yes or no; without a
// connection it waits and goes out later. To ask twice does no harm: the step is done once.

import { announce } from "../dom.js";
import { ApiError, request } from "../api.js";
import { explain, t } from "../text.js";
import { onBack } from "../status.js";
import { notice } from "./notices.js";
import { all, changed, drop, orderOf, rank, take } from "./orders.js";

const AREA = "staff";
const PAUSE_MIN_MS = 1000;
const PAUSE_MAX_MS = 8000;

/** What comes next, by where an order is. */
export const STEPS = {
  confirmed: { action: "start", to: "preparing" },
  preparing: { action: "ready", to: "ready" },
  ready: { action: "serve", to: "served" },
};

/** Does the next step of an order. `order.work` is `{ step, isWaiting }` until it is done. */
export async function advance(order) {
  if (order.work !== null) return;
  const work = { step: STEPS[order.status], isWaiting: false, isOver: false, wake: () => {} };
  order.work = work;
  changed();
  try {
    await untilAnswered(order, work);
  } finally {
    if (order.work === work) order.work = null;
    changed();
  }
}

async function untilAnswered(order, work) {
  for (let pause = PAUSE_MIN_MS; !work.isOver; pause = Math.min(pause * 2, PAUSE_MAX_MS)) {
    // Somebody else may have done it while we waited.
    if (orderOf(order.id) !== order || rank(order.status) >= rank(work.step.to)) return;
    try {
      const after = await request("POST", `/kitchen/orders/${order.id}/${work.step.action}`, { area: AREA });
      if (work.isOver) return;
      order.isByHand = true;
      take(after);
      announce(t("kitchen.moved", { number: order.number, status: t(`status.${after.status}`) }));
      return;
    } catch (error) {
      if (!error.isPassing) return refused(order, error);
      if (!work.isWaiting) announce(t("kitchen.waits_said", { number: order.number }));
      work.isWaiting = true;
      changed();
      await rest(work, Math.max(pause * (0.5 + Math.random()), (error.retryAfter ?? 0) * 1000));
    }
  }
}

function rest(work, ms) {
  return new Promise((resolve) => {
    work.wake = resolve;
    setTimeout(resolve, ms);
  });
}

/** It was not done: the order is put where it is, and people are told. */
async function refused(order, error) {
  if (!(error instanceof ApiError)) throw error;
  const { id, number } = order;
  if (error.status === 404) {
    drop(id);
    return notice(t("kitchen.unknown", { number }));
  }
  if (error.status !== 409) return notice(t("kitchen.refused", { number, why: explain(error) }));
  try {
    const now = await request("GET", `/orders/${id}`, { area: AREA });
    take(now);
    notice(t("kitchen.conflict", { number, status: t(`status.${now.status}`) }));
  } catch {
    notice(t("kitchen.refused", { number, why: explain(error) }));
  }
}

/** What waits for a connection shall not be sent any more. */
export function giveUp(order) {
  if (order.work === null) return;
  order.work.isOver = true;
  order.work.wake();
  order.work = null;
  changed();
}

/** Nothing is sent any more: nobody is signed in, or it is another branch. */
export const giveUpAll = () => all().forEach(giveUp);

onBack(() => {
  for (const order of all()) order.work?.wake();
});
