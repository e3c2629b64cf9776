//! The rows `seen_order` and `seen_account`: what the log said, the newest of each. What the log still
//! has can be read from it again at any time, over what is here.

use crate::schema::{seen_account, seen_order};
use bakery_nats::error::HandlerError;
use bakery_nats::messages::bank::AccountOpened;
use bakery_nats::messages::orders::OrderChanged;
use bakery_nats::prepared::prepared;
use bakery_nats::slug::Slug;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{
    Array, BigInt, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel::upsert::excluded;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// Something that was said, where and when.
#[derive(Debug)]
pub(crate) struct Said<'m, T> {
    pub(crate) branch: &'m Slug,
    pub(crate) at: DateTime<Utc>,
    pub(crate) body: &'m T,
}

impl<T> Clone for Said<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Said<'_, T> {}

/// Keeps orders, in one statement. No order may stand twice in it; what is known newer stays, and what
/// is known of the same age is written anew: so a wrong row is mended when the log is read again.
pub(crate) async fn keep_orders(
    conn: &mut AsyncPgConnection,
    orders: &[Said<'_, OrderChanged>],
) -> Result<(), HandlerError> {
    if orders.is_empty() {
        return Ok(());
    }
    let lines = orders.iter().map(|said| serde_json::to_value(&said.body.lines));
    let lines: Vec<_> = lines
        .collect::<Result<_, _>>()
        .map_err(|error| HandlerError::Permanent(Box::new(error)))?;
    prepared(
        "INSERT INTO seen_order (order_id, account_id, branch, version, status, total, currency,
                                 lines, at)
         SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (order_id) DO UPDATE SET
             account_id = excluded.account_id, branch = excluded.branch,
             version = excluded.version, status = excluded.status, total = excluded.total,
             currency = excluded.currency, lines = excluded.lines, at = excluded.at
         WHERE seen_order.version <= excluded.version",
    )
    .bind::<Array<SqlUuid>, _>(column(orders, |said| said.body.order_id))
    .bind::<Array<SqlUuid>, _>(column(orders, |said| said.body.account_id))
    .bind::<Array<Text>, _>(column(orders, |said| said.branch.as_str()))
    .bind::<Array<BigInt>, _>(column(orders, |said| said.body.version))
    .bind::<Array<Text>, _>(column(orders, |said| said.body.status.as_str()))
    .bind::<Array<Nullable<BigInt>>, _>(column(orders, |said| said.body.total))
    .bind::<Array<Nullable<Text>>, _>(column(orders, |said| {
        said.body.currency.as_ref().map(|currency| currency.as_str())
    }))
    .bind::<Array<Jsonb>, _>(lines)
    .bind::<Array<Timestamptz>, _>(column(orders, |said| said.at))
    .execute(conn)
    .await?;
    Ok(())
}

/// Keeps accounts. An account is opened once.
pub(crate) async fn keep_accounts(
    conn: &mut AsyncPgConnection,
    accounts: &[Said<'_, AccountOpened>],
) -> QueryResult<()> {
    let row = |said: &Said<'_, AccountOpened>| {
        (
            seen_account::account_id.eq(said.body.account_id),
            seen_account::currency.eq(said.body.currency.as_str().to_owned()),
            seen_account::at.eq(said.at),
        )
    };
    diesel::insert_into(seen_account::table)
        .values(accounts.iter().map(row).collect::<Vec<_>>())
        .on_conflict(seen_account::account_id)
        .do_update()
        .set(seen_account::currency.eq(excluded(seen_account::currency)))
        .execute(conn)
        .await
        .map(|_| ())
}

fn column<'s, T, U>(said: &'s [Said<'_, T>], f: impl Fn(&'s Said<'_, T>) -> U) -> Vec<U> {
    said.iter().map(f).collect()
}

/// How many orders of an account have a status, and what was paid for them together: their prices
/// less what went back while they stayed.
#[derive(Debug, QueryableByName)]
pub(crate) struct StatusRow {
    #[diesel(sql_type = Text)]
    pub(crate) status: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) currency: Option<String>,
    #[diesel(sql_type = BigInt)]
    pub(crate) orders: i64,
    #[diesel(sql_type = BigInt)]
    pub(crate) total: i64,
}

/// The orders of an account, by status and currency.
pub(crate) async fn by_status(
    conn: &mut AsyncPgConnection,
    account_id: Uuid,
) -> QueryResult<Vec<StatusRow>> {
    prepared(
        "SELECT status, currency, count(*) AS orders,
                coalesce(sum(total - coalesce(back.amount, 0)), 0)::bigint AS total
         FROM seen_order LEFT JOIN (
             SELECT order_id, sum(amount) AS amount FROM seen_refund
             WHERE account_id = $1 GROUP BY order_id
         ) AS back USING (order_id)
         WHERE account_id = $1
         GROUP BY status, currency ORDER BY status, currency",
    )
    .bind::<SqlUuid, _>(account_id)
    .load(conn)
    .await
}

/// A product and how many units of it were bought.
#[derive(Debug, QueryableByName)]
pub(crate) struct ProductRow {
    #[diesel(sql_type = Text)]
    pub(crate) product_id: String,
    #[diesel(sql_type = BigInt)]
    pub(crate) units: i64,
}

/// What an account bought most, in orders with one of these statuses.
pub(crate) async fn favourites(
    conn: &mut AsyncPgConnection,
    account_id: Uuid,
    statuses: &[&str],
    products_max: i32,
) -> QueryResult<Vec<ProductRow>> {
    prepared(
        "SELECT line.product_id, sum(line.quantity)::bigint AS units
         FROM seen_order, jsonb_to_recordset(lines) AS line (product_id text, quantity bigint)
         WHERE account_id = $1 AND status = ANY ($2)
         GROUP BY line.product_id ORDER BY units DESC, line.product_id LIMIT $3",
    )
    .bind::<SqlUuid, _>(account_id)
    .bind::<Array<Text>, _>(statuses.to_vec())
    .bind::<Integer, _>(products_max)
    .load(conn)
    .await
}

/// The currency that an account is kept in, if the log said so already.
pub(crate) async fn currency(
    conn: &mut AsyncPgConnection,
    account_id: Uuid,
) -> QueryResult<Option<String>> {
    let of_account = seen_account::table.find(account_id).select(seen_account::currency);
    of_account.first(conn).await.optional()
}

/// Forgets that anything was taken from the log: the gateway takes nothing else, and so all that the log
/// still has is written anew. What it has not any more stays. Gives how many orders are known. In a
/// transaction.
pub(crate) async fn forget_taken(conn: &mut AsyncPgConnection) -> QueryResult<i64> {
    // In the order in which the handler takes them: first what it reads before it writes.
    prepared("LOCK TABLE record IN ACCESS EXCLUSIVE MODE").execute(conn).await?;
    let orders = seen_order::table.count().get_result(conn).await?;
    prepared("TRUNCATE record").execute(conn).await?;
    Ok(orders)
}
