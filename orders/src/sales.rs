//! What the orders of one business day of a branch came to, added up by the database.
//!
//! An order is *sold* when it was paid in the normal course and its units are the buyer's, and
//! *kept* until it is called off. So takings less refunds are always the sum of the lines. What was
//! paid back of orders that stayed is a sum of its own: the goods stayed sold.

use crate::refund;
use bakery_nats::error::HandlerError;
use bakery_nats::messages::orders::Status;
use bakery_nats::prepared::prepared;
use bakery_nats::requests::orders::{DaySales, DaySalesReply, SalesLine, StatusCount};
use bakery_nats::slug::Slug;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// Of the orders table. After `charged` it can only go forward, but it is not sold yet.
const SOLD: &str = "paid AND state <> 'charged'";

/// All figures, as of one moment.
pub(crate) async fn of_day(
    conn: &mut AsyncPgConnection,
    of: &DaySales,
) -> Result<DaySalesReply, HandlerError> {
    let mut snapshot = conn.build_transaction().repeatable_read().read_only();
    let figures: QueryResult<_> = snapshot
        .run(async |conn| {
            let refunds = refund::row::sums(conn, of).await?;
            Ok((counts(conn, of).await?, lines(conn, of).await?, refunds))
        })
        .await;
    let (counts, lines, refunds) = figures?;
    Ok(DaySalesReply {
        paid_back: refunds.as_ref().map(|sums| sums.paid),
        asked_refunds: refunds.as_ref().map_or(0, |sums| sums.asked),
        asked_back: refunds.as_ref().map_or(0, |sums| sums.asked_amount),
        ..reply(counts, lines)?
    })
}

/// The orders that have one status.
#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = BigInt)]
    orders: i64,
    #[diesel(sql_type = BigInt)]
    open: i64,
    /// The totals of those that were sold, whatever came after.
    #[diesel(sql_type = BigInt)]
    sold: i64,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    product_id: String,
    #[diesel(sql_type = BigInt)]
    units: i64,
    #[diesel(sql_type = BigInt)]
    total: i64,
}

async fn counts(conn: &mut AsyncPgConnection, of: &DaySales) -> QueryResult<Vec<Count>> {
    let sql = format!(
        "SELECT status, count(*) AS orders, count(*) FILTER (WHERE open) AS open,
                coalesce(sum(total) FILTER (WHERE {SOLD}), 0)::bigint AS sold
         FROM orders WHERE branch = $1 AND day = $2
         GROUP BY status"
    );
    let query = prepared(&sql);
    query.bind::<Text, _>(of.branch.as_str()).bind::<Date, _>(of.date).load(conn).await
}

async fn lines(conn: &mut AsyncPgConnection, of: &DaySales) -> QueryResult<Vec<Line>> {
    let sql = format!(
        "SELECT item.product_id, sum(item.quantity)::bigint AS units,
                sum(item.line_total)::bigint AS total
         FROM orders, jsonb_to_recordset(orders.items)
             AS item (product_id text, quantity bigint, line_total bigint)
         WHERE branch = $1 AND day = $2 AND {SOLD} AND status <> 'cancelled'
         GROUP BY item.product_id
         ORDER BY item.product_id COLLATE \"C\""
    );
    let query = prepared(&sql);
    query.bind::<Text, _>(of.branch.as_str()).bind::<Date, _>(of.date).load(conn).await
}

/// The statuses come in the order of an order's life.
fn reply(counts: Vec<Count>, lines: Vec<Line>) -> Result<DaySalesReply, HandlerError> {
    let called_off = |count: &&Count| count.status == Status::Cancelled.as_str();
    let of_status = |status: Status| {
        let count = counts.iter().find(|count| count.status == status.as_str())?;
        Some(StatusCount { status, orders: count.orders })
    };
    let line = |line: Line| {
        let product_id = Slug::try_from(line.product_id)
            .map_err(|error| HandlerError::Permanent(Box::new(error)))?;
        Ok(SalesLine { product_id, units: line.units, total: line.total })
    };
    Ok(DaySalesReply {
        orders: Status::ALL.into_iter().filter_map(of_status).collect(),
        open: counts.iter().map(|count| count.open).sum(),
        lines: lines.into_iter().map(line).collect::<Result<_, HandlerError>>()?,
        takings: counts.iter().map(|count| count.sold).sum(),
        refunds: counts.iter().filter(called_off).map(|count| count.sold).sum(),
        paid_back: None,
        asked_refunds: 0,
        asked_back: 0,
    })
}
