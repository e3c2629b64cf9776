// How fast counters rise: two of them and the time between. A counter that fell began anew, and says
// nothing about that time.

/** What is kept of each: five minutes of two seconds. */
const KEPT = 150;

/** `take(pipeline)`, then `rate(name)` a second, or null, and `history(name)`. */
export function meter() {
  const last = new Map();
  const rates = new Map();
  const histories = new Map();
  let at = null;
  const remember = (name, value) => {
    const kept = histories.get(name) ?? [];
    kept.push(value);
    if (kept.length > KEPT) kept.shift();
    histories.set(name, kept);
  };
  const count = (name, value, s) => {
    const before = last.get(name);
    const rate = value === null || before === undefined || before === null || !(s > 0) || value < before ? null : (value - before) / s;
    last.set(name, value);
    rates.set(name, rate);
    remember(name, rate);
  };
  const take = ({ measured_at: measured, services, stream, consumers }) => {
    const now = Date.parse(measured);
    // One answer is given to all who ask within a second.
    if (at !== null && now === at) return;
    const s = at === null ? 0 : (now - at) / 1000;
    at = now;
    count("stream", stream?.last_sequence ?? null, s);
    for (const { name, requests, errors, state } of services ?? []) {
      count(`${name} requests`, state === "up" ? requests : null, s);
      count(`${name} errors`, state === "up" ? errors : null, s);
    }
    for (const { name, delivered, acknowledged, pending } of consumers ?? []) {
      count(`${name} delivered`, delivered, s);
      count(`${name} acknowledged`, acknowledged, s);
      remember(`${name} pending`, pending);
    }
  };
  return { take, rate: (name) => rates.get(name) ?? null, history: (name) => histories.get(name) ?? [] };
}
