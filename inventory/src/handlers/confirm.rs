//! `inventory.confirm`: the units held for each order are sold.

use crate::unit::Unit;
use bakery_nats::envelope::{Delivered, Outgoing};
use bakery_nats::error::HandlerError;
use bakery_nats::messages::inventory::{Confirm, Sold};
use bakery_nats::process::Answers;
use diesel_async::AsyncPgConnection;
use std::collections::HashMap;
use uuid::Uuid;

/// One batch. It comes after the charge, so there is no business answer but yes; an order that
/// holds nothing is a forgery or a broken rule, and is said aloud.
pub(crate) async fn confirm(
    conn: &mut AsyncPgConnection,
    batch: &[Delivered<Confirm>],
) -> Result<Answers, HandlerError> {
    let mut answers = Answers::default();
    if batch.is_empty() {
        return Ok(answers);
    }
    let orders: Vec<Uuid> = batch.iter().map(|message| message.body.order_id).collect();
    let sold: HashMap<Uuid, usize> = Unit::sell(conn, &orders).await?.into_iter().collect();
    for message in batch {
        let order_id = message.body.order_id;
        match sold.get(&order_id).and_then(|units| u32::try_from(*units).ok()) {
            Some(units) => {
                let sold = Sold { order_id, units };
                answers.push(message.position, Outgoing::answer(message.meta.branch(), &sold));
            }
            None => answers.bury(message.position, "no unit is held for this order"),
        }
    }
    Ok(answers)
}
