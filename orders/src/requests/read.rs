//! `orders.order`, `orders.list`, `orders.receipt` and `orders.timeline`.

use crate::receipt as receipts;
use crate::redrive::{DEADLINE, GIVE_UP};
use crate::refund::{self, Refund};
use crate::row::OrderRow;
use bakery_nats::Pool;
use bakery_nats::envelope::CAUSATION_ID;
use bakery_nats::prepared::prepared;
use bakery_nats::record::{COLUMNS, Record};
use bakery_nats::refusal::{FieldError, Refusal};
use bakery_nats::request::Asked;
use bakery_nats::requests::orders::{
    Direction, GetOrder, GetTimeline, ListOrders, Order, OrderPage, Timeline, TimelineEntry,
};
use bakery_nats::requests::receipts::{GetReceipt, Receipt};
use diesel::QueryResult;
use diesel::sql_types::{Array, BigInt, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use futures::TryFutureExt;
use std::collections::HashMap;
use uuid::Uuid;

const PAGE_DEFAULT: u16 = 20;
const PAGE_MAX: u16 = 100;
/// Repeats of one order, and of each of its refunds, in a timeline: what nobody answers is asked
/// for ever, and the timeline must fit into one answer.
const REPEATS_MAX: i64 = 10;

/// One order as it stands.
pub async fn order(pool: Pool, asked: Asked<GetOrder>) -> Result<Order, Refusal> {
    let (order, refunds) = one(&pool, asked.body.order_id).await?;
    Ok(order.view(&refunds))
}

/// An order and its refunds, asked for at once.
async fn one(pool: &Pool, id: Uuid) -> Result<(crate::order::Order, Vec<Refund>), Refusal> {
    let conn = pool.get().await.map_err(unavailable)?;
    let ids = [id];
    let (row, mut refunds) =
        futures::try_join!(OrderRow::get(&conn, id).map_err(unavailable), refunds(&conn, &ids),)?;
    let row = row.ok_or_else(|| Refusal::not_found("order", id))?;
    let order = row.read().map_err(unavailable)?;
    Ok((order, refunds.remove(&id).unwrap_or_default()))
}

/// A page of orders, newest first; the units and refunds of each are shown by the order itself.
pub async fn list(pool: Pool, asked: Asked<ListOrders>) -> Result<OrderPage, Refusal> {
    let limit = asked.body.limit.unwrap_or(PAGE_DEFAULT);
    if !(1..=PAGE_MAX).contains(&limit) {
        return Err(Refusal::invalid(vec![FieldError::new("limit", "must be 1 to 100")]));
    }
    let mut conn = pool.get().await.map_err(unavailable)?;
    // One more than asked for tells whether there is another page.
    let rows = OrderRow::page(&mut conn, &asked.body, i64::from(limit) + 1).await;
    let read = rows.map_err(unavailable)?.into_iter().map(OrderRow::read);
    let read: Vec<_> = read.collect::<Result<_, _>>().map_err(unavailable)?;
    let ids: Vec<Uuid> = read.iter().map(|order| order.id).collect();
    let refunds = refunds(&conn, &ids).await?;
    let of = |id| refunds.get(id).map_or(&[][..], Vec::as_slice);
    let mut orders: Vec<Order> = read.iter().map(|order| in_short(order, of(&order.id))).collect();
    let more = orders.len() > usize::from(limit);
    orders.truncate(usize::from(limit));
    let next: Option<Uuid> = orders.last().filter(|_| more).map(|order| order.id);
    Ok(OrderPage { orders, next })
}

pub(super) async fn refunds(
    conn: &AsyncPgConnection,
    orders: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Refund>>, Refusal> {
    refund::row::of_orders(conn, orders).await.map_err(|error| unavailable(error.chain()))
}

/// As people see it, without the units and refunds: a page of large orders must fit into one
/// answer.
pub(super) fn in_short(order: &crate::order::Order, refunds: &[Refund]) -> Order {
    let mut view = order.view(refunds);
    view.items.iter_mut().for_each(|item| item.units.clear());
    view.refunds.clear();
    view
}

/// The receipt of an order that was paid.
pub async fn receipt(pool: Pool, asked: Asked<GetReceipt>) -> Result<Receipt, Refusal> {
    let (order, refunds) = one(&pool, asked.body.order_id).await?;
    receipts::of(&order, &refunds)
}

/// Every message this service took and sent for one order and its refunds, but for old repeats.
pub async fn timeline(pool: Pool, asked: Asked<GetTimeline>) -> Result<Timeline, Refusal> {
    let id = asked.body.order_id;
    let mut conn = pool.get().await.map_err(unavailable)?;
    // What a refund was asked again and the bank's answer are records of its own.
    let refunds = refunds(&conn, &[id]).await?.remove(&id).unwrap_or_default();
    let ids: Vec<Uuid> = refunds.iter().map(|refund| refund.id).chain([id]).collect();
    let records = steps(&mut conn, &ids).await.map_err(unavailable)?;
    if records.is_empty() {
        return Err(Refusal::not_found("order", id));
    }
    let mut events = Vec::new();
    for record in records {
        let sent = record.wires("orders", &record.message_id, 1).map_err(unavailable)?;
        events.push(TimelineEntry {
            time: record.committed_at,
            direction: Direction::Received,
            subject: record.subject,
            message_id: record.message_id,
            causation_id: record.causation_id,
            correlation_id: record.correlation_id,
        });
        events.extend(sent.into_iter().map(|wire| TimelineEntry {
            time: record.committed_at,
            direction: Direction::Sent,
            message_id: wire.message_id().to_owned(),
            causation_id: wire.header(CAUSATION_ID).map(ToOwned::to_owned),
            correlation_id: record.correlation_id,
            subject: wire.subject,
        }));
    }
    Ok(Timeline { events })
}

/// The records of these business ids in the order in which they were written: every step, and the
/// newest of what the clock asked again.
async fn steps(conn: &mut AsyncPgConnection, ids: &[Uuid]) -> QueryResult<Vec<Record>> {
    prepared(&format!(
        "SELECT {COLUMNS} FROM (
             SELECT *, row_number() OVER (
                 PARTITION BY business_id, repeated ORDER BY committed_at DESC, step DESC
             ) AS newest
             FROM (
                 SELECT *, subject = $2 AND step <> $3 AS repeated
                 FROM record WHERE business_id = ANY ($1)
             ) AS told
         ) AS numbered
         WHERE NOT repeated OR newest <= $4
         ORDER BY committed_at, step"
    ))
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Text, _>(DEADLINE)
    .bind::<Text, _>(GIVE_UP)
    .bind::<BigInt, _>(REPEATS_MAX)
    .load(conn)
    .await
}

/// The cause goes to the log, the asker learns that it is worth trying again.
pub(super) fn unavailable(error: impl std::fmt::Display) -> Refusal {
    tracing::warn!(%error, "orders cannot be read");
    Refusal::unavailable("the orders database")
}
