// What the kitchen has in hand. An order only goes on: whatever is heard twice, late or in another
// order than it happened never puts one back.

/** The columns, in the order in which an order goes through them. */
export const STAGES = ["confirmed", "preparing", "ready"];
const WAY = ["placed", "reserved", ...STAGES, "served", "rejected", "declined", "cancelled"];
/** Orders that have left the kitchen are remembered, so that an old answer brings none back. */
const GONE_MAX = 2000;

const orders = new Map();
const gone = new Set();
const names = new Map();
const listeners = [];

/** How far on a status is. */
export const rank = (status) => WAY.indexOf(status);

/** The order with this id, or undefined. */
export const orderOf = (id) => orders.get(id);

/** All orders in hand; ids are in the order in which the orders were placed. */
export const all = () => [...orders.values()].sort((a, b) => (a.id < b.id ? -1 : 1));

/** What a product is called, as far as it was heard. */
export const nameOf = (product) => names.get(product) ?? product;
/** Learns it. */
export const learnName = (product, name) => { names.set(product, name); };

/** Calls `done` after each change, once for those that come together. */
export const onChange = (done) => { listeners.push(done); };

let due = null;
/** Something is different. */
export function changed() {
  due ??= setTimeout(() => {
    due = null;
    for (const done of listeners) done();
  });
}

/** Takes an order as the API gives it. Gives what it is here now, or null where it is none of ours. */
export function take(order) {
  for (const item of order.items) learnName(item.product_id, item.name);
  const lines = order.items.map(({ product_id, quantity }) => ({ product: product_id, quantity }));
  const facts = { name: order.customer.name, lines, placed: Date.parse(order.created_at) };
  return put(order.id, order.number, order.status, Date.parse(order.updated_at), facts);
}

/** Takes an event of the kitchen's feed. Who ordered is not in it: `name` is null until it is read. */
export function takeEvent({ order_id: id, number, status, lines, at }, now) {
  const since = at ? Date.parse(at) : now;
  const facts = { name: null, placed: since, lines: lines.map(({ product_id, quantity }) => ({ product: product_id, quantity })) };
  return put(id, number, status, since, orders.has(id) ? {} : facts);
}

function put(id, number, status, since, facts) {
  const before = orders.get(id);
  if (!STAGES.includes(status)) {
    drop(id);
    return null;
  }
  if (gone.has(id)) return null;
  const order = before ?? { id, number, status, since, work: null, isNew: true };
  if (rank(status) > rank(order.status)) Object.assign(order, { status, since });
  Object.assign(order, facts);
  orders.set(id, order);
  changed();
  return order;
}

/** The kitchen is done with it. */
export function drop(id) {
  gone.add(id);
  if (gone.size > GONE_MAX) gone.delete(gone.values().next().value);
  if (orders.delete(id)) changed();
}

/** How things stand: what is not in it, up to the last order that it can tell of, is not in hand. */
export function sync({ orders: list, more }) {
  const there = new Set(list.map((order) => order.id));
  const last = more ? list.at(-1).id : null;
  for (const id of orders.keys()) {
    if (!there.has(id) && (last === null || id <= last)) orders.delete(id);
  }
  list.forEach(take);
  changed();
}

/** Forgets everything: another branch, or nobody is signed in. */
export function clear() {
  orders.clear();
  gone.clear();
  changed();
}
