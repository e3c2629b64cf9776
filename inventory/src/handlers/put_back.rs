//! `inventory.release` and `inventory.restock`: the undo of reserve, and of confirm.
//!
//! An undo cannot say no: "already undone" and "never happened" are success. The record written
//! for a release of something never seen is the tombstone a late reserve finds.

use crate::unit::Unit;
use bakery_nats::envelope::{Delivered, Outgoing};
use bakery_nats::error::HandlerError;
use bakery_nats::message::Message;
use bakery_nats::messages::inventory::{Confirm, Release, Released, Restock, Restocked};
use bakery_nats::process::Answers;
use bakery_nats::record::Records;
use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use std::collections::HashMap;
use uuid::Uuid;

/// Frees what is held for each order.
pub(crate) async fn release(
    conn: &mut AsyncPgConnection,
    batch: &[Delivered<Release>],
    known: &Records,
) -> Result<Answers, HandlerError> {
    // Rule R7: after the charge it only goes forward; a paid order is restocked instead.
    let sold = |m: &&Delivered<Release>| known.has(m.body.order_id, Confirm::STEP);
    let (refused, undone): (Vec<_>, Vec<_>) = batch.iter().partition(sold);
    let orders = undone.iter().map(|m| (m.body.order_id, m.meta.at)).collect();
    let counts = put_back(conn, "reserved", orders).await?;

    let mut answers = Answers::default();
    for message in refused {
        answers.bury(message.position, "the units of this order are sold");
    }
    for message in undone {
        let order_id = message.body.order_id;
        let (free, stale) = counts.get(&order_id).copied().unwrap_or_default();
        let released = Released { order_id, units: free + stale };
        answers.push(message.position, Outgoing::answer(message.meta.branch(), &released));
    }
    Ok(answers)
}

/// Takes back what each cancelled order had bought: the fresh units are for sale again.
pub(crate) async fn restock(
    conn: &mut AsyncPgConnection,
    batch: &[Delivered<Restock>],
    known: &Records,
) -> Result<Answers, HandlerError> {
    let sold = |m: &&Delivered<Restock>| known.has(m.body.order_id, Confirm::STEP);
    let (undone, refused): (Vec<_>, Vec<_>) = batch.iter().partition(sold);
    let orders = undone.iter().map(|m| (m.body.order_id, m.meta.at)).collect();
    let counts = put_back(conn, "sold", orders).await?;

    let mut answers = Answers::default();
    for message in refused {
        answers.bury(message.position, "nothing was sold to this order");
    }
    for message in undone {
        let order_id = message.body.order_id;
        let (free, stale) = counts.get(&order_id).copied().unwrap_or_default();
        let restocked = Restocked { order_id, free, stale };
        answers.push(message.position, Outgoing::answer(message.meta.branch(), &restocked));
    }
    Ok(answers)
}

/// How many units of each order became free, and how many stale.
async fn put_back(
    conn: &mut AsyncPgConnection,
    from: &str,
    orders: Vec<(Uuid, DateTime<Utc>)>,
) -> Result<HashMap<Uuid, (u32, u32)>, HandlerError> {
    if orders.is_empty() {
        return Ok(HashMap::new());
    }
    let count = |units: i64| u32::try_from(units).unwrap_or(u32::MAX);
    let rows = Unit::put_back(conn, from, &orders).await?;
    Ok(rows.into_iter().map(|r| (r.order_id, (count(r.free), count(r.stale)))).collect())
}
