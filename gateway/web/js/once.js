// A write that may not be answered is sent again under the same key: then it is done once, however often
// it is sent and whichever page of this browser sends it.

import { newKey } from "./api.js";
import { keep, recall } from "./keep.js";

const SENT = "sent";

/**
 * Does `send(key)`. As long as there is no answer the same wish (a text) has the same key; who wishes the
 * same later than `sameMs` after the first try wishes it once more.
 */
export async function once(wish, sameMs, send) {
  const now = Date.now();
  const open = () => (recall(SENT) ?? []).filter(({ until }) => now < until);
  const others = () => open().filter((one) => one.wish !== wish);
  const mine = open().find((one) => one.wish === wish) ?? { wish, key: newKey(), until: now + sameMs };
  keep(SENT, [...others(), mine]);
  try {
    const answer = await send(mine.key);
    keep(SENT, others());
    return answer;
  } catch (error) {
    // Refused is answered; otherwise it may have been done, and the key stays.
    if (error.isRefused) keep(SENT, others());
    throw error;
  }
}
