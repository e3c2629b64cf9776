//! `inventory.release` and `inventory.restock`: the undo of reserve, and of confirm.
//!
//! An undo cannot say no: "already undone" and "never happened" are success. The record written
//! for a release of something never seen is the tombstone a late reserve finds.

use crate::day_product::Tallies;
use crate::handlers::Floor;
use crate::unit::{Undo, Unit};
use bakery_nats::envelope::{Delivered, Outgoing};
use bakery_nats::error::HandlerError;
use bakery_nats::message::Message;
use bakery_nats::messages::inventory::{Confirm, Release, Released, Restock, Restocked};
use bakery_nats::process::Answers;
use bakery_nats::record::Records;
use diesel_async::AsyncPgConnection;
use std::collections::HashMap;
use uuid::Uuid;

/// Frees what is held for each order.
pub(crate) async fn release(
    conn: &mut AsyncPgConnection,
    batch: &[Delivered<Release>],
    floor: &Floor,
    known: &Records,
) -> Result<Answers, HandlerError> {
    // Rule R7: after the charge it only goes forward; a paid order is restocked instead.
    let sold = |m: &&Delivered<Release>| known.has(m.body.order_id, Confirm::STEP);
    let (refused, undone): (Vec<_>, Vec<_>) = batch.iter().partition(sold);
    let orders = undone.iter().map(|m| undo(m, m.body.order_id, floor)).collect();
    let counts = put_back(conn, "reserved", orders, None).await?;

    let mut answers = Answers::default();
    for message in refused {
        answers.bury(message.position, "the units of this order are sold");
    }
    for message in undone {
        let order_id = message.body.order_id;
        let Counts { free, stale, thrown } = counts.get(&order_id).copied().unwrap_or_default();
        let released = Released { order_id, units: free + stale + thrown };
        answers.push(message.position, Outgoing::answer(message.meta.branch(), &released));
    }
    Ok(answers)
}

/// Takes back what each cancelled order had bought: the fresh units of today are for sale again.
pub(crate) async fn restock(
    conn: &mut AsyncPgConnection,
    batch: &[Delivered<Restock>],
    floor: &Floor,
    known: &Records,
    tallies: &mut Tallies,
) -> Result<Answers, HandlerError> {
    let sold = |m: &&Delivered<Restock>| known.has(m.body.order_id, Confirm::STEP);
    let (undone, refused): (Vec<_>, Vec<_>) = batch.iter().partition(sold);
    let orders = undone.iter().map(|m| undo(m, m.body.order_id, floor)).collect();
    let counts = put_back(conn, "sold", orders, Some(tallies)).await?;

    let mut answers = Answers::default();
    for message in refused {
        answers.bury(message.position, "nothing was sold to this order");
    }
    for message in undone {
        let order_id = message.body.order_id;
        let Counts { free, stale, thrown } = counts.get(&order_id).copied().unwrap_or_default();
        let restocked = Restocked { order_id, free, stale, thrown };
        answers.push(message.position, Outgoing::answer(message.meta.branch(), &restocked));
    }
    Ok(answers)
}

fn undo<T>(message: &Delivered<T>, order_id: Uuid, floor: &Floor) -> Undo {
    let (at, branch) = (message.meta.at, message.meta.branch());
    let closed_day = floor.shops.get(branch).and_then(|shop| shop.closed_day);
    Undo { order_id, at, today: floor.today(branch, at), closed_day }
}

/// What became of the units of an order.
#[derive(Clone, Copy, Default)]
struct Counts {
    free: u32,
    stale: u32,
    thrown: u32,
}

/// What became of the units of each order. Where they were sold, that they came back is told the
/// tallies of the days they are of.
async fn put_back(
    conn: &mut AsyncPgConnection,
    from: &str,
    orders: Vec<Undo>,
    mut tallies: Option<&mut Tallies>,
) -> Result<HashMap<Uuid, Counts>, HandlerError> {
    let mut counts: HashMap<Uuid, Counts> = HashMap::new();
    if orders.is_empty() {
        return Ok(counts);
    }
    let count = |units: i64| u32::try_from(units).unwrap_or(u32::MAX);
    for row in Unit::put_back(conn, from, &orders).await? {
        let of_order = counts.entry(row.order_id).or_default();
        of_order.free += count(row.free);
        of_order.stale += count(row.stale);
        of_order.thrown += count(row.thrown);
        if let Some(tallies) = tallies.as_deref_mut() {
            let tally = tallies.of(row.branch, row.day, row.product_id);
            tally.returned += row.free + row.stale + row.thrown;
            tally.refunded += row.price;
        }
    }
    Ok(counts)
}
