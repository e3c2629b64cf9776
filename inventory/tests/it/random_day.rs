//! Days at random, by a seed, beside a model of piles of bread that knows no SQL: every figure of
//! every day is the same, and every unit that was baked is in exactly one place.

use crate::{
    DAY_S, SHELF_LIFE_S, adds_up, bake_due, bakery, closing_due, confirm, discount_due, line,
    order_id, report, reserve_at, sweep_due,
};
use bakery_inventory::Shelf;
use bakery_nats::envelope::Wire;
use bakery_nats::messages::inventory::{DayLine, Line, Release, ReserveRefused, Reserved, Restock};
use bakery_nats::process::Outcome;
use bakery_testbed::{at, message};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use std::collections::BTreeMap;

const SEEDS: u64 = 4;
const BATCHES: u64 = 200;
const BATCH_MAX: usize = 4;
/// Between two batches, at most: about two days and nights in a run.
const PAUSE_MAX_S: i64 = 24 * 60;
/// In the order of the menu, with the full price.
const PRODUCTS: [(&str, i64); 2] = [("bread", 300), ("donut", 150)];

#[tokio::test(flavor = "multi_thread")]
async fn a_report_adds_up_whatever_happened() {
    let mut happened = [false; 6];
    for seed in 0..SEEDS {
        println!("seed {seed}");
        let pool = bakery().await;
        let mut model = Model::new(seed);
        for _ in 0..BATCHES {
            model.now += TimeDelta::seconds(model.random.i64(1..=PAUSE_MAX_S));
            let ops = model.choose();
            // A discount counts for the orders of its own batch too.
            model.discounts.extend(ops.contains(&Op::Discount).then_some(model.now));
            let wires: Vec<Wire> = ops.iter().map(|op| op.wire(model.now)).collect();
            for (op, outcome) in ops.iter().zip(message::handle(&pool, Shelf, &wires).await) {
                let Outcome::Send(answers) = outcome else { panic!("{op:?}: {outcome:?}") };
                model.apply(op, &answers[0]);
            }
            if model.closed == Some(model.now) {
                model.check(&pool).await;
            }
        }
        model.check(&pool).await;
        let more = model.happened();
        happened = std::array::from_fn(|n| happened[n] || more[n]);
    }
    assert_eq!(happened, [true; 6], "what never happened was not tried");
}

/// In the order in which the handler works on a batch.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Op {
    Bake(usize, u32, u64),
    Reserve(u64, Vec<(usize, u32)>),
    Confirm(u64),
    Release(u64),
    Restock(u64),
    Sweep,
    Discount,
    Close,
}

impl Op {
    fn wire(&self, now: DateTime<Utc>) -> Wire {
        let order = |order: &u64| order_id(*order);
        match self {
            Self::Bake(product, units, n) => bake_due(PRODUCTS[*product].0, *units, now, *n),
            Self::Reserve(order, wish) => {
                let wish = wish.iter().map(|(product, units)| line(PRODUCTS[*product].0, *units));
                reserve_at(*order, &wish.collect::<Vec<Line>>(), now)
            }
            Self::Confirm(order) => confirm(*order, (now - at(0)).num_seconds()),
            Self::Release(id) => message::wire("orders", &Release { order_id: order(id) }, now),
            Self::Restock(id) => message::wire("orders", &Restock { order_id: order(id) }, now),
            Self::Sweep => sweep_due(now),
            Self::Discount => discount_due(now),
            Self::Close => closing_due(now),
        }
    }
}

/// Units of one product that were baked at one moment are all alike.
#[derive(Clone, Copy, Default)]
struct Pile {
    baked: i64,
    free: i64,
    stale: i64,
    thrown: i64,
}

/// A unit in somebody's hands: its pile, and what it costs.
type Held = ((usize, DateTime<Utc>), i64);

#[derive(Clone, Copy, Default)]
struct Tally {
    missed: i64,
    returned: i64,
    refunded: i64,
}

struct Model {
    random: fastrand::Rng,
    now: DateTime<Utc>,
    next: u64,
    piles: BTreeMap<(usize, DateTime<Utc>), Pile>,
    reserved: BTreeMap<u64, Vec<Held>>,
    sold: BTreeMap<u64, Vec<Held>>,
    tallies: BTreeMap<(NaiveDate, usize), Tally>,
    discounts: Vec<DateTime<Utc>>,
    closed: Option<DateTime<Utc>>,
}

/// The branch closes at 18:00, in UTC.
fn day_of(at: DateTime<Utc>) -> NaiveDate {
    (at + TimeDelta::hours(6)).date_naive()
}

fn number(product: &str) -> usize {
    PRODUCTS.iter().position(|(id, _)| *id == product).unwrap()
}

impl Model {
    fn new(seed: u64) -> Self {
        Self {
            random: fastrand::Rng::with_seed(seed),
            now: at(0),
            next: 0,
            piles: BTreeMap::new(),
            reserved: BTreeMap::new(),
            sold: BTreeMap::new(),
            tallies: BTreeMap::new(),
            discounts: Vec::new(),
            closed: None,
        }
    }

    /// What happens next, at one moment; no order twice.
    fn choose(&mut self) -> Vec<Op> {
        let mut open: Vec<u64> = self.reserved.keys().copied().collect();
        let mut sold: Vec<u64> = self.sold.keys().copied().collect();
        self.random.shuffle(&mut open);
        self.random.shuffle(&mut sold);
        let mut ops = Vec::new();
        for _ in 0..self.random.usize(1..=BATCH_MAX) {
            self.next += 1;
            let (dice, units) = (self.random.u8(0..100), self.random.u32(1..8));
            let product = self.random.usize(0..PRODUCTS.len());
            ops.extend(match dice {
                0..30 => Some(Op::Bake(product, units, self.next)),
                30..50 => Some(Op::Reserve(self.next, vec![(product, units)])),
                50..60 => Some(Op::Reserve(self.next, vec![(1, units), (0, 1)])),
                60..75 => open.pop().map(Op::Confirm),
                75..82 => open.pop().map(Op::Release),
                82..89 => sold.pop().map(Op::Restock),
                89..94 => Some(Op::Sweep),
                94..97 => Some(Op::Discount),
                _ => Some(Op::Close),
            });
        }
        // After a day's end the closing is not far; it is the least that can happen.
        let late = self.closed.is_none_or(|closed| day_of(closed) < day_of(self.now));
        if ops.is_empty() || late && self.random.bool() {
            ops.push(Op::Close);
        }
        ops.sort();
        ops.dedup();
        ops
    }

    fn apply(&mut self, op: &Op, answer: &Wire) {
        let now = self.now;
        let is_stale = |baked_at: DateTime<Utc>| baked_at + TimeDelta::seconds(SHELF_LIFE_S) <= now;
        match op {
            Op::Bake(product, units, _) => {
                let pile = self.piles.entry((*product, now)).or_default();
                pile.baked += i64::from(*units);
                pile.free += i64::from(*units);
            }
            Op::Reserve(order, _) if answer.subject.ends_with(".reserve-refused") => {
                let refused: ReserveRefused = message::body(answer);
                assert_eq!(refused.code, "out_of_stock", "{order}");
                for line in refused.missing {
                    let product = number(line.product_id.as_str());
                    assert_eq!(i64::from(line.available), self.for_sale(product));
                    let tally = self.tallies.entry((day_of(now), product)).or_default();
                    tally.missed += i64::from(line.wanted);
                }
            }
            Op::Reserve(order, _) => self.hold(*order, &message::body(answer)),
            Op::Confirm(order) => {
                let held = self.reserved.remove(order).unwrap();
                self.sold.insert(*order, held);
            }
            Op::Release(order) => {
                let held = self.reserved.remove(order).unwrap();
                self.put_back(&held);
            }
            Op::Restock(order) => {
                let held = self.sold.remove(order).unwrap();
                for ((product, baked_at), price) in &held {
                    let key = (day_of(*baked_at), *product);
                    let tally = self.tallies.entry(key).or_default();
                    tally.returned += 1;
                    tally.refunded += price;
                }
                self.put_back(&held);
            }
            Op::Sweep => {
                for ((_, baked_at), pile) in &mut self.piles {
                    let swept =
                        if is_stale(*baked_at) { std::mem::take(&mut pile.free) } else { 0 };
                    pile.stale += swept;
                }
            }
            Op::Discount => {}
            Op::Close => {
                for ((_, baked_at), pile) in &mut self.piles {
                    let over = day_of(*baked_at) < day_of(now);
                    pile.thrown += if over { std::mem::take(&mut pile.free) } else { 0 };
                }
                self.closed = Some(now);
            }
        }
    }

    /// Piles that can be sold from now, oldest first.
    fn fresh(&self, product: usize) -> impl Iterator<Item = (DateTime<Utc>, i64)> {
        let now = self.now;
        let fresh = move |baked_at: DateTime<Utc>| {
            baked_at + TimeDelta::seconds(SHELF_LIFE_S) > now && day_of(baked_at) == day_of(now)
        };
        let piles = self.piles.iter().filter(move |((p, at), _)| *p == product && fresh(*at));
        piles.map(|((_, baked_at), pile)| (*baked_at, pile.free))
    }

    fn for_sale(&self, product: usize) -> i64 {
        self.fresh(product).map(|(_, free)| free).sum()
    }

    /// Checks which units were given at which price, and takes them.
    fn hold(&mut self, order: u64, reserved: &Reserved) {
        let today = day_of(self.now);
        let lower = self.discounts.iter().any(|from| day_of(*from) == today);
        let mut held = Vec::new();
        for line in &reserved.lines {
            let product = number(line.product_id.as_str());
            for unit in &line.units {
                let oldest = self.fresh(product).find(|(_, free)| *free > 0);
                assert_eq!(oldest.map(|(baked_at, _)| baked_at), Some(unit.baked_at));
                let full = PRODUCTS[product].1;
                let price = if lower { full / 2 } else { full };
                assert_eq!(unit.price, price, "{unit:?}");
                let pile = (product, unit.baked_at);
                self.piles.get_mut(&pile).unwrap().free -= 1;
                held.push((pile, unit.price));
            }
        }
        self.reserved.insert(order, held);
    }

    fn put_back(&mut self, held: &[Held]) {
        for (key, _) in held {
            let pile = self.piles.get_mut(key).unwrap();
            if key.1 + TimeDelta::seconds(SHELF_LIFE_S) <= self.now {
                pile.stale += 1;
            } else if day_of(key.1) < day_of(self.now) {
                pile.thrown += 1;
            } else {
                pile.free += 1;
            }
        }
    }

    /// Every day of the run is as the model has it.
    async fn check(&self, pool: &bakery_nats::Pool) {
        let mut date = day_of(at(0));
        while date <= day_of(self.now) {
            let lines = report(pool, "main", date).await.day.lines;
            assert_eq!(lines, self.lines(date), "{date}");
            assert!(lines.iter().all(adds_up), "{lines:?}");
            date += TimeDelta::seconds(DAY_S);
        }
    }

    fn lines(&self, date: NaiveDate) -> Vec<DayLine> {
        let line = |product: usize| {
            let of_day =
                |pile: &(usize, DateTime<Utc>)| pile.0 == product && day_of(pile.1) == date;
            let tally = self.tallies.get(&(date, product));
            let piles: Vec<Pile> =
                self.piles.iter().filter(|(key, _)| of_day(key)).map(|(_, pile)| *pile).collect();
            if piles.is_empty() && tally.is_none() {
                return None;
            }
            let sum = |figure: fn(&Pile) -> i64| piles.iter().map(figure).sum();
            let prices = |orders: &BTreeMap<u64, Vec<Held>>| -> Vec<i64> {
                let units = orders.values().flatten().filter(|(pile, _)| of_day(pile));
                units.map(|(_, price)| *price).collect()
            };
            let (sold, reserved) = (prices(&self.sold), prices(&self.reserved));
            let full = sold.iter().filter(|price| **price == PRODUCTS[product].1).count();
            let Tally { missed, returned, refunded } = tally.copied().unwrap_or_default();
            Some(DayLine {
                product_id: PRODUCTS[product].0.parse().unwrap(),
                baked: sum(|pile| pile.baked),
                free: sum(|pile| pile.free),
                reserved: i64::try_from(reserved.len()).unwrap(),
                sold_full: i64::try_from(full).unwrap(),
                sold_discount: i64::try_from(sold.len() - full).unwrap(),
                stale: sum(|pile| pile.stale),
                thrown: sum(|pile| pile.thrown),
                returned,
                missed,
                takings: sold.iter().sum::<i64>() + refunded,
                refunds: refunded,
            })
        };
        (0..PRODUCTS.len()).filter_map(line).collect()
    }

    /// Whether units went stale, were thrown out, missed, returned, sold in full and for less.
    fn happened(&self) -> [bool; 6] {
        let pile = |figure: fn(&Pile) -> i64| self.piles.values().any(|pile| figure(pile) > 0);
        let tally = |figure: fn(&Tally) -> i64| self.tallies.values().any(|t| figure(t) > 0);
        let full = |held: &Held| held.1 == PRODUCTS[held.0.0].1;
        let sold: Vec<bool> = self.sold.values().flatten().map(full).collect();
        [
            pile(|pile| pile.stale),
            pile(|pile| pile.thrown),
            tally(|tally| tally.missed),
            tally(|tally| tally.returned),
            sold.contains(&true),
            sold.contains(&false),
        ]
    }
}
