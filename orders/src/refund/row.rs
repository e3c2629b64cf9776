//! The `refund` row: loading, locking and driving refunds, always many at once.

use super::Refund;
use crate::deadline::pause_s;
use bakery_nats::error::HandlerError;
use bakery_nats::money::{Currency, Money};
use bakery_nats::prepared::prepared;
use bakery_nats::requests::orders::DaySales;
use bakery_nats::requests::refunds::{RefundLine, RefundState};
use bakery_nats::slug::Slug;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{
    Array, BigInt, Bytea, Double, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// The columns of a [`RefundRow`].
const COLUMNS: &str = "id, order_id, branch, account_id, idempotency_key, request_hash, lines, amount, \
                       currency, reason, state, made_at, paid_at, attempt";

#[derive(QueryableByName)]
pub(crate) struct RefundRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    order_id: Uuid,
    #[diesel(sql_type = Text)]
    branch: String,
    #[diesel(sql_type = SqlUuid)]
    account_id: Uuid,
    #[diesel(sql_type = Text)]
    idempotency_key: String,
    #[diesel(sql_type = Bytea)]
    request_hash: Vec<u8>,
    #[diesel(sql_type = Jsonb)]
    lines: serde_json::Value,
    #[diesel(sql_type = BigInt)]
    amount: i64,
    #[diesel(sql_type = Text)]
    currency: String,
    #[diesel(sql_type = Text)]
    reason: String,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Timestamptz)]
    made_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    paid_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Integer)]
    attempt: i32,
}

impl RefundRow {
    /// The value behind the row. One that cannot be read back is a damaged database.
    pub(crate) fn read(self) -> Result<Refund, HandlerError> {
        let id = self.id;
        let damaged = |what: &str| {
            HandlerError::permanent(format!("the stored refund {id} has a damaged {what}"))
        };
        let currency = Currency::try_from(self.currency).map_err(|_| damaged("currency"))?;
        let lines: Vec<RefundLine> =
            serde_json::from_value(self.lines).map_err(|_| damaged("line"))?;
        let state = RefundState::ALL.into_iter().find(|state| state.as_str() == self.state);
        Ok(Refund {
            id,
            order_id: self.order_id,
            branch: Slug::try_from(self.branch).map_err(|_| damaged("branch"))?,
            account_id: self.account_id,
            idempotency_key: self.idempotency_key,
            request_hash: self.request_hash,
            lines,
            price: Money { amount: self.amount, currency },
            reason: self.reason,
            state: state.ok_or_else(|| damaged("state"))?,
            made_at: self.made_at,
            paid_at: self.paid_at,
            attempt: u32::try_from(self.attempt).map_err(|_| damaged("attempt"))?,
        })
    }
}

fn read(rows: Vec<RefundRow>) -> Result<Vec<Refund>, HandlerError> {
    rows.into_iter().map(RefundRow::read).collect()
}

/// The refunds of orders, by order, oldest first; an order has few (`REFUNDS_MAX`).
/// Without a lock: who makes one holds the lock of its order.
pub(crate) async fn of_orders(
    mut conn: &AsyncPgConnection,
    orders: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Refund>>, HandlerError> {
    let mut by_order: HashMap<Uuid, Vec<Refund>> = HashMap::new();
    if orders.is_empty() {
        return Ok(by_order);
    }
    let sql =
        format!("SELECT {COLUMNS} FROM refund WHERE order_id = ANY ($1) ORDER BY made_at, id");
    let rows = prepared(&sql).bind::<Array<SqlUuid>, _>(orders).load(&mut conn).await?;
    for refund in read(rows)? {
        by_order.entry(refund.order_id).or_default().push(refund);
    }
    Ok(by_order)
}

/// Which of these ids are refunds' already.
pub(crate) async fn existing(
    conn: &mut AsyncPgConnection,
    ids: &[Uuid],
) -> QueryResult<HashSet<Uuid>> {
    let rows: Vec<IdRow> = prepared("SELECT id FROM refund WHERE id = ANY ($1)")
        .bind::<Array<SqlUuid>, _>(ids)
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// Reads and locks refunds, in the order of their ids.
pub(crate) async fn lock(
    conn: &mut AsyncPgConnection,
    ids: &[Uuid],
) -> Result<Vec<Refund>, HandlerError> {
    let sql = format!("SELECT {COLUMNS} FROM refund WHERE id = ANY ($1) ORDER BY id FOR UPDATE");
    let rows = prepared(&sql).bind::<Array<SqlUuid>, _>(ids).load(conn).await?;
    read(rows)
}

/// Reads and locks refunds that the bank has not answered by their deadline, the longest waiting
/// first, then by their ids. Those another process works on are skipped.
pub(crate) async fn lock_due(
    conn: &mut AsyncPgConnection,
    refunds_max: i64,
) -> QueryResult<Vec<RefundRow>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM refund WHERE state = 'asked' AND due_at <= clock_timestamp()
         ORDER BY due_at, id LIMIT $1 FOR UPDATE SKIP LOCKED"
    );
    prepared(&sql).bind::<BigInt, _>(refunds_max).load(conn).await
}

/// Writes new refunds, in one statement, each with the deadline of its first attempt.
pub(crate) async fn insert(
    conn: &mut AsyncPgConnection,
    refunds: &[Refund],
) -> Result<(), HandlerError> {
    if refunds.is_empty() {
        return Ok(());
    }
    prepared(
        "INSERT INTO refund (id, order_id, branch, account_id, idempotency_key, request_hash,
                             lines, amount, currency, reason, state, made_at, attempt, due_at)
         SELECT r.id, r.order_id, r.branch, r.account_id, r.key, r.hash, r.lines, r.amount,
                r.currency, r.reason, 'asked', r.made_at, r.attempt,
                clock_timestamp() + make_interval(secs => r.due_in_s)
         FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
             AS r (id, order_id, branch, account_id, key, hash, lines, amount, currency, reason,
                   made_at, attempt, due_in_s)",
    )
    .bind::<Array<SqlUuid>, _>(column(refunds, |r| r.id))
    .bind::<Array<SqlUuid>, _>(column(refunds, |r| r.order_id))
    .bind::<Array<Text>, _>(column(refunds, |r| r.branch.as_str()))
    .bind::<Array<SqlUuid>, _>(column(refunds, |r| r.account_id))
    .bind::<Array<Text>, _>(column(refunds, |r| r.idempotency_key.as_str()))
    .bind::<Array<Bytea>, _>(column(refunds, |r| r.request_hash.as_slice()))
    .bind::<Array<Jsonb>, _>(lines(refunds)?)
    .bind::<Array<BigInt>, _>(column(refunds, |r| r.price.amount))
    .bind::<Array<Text>, _>(column(refunds, |r| r.price.currency.as_str()))
    .bind::<Array<Text>, _>(column(refunds, |r| r.reason.as_str()))
    .bind::<Array<Timestamptz>, _>(column(refunds, |r| r.made_at))
    .bind::<Array<Integer>, _>(column(refunds, |r| stored(r.attempt)))
    .bind::<Array<Double>, _>(column(refunds, |r| pause_s(r.id, r.attempt)))
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes how far refunds have come, each with the deadline of its attempt. They must be locked.
pub(crate) async fn update(conn: &mut AsyncPgConnection, refunds: &[Refund]) -> QueryResult<()> {
    if refunds.is_empty() {
        return Ok(());
    }
    prepared(
        "UPDATE refund SET state = r.state, paid_at = r.paid_at, attempt = r.attempt,
             due_at = clock_timestamp() + make_interval(secs => r.due_in_s)
         FROM unnest($1, $2, $3, $4, $5) AS r (id, state, paid_at, attempt, due_in_s)
         WHERE refund.id = r.id",
    )
    .bind::<Array<SqlUuid>, _>(column(refunds, |r| r.id))
    .bind::<Array<Text>, _>(column(refunds, |r| r.state.as_str()))
    .bind::<Array<Nullable<Timestamptz>>, _>(column(refunds, |r| r.paid_at))
    .bind::<Array<Integer>, _>(column(refunds, |r| stored(r.attempt)))
    .bind::<Array<Double>, _>(column(refunds, |r| pause_s(r.id, r.attempt)))
    .execute(conn)
    .await
    .map(|_| ())
}

/// What the refunds of a span came to.
#[derive(QueryableByName)]
pub(crate) struct Sums {
    /// What was paid back.
    #[diesel(sql_type = BigInt)]
    pub(crate) paid: i64,
    /// How many the bank has not answered.
    #[diesel(sql_type = BigInt)]
    pub(crate) asked: i64,
    /// The sum of those.
    #[diesel(sql_type = BigInt)]
    pub(crate) asked_amount: i64,
}

/// The refunds that were made at a branch between two moments; nothing where they are not told.
pub(crate) async fn sums(conn: &mut AsyncPgConnection, of: &DaySales) -> QueryResult<Option<Sums>> {
    let Some((from, to)) = of.from.zip(of.to) else { return Ok(None) };
    prepared(
        "SELECT coalesce(sum(amount) FILTER (WHERE state = 'paid'), 0)::bigint AS paid,
                count(*) FILTER (WHERE state = 'asked') AS asked,
                coalesce(sum(amount) FILTER (WHERE state = 'asked'), 0)::bigint AS asked_amount
         FROM refund WHERE branch = $1 AND made_at >= $2 AND made_at < $3",
    )
    .bind::<Text, _>(of.branch.as_str())
    .bind::<Timestamptz, _>(from)
    .bind::<Timestamptz, _>(to)
    .get_result(conn)
    .await
    .map(Some)
}

fn column<'r, T>(refunds: &'r [Refund], f: impl Fn(&'r Refund) -> T) -> Vec<T> {
    refunds.iter().map(f).collect()
}

fn lines(refunds: &[Refund]) -> Result<Vec<serde_json::Value>, HandlerError> {
    let json = |refund: &Refund| {
        serde_json::to_value(&refund.lines)
            .map_err(|error| HandlerError::Permanent(Box::new(error)))
    };
    refunds.iter().map(json).collect()
}

fn stored(attempt: u32) -> i32 {
    i32::try_from(attempt).unwrap_or(i32::MAX)
}
