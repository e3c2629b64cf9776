//! The `unit` row: one baked piece, from the oven to its end.

use crate::schema::unit;
use crate::stock::SectionKey;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A unit that can be sold.
#[derive(Debug, QueryableByName)]
pub(crate) struct FreeRow {
    #[diesel(sql_type = Text)]
    pub(crate) branch: String,
    #[diesel(sql_type = Text)]
    pub(crate) product_id: String,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    pub(crate) baked_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    pub(crate) stale_at: DateTime<Utc>,
}

/// A unit about to be held for an order.
#[derive(Debug)]
pub(crate) struct Hold {
    pub(crate) unit_id: Uuid,
    pub(crate) order_id: Uuid,
    pub(crate) price: i64,
}

/// A unit that comes out of the oven.
#[derive(Debug, Insertable)]
#[diesel(table_name = unit)]
pub(crate) struct NewUnit {
    pub(crate) id: Uuid,
    pub(crate) branch: String,
    pub(crate) product_id: String,
    pub(crate) batch_id: Uuid,
    pub(crate) baked_at: DateTime<Utc>,
    pub(crate) stale_at: DateTime<Utc>,
    pub(crate) state: &'static str,
}

/// How many units of an order changed.
#[derive(Debug, QueryableByName)]
pub(crate) struct OfOrder {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) order_id: Uuid,
    #[diesel(sql_type = BigInt)]
    pub(crate) free: i64,
    #[diesel(sql_type = BigInt)]
    pub(crate) stale: i64,
}

/// How many units of a section changed.
#[derive(Debug, QueryableByName)]
pub(crate) struct OfSection {
    #[diesel(sql_type = Text)]
    pub(crate) product_id: String,
    #[diesel(sql_type = BigInt)]
    pub(crate) units: i64,
}

pub(crate) struct Unit;

impl Unit {
    /// The oldest fresh free units of each section, as many as are wanted there. The sections
    /// must be locked.
    pub(crate) async fn oldest_fresh(
        conn: &mut AsyncPgConnection,
        wanted: &BTreeMap<SectionKey, i64>,
        now: DateTime<Utc>,
    ) -> QueryResult<Vec<FreeRow>> {
        diesel::sql_query(
            "SELECT u.*
             FROM unnest($1, $2, $3) AS wanted (branch, product_id, quantity)
             CROSS JOIN LATERAL (
                 SELECT branch, product_id, id, baked_at, stale_at FROM unit
                 WHERE unit.branch = wanted.branch AND unit.product_id = wanted.product_id
                   AND state = 'free' AND stale_at > $4
                 ORDER BY baked_at, id LIMIT wanted.quantity
             ) AS u
             ORDER BY u.baked_at, u.id",
        )
        .bind::<Array<Text>, _>(
            wanted.keys().map(|(branch, _)| branch.as_str()).collect::<Vec<_>>(),
        )
        .bind::<Array<Text>, _>(wanted.keys().map(|(_, id)| id.as_str()).collect::<Vec<_>>())
        .bind::<Array<BigInt>, _>(wanted.values().copied().collect::<Vec<_>>())
        .bind::<Timestamptz, _>(now)
        .load(conn)
        .await
    }

    /// Holds units for orders. The sections must be locked and the units free; gives how many
    /// were held.
    pub(crate) async fn hold(conn: &mut AsyncPgConnection, holds: &[Hold]) -> QueryResult<usize> {
        diesel::sql_query(
            "UPDATE unit SET state = 'reserved', order_id = h.order_id, price = h.price
             FROM unnest($1, $2, $3) AS h (id, order_id, price)
             WHERE unit.id = h.id AND unit.state = 'free'",
        )
        .bind::<Array<SqlUuid>, _>(holds.iter().map(|hold| hold.unit_id).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(holds.iter().map(|hold| hold.order_id).collect::<Vec<_>>())
        .bind::<Array<BigInt>, _>(holds.iter().map(|hold| hold.price).collect::<Vec<_>>())
        .execute(conn)
        .await
    }

    /// The sections in which orders have units.
    pub(crate) async fn sections_of(
        conn: &mut AsyncPgConnection,
        orders: &[Uuid],
    ) -> QueryResult<Vec<(String, String)>> {
        unit::table
            .filter(unit::order_id.eq_any(orders))
            .select((unit::branch, unit::product_id))
            .distinct()
            .load(conn)
            .await
    }

    /// Reserved becomes sold; gives how many, by order.
    pub(crate) async fn sell(
        conn: &mut AsyncPgConnection,
        orders: &[Uuid],
    ) -> QueryResult<Vec<(Uuid, usize)>> {
        let sold: Vec<Option<Uuid>> = diesel::update(unit::table)
            .filter(unit::order_id.eq_any(orders).and(unit::state.eq("reserved")))
            .set(unit::state.eq("sold"))
            .returning(unit::order_id)
            .get_results(conn)
            .await?;
        let mut counts: BTreeMap<Uuid, usize> = BTreeMap::new();
        for order in sold.into_iter().flatten() {
            *counts.entry(order).or_default() += 1;
        }
        Ok(counts.into_iter().collect())
    }

    /// Takes the orders' names off their units in the state `from` (`reserved` or `sold`): what is
    /// fresh at the order's `at` is free again, the rest is stale. The sections must be locked.
    pub(crate) async fn put_back(
        conn: &mut AsyncPgConnection,
        from: &str,
        orders: &[(Uuid, DateTime<Utc>)],
    ) -> QueryResult<Vec<OfOrder>> {
        diesel::sql_query(
            "WITH held AS (
                 SELECT unit.id, unit.order_id, unit.stale_at > o.at AS fresh
                 FROM unnest($2, $3) AS o (id, at) JOIN unit ON unit.order_id = o.id
                 WHERE unit.state = $1
             ), moved AS (
                 UPDATE unit
                 SET state = CASE WHEN held.fresh THEN 'free' ELSE 'stale' END,
                     order_id = NULL, price = NULL
                 FROM held WHERE unit.id = held.id
                 RETURNING held.order_id, held.fresh
             )
             SELECT order_id, count(*) FILTER (WHERE fresh) AS free,
                    count(*) FILTER (WHERE NOT fresh) AS stale
             FROM moved GROUP BY order_id",
        )
        .bind::<Text, _>(from)
        .bind::<Array<SqlUuid>, _>(orders.iter().map(|(id, _)| *id).collect::<Vec<_>>())
        .bind::<Array<Timestamptz>, _>(orders.iter().map(|(_, at)| *at).collect::<Vec<_>>())
        .load(conn)
        .await
    }

    /// Puts baked units on the shelf.
    pub(crate) async fn bake(
        conn: &mut AsyncPgConnection,
        units: &[NewUnit],
    ) -> QueryResult<usize> {
        /// Postgres takes 65,535 parameters a statement, and a unit has seven.
        const UNITS_A_STATEMENT: usize = 9000;
        let mut baked = 0;
        for part in units.chunks(UNITS_A_STATEMENT) {
            baked += diesel::insert_into(unit::table).values(part).execute(conn).await?;
        }
        Ok(baked)
    }

    /// Free becomes stale, for everything of a branch that is stale at `now`. The sections must be
    /// locked. Reserved units are not touched.
    pub(crate) async fn sweep(
        conn: &mut AsyncPgConnection,
        branch: &str,
        now: DateTime<Utc>,
    ) -> QueryResult<Vec<OfSection>> {
        diesel::sql_query(
            "WITH swept AS (
                 UPDATE unit SET state = 'stale'
                 WHERE branch = $1 AND state = 'free' AND stale_at <= $2
                 RETURNING product_id
             )
             SELECT product_id, count(*) AS units FROM swept GROUP BY product_id ORDER BY product_id",
        )
        .bind::<Text, _>(branch)
        .bind::<Timestamptz, _>(now)
        .load(conn)
        .await
    }
}
