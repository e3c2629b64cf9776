//! `inventory.reserve`: hold the oldest fresh units for each order, or say what is missing.

use crate::day_product::Tallies;
use crate::handlers::{Floor, key};
use crate::product::Product;
use crate::shop::Shop;
use crate::stock::{Decision, FreeUnit, Section, SectionKey, Sections, broken_rule, decide};
use crate::unit::{FreeRow, Hold, Unit, Wanted};
use bakery_nats::envelope::{Delivered, Outgoing};
use bakery_nats::error::HandlerError;
use bakery_nats::message::Message;
use bakery_nats::messages::inventory::{
    Release, Reserve, ReserveRefused, Reserved, ReservedLine, ReservedUnit,
};
use bakery_nats::money::Currency;
use bakery_nats::process::Answers;
use bakery_nats::record::Records;
use bakery_nats::slug::Slug;
use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use std::collections::{BTreeMap, VecDeque};
use uuid::Uuid;

/// One batch. The sections named in it are locked. Each order is decided by its own time: on its
/// business day, and at the price of its moment.
pub(crate) async fn reserve(
    conn: &mut AsyncPgConnection,
    batch: &[Delivered<Reserve>],
    floor: &Floor,
    known: &Records,
    tallies: &mut Tallies,
) -> Result<Answers, HandlerError> {
    let mut answers = Answers::default();
    for part in parts(batch, floor) {
        answers.extend(reserve_part(conn, &part, floor, known, tallies).await?);
    }
    Ok(answers)
}

/// The orders of a batch, almost always in one part. Where a discount begins or a day ends between
/// the orders of a branch, those after it are in a later part.
fn parts<'b>(batch: &'b [Delivered<Reserve>], floor: &Floor) -> Vec<Part<'b>> {
    let turn = |message: &Delivered<Reserve>| {
        let (shop, at) = (floor.shops.get(message.meta.branch())?, message.meta.at);
        Some((shop.today(at), shop.is_discounting(at)))
    };
    let mut turns: BTreeMap<&Slug, BTreeMap<_, Part<'b>>> = BTreeMap::new();
    for message in batch {
        let of_branch = turns.entry(message.meta.branch()).or_default();
        of_branch.entry(turn(message)).or_default().push(message);
    }
    // The first turns of all branches together, then the second ones.
    let mut parts: BTreeMap<usize, Part<'b>> = BTreeMap::new();
    let in_turn = turns.into_values().flat_map(|of_branch| of_branch.into_values().enumerate());
    for (place, orders) in in_turn {
        parts.entry(place).or_default().extend(orders);
    }
    parts.into_values().collect()
}

/// Orders that are decided together: for each branch of one day and one price.
type Part<'b> = Vec<&'b Delivered<Reserve>>;

async fn reserve_part(
    conn: &mut AsyncPgConnection,
    part: &Part<'_>,
    floor: &Floor,
    known: &Records,
    tallies: &mut Tallies,
) -> Result<Answers, HandlerError> {
    // One moment for all, the latest: nothing stale by then is sold to anybody in it.
    let Some(now) = part.iter().map(|message| message.meta.at).max() else {
        return Ok(Answers::default());
    };
    let mut sections = load(conn, part, floor, now).await?;
    let mut answers = Answers::default();
    let mut holds = Vec::new();
    for message in part {
        let Reserve { order_id, lines } = &message.body;
        if let Some(rule) = broken_rule(lines) {
            answers.bury(message.position, rule);
            continue;
        }
        let branch = message.meta.branch();
        let decision = if known.has(*order_id, Release::STEP) {
            // The release came first and left its tombstone (R5).
            Decision::Refused { code: "already_released", missing: Vec::new() }
        } else {
            decide(&mut sections, branch, lines, now)
        };
        holds.extend(holds_of(*order_id, branch, &decision, &sections));
        tally(tallies, branch, &decision, &sections);
        answers.push(message.position, answer(message, decision));
    }
    let held = Unit::hold(conn, &holds).await?;
    if held != holds.len() {
        return Err(HandlerError::permanent("a unit was taken in spite of its section's lock"));
    }
    Ok(answers)
}

async fn load(
    conn: &mut AsyncPgConnection,
    part: &Part<'_>,
    floor: &Floor,
    now: DateTime<Utc>,
) -> Result<Sections, HandlerError> {
    // Any moment of a branch's orders stands for all: they are of one day and one price.
    let moments: BTreeMap<&Slug, DateTime<Utc>> =
        part.iter().map(|message| (message.meta.branch(), message.meta.at)).collect();
    let of_floor = |product: &Product| {
        let key = key((product.branch.clone(), product.id.clone()))?;
        let section = section(product, floor.shops.get(&key.0)?, *moments.get(&key.0)?)?;
        Some((key, section))
    };
    let mut sections: Sections = floor.products.iter().filter_map(of_floor).collect();
    let mut wanted: BTreeMap<SectionKey, Wanted> = BTreeMap::new();
    for message in part {
        for line in &message.body.lines {
            let key = (message.meta.branch().clone(), line.product_id.clone());
            if let Some(section) = sections.get(&key) {
                let nothing = Wanted { quantity: 0, day: section.today };
                wanted.entry(key).or_insert(nothing).quantity += i64::from(line.quantity);
            }
        }
    }
    for row in Unit::oldest_fresh(conn, &wanted, now).await? {
        let section = key((row.branch, row.product_id)).and_then(|key| sections.get_mut(&key));
        if let Some(section) = section {
            let FreeRow { id, batch_id, baked_at, stale_at, day, .. } = row;
            section.free.push_back(FreeUnit { id, batch_id, baked_at, stale_at, day });
        }
    }
    Ok(sections)
}

/// A product as it is sold at this moment.
fn section(product: &Product, shop: &Shop, now: DateTime<Utc>) -> Option<Section> {
    let unit_price = product.unit_price(shop.is_discounting(now));
    Some(Section {
        name: product.name.clone(),
        state: product.state(),
        unit_price,
        full_price: product.price,
        discounted: unit_price < product.price,
        currency: Currency::try_from(product.currency.clone()).ok()?,
        today: shop.today(now),
        free: VecDeque::new(),
    })
}

fn holds_of(order_id: Uuid, branch: &Slug, decision: &Decision, sections: &Sections) -> Vec<Hold> {
    let Decision::Held { lines, .. } = decision else {
        return Vec::new();
    };
    let of_line = |line: &ReservedLine| {
        let section = sections.get(&(branch.clone(), line.product_id.clone()));
        let discounted = section.is_some_and(|section| section.discounted);
        let hold = move |unit: &ReservedUnit| Hold {
            unit_id: unit.id,
            order_id,
            price: unit.price,
            discounted,
        };
        line.units.iter().map(hold).collect::<Vec<_>>()
    };
    lines.iter().flat_map(of_line).collect()
}

/// What an order wanted in vain is a sale that was missed on this day.
fn tally(tallies: &mut Tallies, branch: &Slug, decision: &Decision, sections: &Sections) {
    for line in decision.missed() {
        if let Some(section) = sections.get(&(branch.clone(), line.product_id.clone())) {
            tallies.miss(branch, section.today, &line.product_id, line.wanted);
        }
    }
}

fn answer(message: &Delivered<Reserve>, decision: Decision) -> Outgoing {
    let order_id = message.body.order_id;
    let branch = message.meta.branch();
    match decision {
        Decision::Held { lines, total, currency } => {
            Outgoing::answer(branch, &Reserved { order_id, lines, total, currency })
        }
        Decision::Refused { code, missing } => {
            let refused = ReserveRefused { order_id, code: code.to_owned(), missing };
            Outgoing::answer(branch, &refused)
        }
    }
}
