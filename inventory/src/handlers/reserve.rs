//! `inventory.reserve`: hold the oldest fresh units for each order, or say what is missing.

use crate::handlers::key;
use crate::product::Product;
use crate::stock::{Decision, FreeUnit, Section, SectionKey, Sections, broken_rule, decide};
use crate::unit::{Hold, Unit};
use bakery_nats::envelope::{Delivered, Outgoing};
use bakery_nats::error::HandlerError;
use bakery_nats::message::Message;
use bakery_nats::messages::inventory::{Release, Reserve, ReserveRefused, Reserved};
use bakery_nats::money::Currency;
use bakery_nats::process::Answers;
use bakery_nats::record::Records;
use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use std::collections::{BTreeMap, VecDeque};
use uuid::Uuid;

/// One batch. The sections named in it are locked.
pub(crate) async fn reserve(
    conn: &mut AsyncPgConnection,
    batch: &[Delivered<Reserve>],
    products: &[Product],
    known: &Records,
) -> Result<Answers, HandlerError> {
    // One moment for the whole batch, the latest: nothing stale by then is sold to anybody in it.
    let Some(now) = batch.iter().map(|message| message.meta.at).max() else {
        return Ok(Answers::default());
    };
    let mut sections = load(conn, batch, products, now).await?;
    let mut answers = Answers::default();
    let mut holds = Vec::new();
    for message in batch {
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
        holds.extend(holds_of(*order_id, &decision));
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
    batch: &[Delivered<Reserve>],
    products: &[Product],
    now: DateTime<Utc>,
) -> Result<Sections, HandlerError> {
    let mut wanted: BTreeMap<SectionKey, i64> = BTreeMap::new();
    for message in batch {
        for line in &message.body.lines {
            let key = (message.meta.branch().clone(), line.product_id.clone());
            *wanted.entry(key).or_default() += i64::from(line.quantity);
        }
    }
    let mut sections: Sections = products.iter().filter_map(section).collect();
    for row in Unit::oldest_fresh(conn, &wanted, now).await? {
        let section = key((row.branch, row.product_id)).and_then(|key| sections.get_mut(&key));
        if let Some(section) = section {
            let unit = FreeUnit { id: row.id, baked_at: row.baked_at, stale_at: row.stale_at };
            section.free.push_back(unit);
        }
    }
    Ok(sections)
}

fn section(product: &Product) -> Option<(SectionKey, Section)> {
    let section = Section {
        name: product.name.clone(),
        unit_price: product.unit_price(),
        currency: Currency::try_from(product.currency.clone()).ok()?,
        free: VecDeque::new(),
    };
    Some((key((product.branch.clone(), product.id.clone()))?, section))
}

fn holds_of(order_id: Uuid, decision: &Decision) -> Vec<Hold> {
    let Decision::Held { lines, .. } = decision else {
        return Vec::new();
    };
    let units = lines.iter().flat_map(|line| &line.units);
    units.map(|unit| Hold { unit_id: unit.id, order_id, price: unit.price }).collect()
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
