//! The `orders` row: loading, locking and moving orders, always many at once.

use crate::order::Order;
use crate::schema::orders;
use bakery_nats::error::HandlerError;
use bakery_nats::messages::orders::Reason;
use bakery_nats::money::{Currency, Money};
use bakery_nats::prepared::prepared;
use bakery_nats::requests::orders::{Customer, ListOrders};
use bakery_nats::requests::receipts::ReceiptShop;
use bakery_nats::slug::Slug;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{
    Array, BigInt, Bool, Double, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::HashSet;
use std::time::Duration;
use uuid::Uuid;

/// The columns of an [`OrderRow`].
pub(crate) const COLUMNS: &str = "id, branch, day, number, account_id, customer_name, customer_email, \
    state, version, items, total, currency, reason_code, reason_detail, created_at, updated_at, \
    attempt, paid, shop_name, shop_address, shop_zone";

/// An order as stored.
#[derive(Debug, Queryable, QueryableByName, Selectable)]
#[diesel(table_name = orders, check_for_backend(diesel::pg::Pg))]
pub(crate) struct OrderRow {
    pub(crate) id: Uuid,
    branch: String,
    day: NaiveDate,
    number: i32,
    account_id: Uuid,
    customer_name: String,
    customer_email: Option<String>,
    state: String,
    version: i64,
    items: serde_json::Value,
    total: Option<i64>,
    currency: Option<String>,
    reason_code: Option<String>,
    reason_detail: Option<String>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    attempt: i32,
    paid: bool,
    shop_name: String,
    shop_address: String,
    shop_zone: String,
}

/// A row that cannot be read back: a damaged database, said aloud.
fn damaged(id: Uuid, what: impl std::fmt::Display) -> HandlerError {
    HandlerError::permanent(format!("the stored order {id} cannot be read: {what}"))
}

impl OrderRow {
    /// The value behind the row.
    pub(crate) fn read(self) -> Result<Order, HandlerError> {
        let id = self.id;
        let currency = self.currency.map(Currency::try_from).transpose();
        let currency = currency.map_err(|error| damaged(id, error))?;
        let price = |amount| currency.map(|currency| Money { amount, currency });
        let reason =
            self.reason_code.zip(self.reason_detail).map(|(code, detail)| Reason { code, detail });
        let branch = Slug::try_from(self.branch).map_err(|error| damaged(id, error))?;
        let shop = ReceiptShop {
            branch: branch.clone(),
            name: self.shop_name,
            address: self.shop_address,
            time_zone: self.shop_zone.parse().map_err(|error| damaged(id, error))?,
        };
        Ok(Order {
            id,
            branch,
            shop,
            day: self.day,
            number: self.number,
            account_id: self.account_id,
            customer: Customer { name: self.customer_name, email: self.customer_email },
            state: self.state.parse().map_err(|error| damaged(id, error))?,
            version: self.version,
            items: serde_json::from_value(self.items).map_err(|error| damaged(id, error))?,
            price: self.total.and_then(price),
            paid: self.paid,
            reason,
            created_at: self.created_at,
            updated_at: self.updated_at,
            attempt: u32::try_from(self.attempt).map_err(|error| damaged(id, error))?,
        })
    }

    /// Reads and locks orders, in the order of their ids.
    pub(crate) async fn lock(conn: &mut AsyncPgConnection, ids: &[Uuid]) -> QueryResult<Vec<Self>> {
        orders::table
            .filter(orders::id.eq_any(ids))
            .order(orders::id)
            .for_update()
            .select(Self::as_select())
            .load(conn)
            .await
    }

    /// Reads and locks open orders whose deadline has passed by the database's clock, the longest
    /// waiting first, then by their ids; `watched` is how far back somebody was there to see it
    /// pass. Those another process works on are skipped.
    pub(crate) async fn lock_due(
        conn: &mut AsyncPgConnection,
        orders_max: i64,
        watched: Duration,
    ) -> QueryResult<Vec<DueRow>> {
        let sql = format!(
            "SELECT {COLUMNS}, give_up_at <= clock_timestamp() AS time_is_over,
                    due_at < clock_timestamp() - make_interval(secs => $2) AS unwatched
             FROM orders
             WHERE open AND due_at <= clock_timestamp()
             ORDER BY due_at, id LIMIT $1 FOR UPDATE SKIP LOCKED"
        );
        let query = prepared(&sql).bind::<BigInt, _>(orders_max);
        query.bind::<Double, _>(watched.as_secs_f64()).load(conn).await
    }

    /// One order.
    pub(crate) async fn get(mut conn: &AsyncPgConnection, id: Uuid) -> QueryResult<Option<Self>> {
        orders::table.find(id).select(Self::as_select()).first(&mut conn).await.optional()
    }

    /// Some orders, without a lock.
    pub(crate) async fn get_all(
        conn: &mut AsyncPgConnection,
        ids: &[Uuid],
    ) -> QueryResult<Vec<Self>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        orders::table.filter(orders::id.eq_any(ids)).select(Self::as_select()).load(conn).await
    }

    /// Which of these ids are orders' already.
    pub(crate) async fn existing(
        mut conn: &AsyncPgConnection,
        ids: &[Uuid],
    ) -> QueryResult<HashSet<Uuid>> {
        let found = orders::table.filter(orders::id.eq_any(ids)).select(orders::id);
        Ok(found.load(&mut conn).await?.into_iter().collect())
    }

    /// A page, newest first: ids are uuids of version 7, so they are in the order of time.
    pub(crate) async fn page(
        conn: &mut AsyncPgConnection,
        of: &ListOrders,
        limit: i64,
    ) -> QueryResult<Vec<Self>> {
        let mut query = orders::table.select(Self::as_select()).into_boxed();
        if let Some(branch) = &of.branch {
            query = query.filter(orders::branch.eq(branch.as_str()));
        }
        if let Some(status) = of.status {
            query = query.filter(orders::status.eq(status.as_str()));
        }
        if let Some(account_id) = of.account_id {
            query = query.filter(orders::account_id.eq(account_id));
        }
        if let Some(number) = of.number {
            // A number beyond those that can be given out is no order's.
            query = query.filter(orders::number.eq(i32::try_from(number).unwrap_or_default()));
        }
        if let Some(date) = of.date {
            query = query.filter(orders::day.eq(date));
        }
        if let Some(before) = of.before {
            query = query.filter(orders::id.lt(before));
        }
        query.order(orders::id.desc()).limit(limit).load(conn).await
    }
}

/// An open order whose deadline has passed.
#[derive(QueryableByName)]
pub(crate) struct DueRow {
    #[diesel(embed)]
    pub(crate) order: OrderRow,
    /// Its time for being paid is over.
    #[diesel(sql_type = Bool)]
    pub(crate) time_is_over: bool,
    /// Its deadline passed while nobody looked.
    #[diesel(sql_type = Bool)]
    pub(crate) unwatched: bool,
}

/// An order to be written, and when it is driven again if nothing comes.
pub(crate) struct Write<'o> {
    pub(crate) order: &'o Order,
    pub(crate) due_in_s: f64,
}

/// Writes new orders, in one statement.
pub(crate) async fn insert(
    conn: &mut AsyncPgConnection,
    writes: &[Write<'_>],
    give_up_after_s: f64,
) -> Result<(), HandlerError> {
    prepared(
        "INSERT INTO orders (id, branch, day, number, account_id, customer_name, customer_email,
                             state, status, version, items, created_at, updated_at, open, attempt,
                             due_at, give_up_at, shop_name, shop_address, shop_zone)
         SELECT o.id, o.branch, o.day, o.number, o.account_id, o.name, o.email, o.state, o.status,
                o.version, o.items, o.at, o.at, true, o.attempt,
                clock_timestamp() + make_interval(secs => o.due_in_s),
                clock_timestamp() + make_interval(secs => $14), o.shop, o.address, o.zone
         FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $15, $16, $17, $18)
             AS o (id, branch, day, number, account_id, name, email, state, status, version,
                   items, at, attempt, due_in_s, shop, address, zone)",
    )
    .bind::<Array<SqlUuid>, _>(column(writes, |o| o.id))
    .bind::<Array<Text>, _>(column(writes, |o| o.branch.as_str()))
    .bind::<Array<diesel::sql_types::Date>, _>(column(writes, |o| o.day))
    .bind::<Array<Integer>, _>(column(writes, |o| o.number))
    .bind::<Array<SqlUuid>, _>(column(writes, |o| o.account_id))
    .bind::<Array<Text>, _>(column(writes, |o| o.customer.name.as_str()))
    .bind::<Array<Nullable<Text>>, _>(column(writes, |o| o.customer.email.as_deref()))
    .bind::<Array<Text>, _>(column(writes, |o| o.state.as_str()))
    .bind::<Array<Text>, _>(column(writes, |o| o.state.status().as_str()))
    .bind::<Array<BigInt>, _>(column(writes, |o| o.version))
    .bind::<Array<Jsonb>, _>(items(writes)?)
    .bind::<Array<Timestamptz>, _>(column(writes, |o| o.created_at))
    .bind::<Array<Integer>, _>(column(writes, |o| stored(o.attempt)))
    .bind::<Double, _>(give_up_after_s)
    .bind::<Array<Double>, _>(writes.iter().map(|write| write.due_in_s).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(column(writes, |o| o.shop.name.as_str()))
    .bind::<Array<Text>, _>(column(writes, |o| o.shop.address.as_str()))
    .bind::<Array<Text>, _>(column(writes, |o| o.shop.time_zone.name()))
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes moved orders, in one statement. They must be locked.
pub(crate) async fn update(
    conn: &mut AsyncPgConnection,
    writes: &[Write<'_>],
) -> Result<(), HandlerError> {
    if writes.is_empty() {
        return Ok(());
    }
    let reason = |get: fn(&Reason) -> &str| {
        move |order: &Order| order.reason.as_ref().map(|reason| get(reason).to_owned())
    };
    prepared(
        "UPDATE orders SET
             state = o.state, status = o.status, version = o.version, items = o.items,
             total = o.total, currency = o.currency, reason_code = o.reason_code,
             reason_detail = o.reason_detail, updated_at = o.at, open = o.open,
             attempt = o.attempt, due_at = clock_timestamp() + make_interval(secs => o.due_in_s),
             paid = o.paid
         FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
             AS o (id, state, status, version, items, total, currency, reason_code, reason_detail,
                   at, open, attempt, due_in_s, paid)
         WHERE orders.id = o.id",
    )
    .bind::<Array<SqlUuid>, _>(column(writes, |o| o.id))
    .bind::<Array<Text>, _>(column(writes, |o| o.state.as_str()))
    .bind::<Array<Text>, _>(column(writes, |o| o.state.status().as_str()))
    .bind::<Array<BigInt>, _>(column(writes, |o| o.version))
    .bind::<Array<Jsonb>, _>(items(writes)?)
    .bind::<Array<Nullable<BigInt>>, _>(column(writes, |o| o.price.as_ref().map(|p| p.amount)))
    .bind::<Array<Nullable<Text>>, _>(column(writes, |o| {
        o.price.as_ref().map(|price| price.currency.as_str())
    }))
    .bind::<Array<Nullable<Text>>, _>(column(writes, reason(|r| &r.code)))
    .bind::<Array<Nullable<Text>>, _>(column(writes, reason(|r| &r.detail)))
    .bind::<Array<Timestamptz>, _>(column(writes, |o| o.updated_at))
    .bind::<Array<Bool>, _>(column(writes, |o| !o.state.asks().is_empty()))
    .bind::<Array<Integer>, _>(column(writes, |o| stored(o.attempt)))
    .bind::<Array<Double>, _>(writes.iter().map(|write| write.due_in_s).collect::<Vec<_>>())
    .bind::<Array<Bool>, _>(column(writes, |o| o.paid))
    .execute(conn)
    .await?;
    Ok(())
}

/// These orders have at least so much time for being paid from now on.
pub(crate) async fn leave_time(
    conn: &mut AsyncPgConnection,
    ids: &[Uuid],
    time: Duration,
) -> QueryResult<()> {
    if ids.is_empty() {
        return Ok(());
    }
    prepared(
        "UPDATE orders SET give_up_at = clock_timestamp() + make_interval(secs => $2)
         WHERE id = ANY($1) AND give_up_at < clock_timestamp() + make_interval(secs => $2)",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Double, _>(time.as_secs_f64())
    .execute(conn)
    .await
    .map(|_| ())
}

fn column<'w, T>(writes: &'w [Write<'_>], f: impl Fn(&'w Order) -> T) -> Vec<T> {
    writes.iter().map(|write| f(write.order)).collect()
}

fn items(writes: &[Write<'_>]) -> Result<Vec<serde_json::Value>, HandlerError> {
    let json = |write: &Write<'_>| {
        serde_json::to_value(&write.order.items)
            .map_err(|error| HandlerError::Permanent(Box::new(error)))
    };
    writes.iter().map(json).collect()
}

fn stored(attempt: u32) -> i32 {
    i32::try_from(attempt).unwrap_or(i32::MAX)
}
