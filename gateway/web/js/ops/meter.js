// How fast counters rise: two of them and the time between. A counter that fell began anew, and says
// nothing about that time. The counters of a service are those of its instances, each for itself: their
// sum falls where one is missing, and jumps when it is back.

/** What is kept of each: five minutes of two seconds. */
const KEPT = 150;
/** What was not seen for so long is an instance that is gone. */
const GONE_MS = 60_000;

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
  /** How fast this counter rose since it was seen last, a second; null where that is not known. */
  const rise = (name, value, now) => {
    if (value === null) return null;
    const before = last.get(name);
    last.set(name, { value, now });
    return before === undefined || now <= before.now || value < before.value ? null : (value - before.value) / ((now - before.now) / 1000);
  };
  const count = (name, rate) => {
    rates.set(name, rate);
    remember(name, rate);
  };
  /** All that is known; null where nothing is. */
  const sum = (all) => {
    const known = all.filter((rate) => rate !== null);
    return known.length === 0 ? null : known.reduce((one, other) => one + other, 0);
  };
  const take = ({ measured_at: measured, services, stream, consumers }) => {
    const now = Date.parse(measured);
    // One answer is given to all who ask within a second.
    if (at !== null && now === at) return;
    at = now;
    // What this answer says nothing of is not known any more.
    rates.clear();
    for (const [name, seen] of last) if (now - seen.now > GONE_MS) last.delete(name);
    count("stream", rise("stream", stream?.last_sequence ?? null, now));
    for (const { name, instances } of services ?? []) {
      for (const what of ["requests", "errors"]) count(`${name} ${what}`, sum(instances.map((one) => rise(`${name} ${what} ${one.id}`, one[what], now))));
    }
    for (const { name, delivered, acknowledged, pending } of consumers ?? []) {
      count(`${name} delivered`, rise(`${name} delivered`, delivered, now));
      count(`${name} acknowledged`, rise(`${name} acknowledged`, acknowledged, now));
      remember(`${name} pending`, pending);
    }
  };
  return { take, rate: (name) => rates.get(name) ?? null, history: (name) => histories.get(name) ?? [] };
}
