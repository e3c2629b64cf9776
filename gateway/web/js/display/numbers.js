// The numbers on the board, and where each stands. A number is all that anybody is told: where
// yesterday's order of the same number was never fetched, today's takes its place.

/** What just became ready is marked for so long. */
const NEW_MS = 45_000;

const numbers = new Map();
let turn = 0;

/** How things stand. Gives the numbers that became ready since it was last known. */
export function sync(orders) {
  const known = new Map(numbers);
  const isFirst = known.size === 0;
  const ready = [];
  numbers.clear();
  for (const { number, status } of orders) {
    const before = known.get(number);
    if (before?.status === status) numbers.set(number, before);
    else {
      const isNew = status === "ready" && !isFirst;
      put(number, status, isNew);
      if (isNew) ready.push(number);
    }
  }
  return ready;
}

/** Takes an event. Gives the number where it just became ready, else null. */
export function take({ number, status }) {
  if (status === "gone") {
    numbers.delete(number);
    return null;
  }
  if (numbers.get(number)?.status === status) return null;
  const isNew = status === "ready";
  put(number, status, isNew);
  return isNew ? number : null;
}

function put(number, status, isNew) {
  turn += 1;
  numbers.set(number, { number, status, turn, newUntil: isNew ? performance.now() + NEW_MS : 0 });
}

/** What is prepared, the first first; what is ready, the newest first: that one is looked for. */
export function stand() {
  const now = performance.now();
  const show = ({ number, newUntil }) => ({ number, isNew: newUntil > now });
  const of = (status) => [...numbers.values()].filter((one) => one.status === status).sort((a, b) => a.turn - b.turn);
  return { preparing: of("preparing").map(show), ready: of("ready").reverse().map(show) };
}

/** Forgets all: another branch. */
export const clear = () => numbers.clear();
