//! `bank.paid-back`: a refund has come to its end, and it is told.

use super::Input;
use crate::refund::{Paying, Refund, row};
use crate::row::OrderRow;
use bakery_nats::envelope::Delivered;
use bakery_nats::error::HandlerError;
use bakery_nats::process::Answers;
use diesel_async::AsyncPgConnection;
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// The bank's answers to refunds among a batch.
pub(super) async fn paid_back(
    conn: &mut AsyncPgConnection,
    batch: &[Delivered<Input>],
) -> Result<Answers, HandlerError> {
    let mut answers = Answers::default();
    let said = batch.iter().filter_map(|message| match &message.body {
        Input::PaidBack(body) => Some((message, body)),
        _ => None,
    });
    let said: Vec<_> = said.collect();
    if said.is_empty() {
        return Ok(answers);
    }
    let ids: Vec<Uuid> = said.iter().map(|(_, body)| body.refund_id).collect();
    let locked = row::lock(conn, &ids).await?;
    let numbers = numbers(conn, &locked).await?;
    let mut refunds: BTreeMap<Uuid, Refund> = locked.into_iter().map(|r| (r.id, r)).collect();
    let mut paid = Vec::new();
    for (message, body) in said {
        let refund = refunds.get_mut(&body.refund_id);
        let Some((refund, number)) = refund.and_then(|refund| {
            let number = numbers.get(&refund.order_id)?.clone();
            Some((refund, number))
        }) else {
            answers.bury(message.position, "there is no such refund");
            continue;
        };
        match refund.take(body, message.meta.at) {
            Paying::Paid => {
                answers.push(message.position, refund.told(number));
                paid.push(refund.clone());
            }
            Paying::Late => tracing::debug!(refund.id = %refund.id, "paid back before"),
            Paying::Impossible(reason) => answers.bury(message.position, reason),
        }
    }
    row::update(conn, &paid).await?;
    Ok(answers)
}

/// The number of each refund's order. It never changes, so the order needs no lock.
async fn numbers(
    conn: &mut AsyncPgConnection,
    refunds: &[Refund],
) -> Result<HashMap<Uuid, String>, HandlerError> {
    let orders: Vec<Uuid> = refunds.iter().map(|refund| refund.order_id).collect();
    let rows = OrderRow::get_all(conn, &orders).await?;
    rows.into_iter().map(|row| row.read().map(|o| (o.id, o.called_number()))).collect()
}
