//! What the kitchen sees of the orders, always with one statement for all of them.
//!
//! There is no index on what changes at every step. What is paid and not ready (`in_hand`) is found by
//! a small index of its own, however old it is: nobody but a person decides that it is not prepared.
//! All else is bounded by the day: the last two on which somebody ordered at the branch.

pub(crate) mod stats;

use crate::row::{COLUMNS, OrderRow};
use bakery_nats::error::HandlerError;
use bakery_nats::prepared::prepared;
use bakery_nats::requests::kitchen::{BoardLine, WantedLine};
use bakery_nats::slug::Slug;
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// Orders of one answer: their lines must fit into it.
pub(crate) const QUEUE_MAX: usize = 100;
/// Numbers on a board; nobody reads more.
const BOARD_MAX: i64 = 500;
/// Lines of one answer: a branch has far fewer products.
const PRODUCTS_MAX: i64 = 1000;

/// The days that count. As an array they are a condition that an index can take.
const LAST_DAYS: &str = "day = ANY (ARRAY(
    SELECT day FROM day_number WHERE branch = $1 ORDER BY day DESC LIMIT 2))";

/// What the kitchen has in hand, oldest first; one more than an answer takes tells that there is
/// more.
pub(crate) async fn queue(
    conn: &mut AsyncPgConnection,
    branch: &Slug,
) -> QueryResult<Vec<OrderRow>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM orders
         WHERE branch = $1 AND (in_hand OR {LAST_DAYS})
           AND status IN ('confirmed', 'preparing', 'ready')
         ORDER BY id LIMIT $2"
    );
    let rows_max = i64::try_from(QUEUE_MAX).unwrap_or(i64::MAX).saturating_add(1);
    let query = prepared(&sql).bind::<Text, _>(branch.as_str());
    query.bind::<BigInt, _>(rows_max).load(conn).await
}

#[derive(QueryableByName)]
struct BoardRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Integer)]
    number: i32,
    #[diesel(sql_type = Text)]
    status: String,
}

/// What is being prepared and what can be picked up, oldest first. Numbers begin anew each day, so an order
/// that was forgotten is for the kitchen only: two of one number would stand here.
pub(crate) async fn board(
    conn: &mut AsyncPgConnection,
    branch: &Slug,
) -> Result<Vec<BoardLine>, HandlerError> {
    let sql = format!(
        "SELECT id, number, status FROM orders
         WHERE branch = $1 AND {LAST_DAYS} AND status IN ('preparing', 'ready')
         ORDER BY id LIMIT $2"
    );
    let query = prepared(&sql).bind::<Text, _>(branch.as_str());
    let rows: Vec<BoardRow> = query.bind::<BigInt, _>(BOARD_MAX).load(conn).await?;
    let line = |BoardRow { id, number, status }| {
        let unknown = |()| HandlerError::permanent(format!("the order {id} is {status}"));
        let status = status.parse().map_err(unknown)?;
        Ok(BoardLine { order_id: id, number: crate::order::called(number), status })
    };
    rows.into_iter().map(line).collect()
}

#[derive(QueryableByName)]
struct WantedRow {
    #[diesel(sql_type = Text)]
    product_id: String,
    #[diesel(sql_type = BigInt)]
    units: i64,
    #[diesel(sql_type = BigInt)]
    orders: i64,
}

/// What orders wait for that are paid and not ready yet, by product.
pub(crate) async fn wanted(
    conn: &mut AsyncPgConnection,
    branch: &Slug,
) -> Result<Vec<WantedLine>, HandlerError> {
    let sql = format!(
        "SELECT item.product_id, sum(item.quantity)::bigint AS units, count(*) AS orders
         FROM orders, jsonb_to_recordset(orders.items) AS item (product_id text, quantity bigint)
         WHERE branch = $1 AND (in_hand OR {LAST_DAYS}) AND state IN ('charged', 'confirmed', 'preparing')
         GROUP BY item.product_id
         ORDER BY item.product_id COLLATE \"C\" LIMIT $2"
    );
    let query = prepared(&sql).bind::<Text, _>(branch.as_str());
    let rows: Vec<WantedRow> = query.bind::<BigInt, _>(PRODUCTS_MAX).load(conn).await?;
    let line = |WantedRow { product_id, units, orders }| {
        Ok(WantedLine { product_id: slug(product_id)?, units, orders })
    };
    rows.into_iter().map(line).collect()
}

fn slug(text: String) -> Result<Slug, HandlerError> {
    Slug::try_from(text).map_err(|error| HandlerError::Permanent(Box::new(error)))
}

/// A branch's business day, in the form the statements of [`stats`] take it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Day<'a> {
    pub(crate) branch: &'a Slug,
    pub(crate) date: NaiveDate,
}
