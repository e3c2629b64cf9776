// A write that may not be answered is sent again under the same key: then it is done once, however often
// it is sent and whichever page of this browser sends it.

import { newKey } from "./api.js";
import { keep, recall } from "./keep.js";

const SENT = "sent";
/** Who wishes the same after so long wishes it once more. */
const SAME_WISH_MS = 3_600_000;

/** Does `send(key)`. As long as there is no answer the same wish (a text) has the same key, for an hour at most. */
export async function once(wish, send) {
  const now = Date.now();
  const open = () => (recall(SENT) ?? []).filter(({ at }) => now - at < SAME_WISH_MS);
  const others = () => open().filter((one) => one.wish !== wish);
  const mine = open().find((one) => one.wish === wish) ?? { wish, key: newKey(), at: now };
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
