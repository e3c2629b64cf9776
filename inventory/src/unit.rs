//! The `unit` row: one baked piece, from the oven to its end.

use crate::schema::unit;
use crate::stock::SectionKey;
use bakery_nats::prepared::prepared;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Units that one statement bakes, sweeps or throws out, at the most: it takes a small part of the time
/// that a statement may take, however much comes together in one transaction.
pub(crate) const STATEMENT_UNITS_MAX: usize = 2000;

/// A unit that can be sold.
#[derive(Debug, QueryableByName)]
pub(crate) struct FreeRow {
    #[diesel(sql_type = Text)]
    pub(crate) branch: String,
    #[diesel(sql_type = Text)]
    pub(crate) product_id: String,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) batch_id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    pub(crate) baked_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    pub(crate) stale_at: DateTime<Utc>,
    #[diesel(sql_type = Date)]
    pub(crate) day: NaiveDate,
}

/// How many units are wanted of a section, and of which business day.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    pub(crate) quantity: i64,
    pub(crate) day: NaiveDate,
}

/// A unit about to be held for an order.
#[derive(Debug)]
pub(crate) struct Hold {
    pub(crate) unit_id: Uuid,
    pub(crate) order_id: Uuid,
    pub(crate) price: i64,
    /// True where that is less than the full price.
    pub(crate) discounted: bool,
}

/// An order whose units go back to the shelf.
#[derive(Debug)]
pub(crate) struct Undo {
    pub(crate) order_id: Uuid,
    /// When: what is stale by then does not go back.
    pub(crate) at: DateTime<Utc>,
    /// The business day of that moment; none where the branch is unknown, and so are the units.
    pub(crate) today: Option<NaiveDate>,
    /// The newest business day that was closed: what was free of it has been thrown out.
    pub(crate) closed_day: Option<NaiveDate>,
}

/// What became of the units an order had of a product and a business day.
#[derive(Debug, QueryableByName)]
pub(crate) struct PutBack {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) order_id: Uuid,
    #[diesel(sql_type = Text)]
    pub(crate) branch: String,
    #[diesel(sql_type = Date)]
    pub(crate) day: NaiveDate,
    #[diesel(sql_type = Text)]
    pub(crate) product_id: String,
    #[diesel(sql_type = BigInt)]
    pub(crate) free: i64,
    #[diesel(sql_type = BigInt)]
    pub(crate) stale: i64,
    #[diesel(sql_type = BigInt)]
    pub(crate) thrown: i64,
    /// The sum of their prices.
    #[diesel(sql_type = BigInt)]
    pub(crate) price: i64,
}

/// How many units of a section changed.
#[derive(Debug, QueryableByName)]
struct OfSection {
    #[diesel(sql_type = Text)]
    product_id: String,
    #[diesel(sql_type = BigInt)]
    units: i64,
}

pub(crate) struct Unit;

impl Unit {
    /// Puts units, each with its batch, on the shelf; at most [`STATEMENT_UNITS_MAX`].
    pub(crate) async fn bake(
        conn: &mut AsyncPgConnection,
        units: &[(Uuid, Uuid)],
    ) -> QueryResult<()> {
        prepared(
            "INSERT INTO unit (id, branch, product_id, batch_id, day, baked_at, stale_at, state)
             SELECT u.id, b.branch, b.product_id, b.id, b.day, b.baked_at, b.stale_at, 'free'
             FROM unnest($1, $2) AS u (id, batch_id) JOIN batch b ON b.id = u.batch_id",
        )
        .bind::<Array<SqlUuid>, _>(units.iter().map(|(id, _)| *id).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(units.iter().map(|(_, batch)| *batch).collect::<Vec<_>>())
        .execute(conn)
        .await
        .map(|_| ())
    }

    /// The oldest fresh free units of each section and its business day, as many as are wanted
    /// there. The sections must be locked.
    pub(crate) async fn oldest_fresh(
        conn: &mut AsyncPgConnection,
        wanted: &BTreeMap<SectionKey, Wanted>,
        now: DateTime<Utc>,
    ) -> QueryResult<Vec<FreeRow>> {
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let (keys, values) = (wanted.keys(), wanted.values());
        prepared(
            "SELECT u.*
             FROM unnest($1, $2, $3, $4) AS wanted (branch, product_id, quantity, day)
             CROSS JOIN LATERAL (
                 SELECT branch, product_id, id, batch_id, baked_at, stale_at, day FROM unit
                 WHERE unit.branch = wanted.branch AND unit.product_id = wanted.product_id
                   AND state = 'free' AND stale_at > $5 AND unit.day = wanted.day
                 ORDER BY baked_at, id LIMIT wanted.quantity
             ) AS u
             ORDER BY u.baked_at, u.id",
        )
        .bind::<Array<Text>, _>(keys.clone().map(|(branch, _)| branch.as_str()).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(keys.map(|(_, id)| id.as_str()).collect::<Vec<_>>())
        .bind::<Array<BigInt>, _>(values.clone().map(|w| w.quantity).collect::<Vec<_>>())
        .bind::<Array<Date>, _>(values.map(|w| w.day).collect::<Vec<_>>())
        .bind::<Timestamptz, _>(now)
        .load(conn)
        .await
    }

    /// Holds units for orders. The sections must be locked and the units free; gives how many
    /// were held.
    pub(crate) async fn hold(conn: &mut AsyncPgConnection, holds: &[Hold]) -> QueryResult<usize> {
        if holds.is_empty() {
            return Ok(0);
        }
        prepared(
            "UPDATE unit SET state = 'reserved', order_id = h.order_id, price = h.price,
                             discounted = h.discounted
             FROM unnest($1, $2, $3, $4) AS h (id, order_id, price, discounted)
             WHERE unit.id = h.id AND unit.state = 'free'",
        )
        .bind::<Array<SqlUuid>, _>(holds.iter().map(|hold| hold.unit_id).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(holds.iter().map(|hold| hold.order_id).collect::<Vec<_>>())
        .bind::<Array<BigInt>, _>(holds.iter().map(|hold| hold.price).collect::<Vec<_>>())
        .bind::<Array<Bool>, _>(holds.iter().map(|hold| hold.discounted).collect::<Vec<_>>())
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
    /// stale by then is stale, what is of an earlier business day, or of one that is closed already,
    /// is thrown out, and the rest is free again. The sections must be locked.
    pub(crate) async fn put_back(
        conn: &mut AsyncPgConnection,
        from: &str,
        orders: &[Undo],
    ) -> QueryResult<Vec<PutBack>> {
        prepared(
            "WITH held AS (
                 SELECT unit.id, unit.order_id, unit.branch, unit.day, unit.product_id, unit.price,
                        CASE WHEN unit.stale_at <= o.at THEN 'stale'
                             WHEN unit.day < o.today OR unit.day <= o.closed_day THEN 'thrown'
                             ELSE 'free' END AS becomes
                 FROM unnest($2, $3, $4, $5) AS o (id, at, today, closed_day)
                 JOIN unit ON unit.order_id = o.id
                 WHERE unit.state = $1
             ), moved AS (
                 UPDATE unit SET state = held.becomes, order_id = NULL, price = NULL,
                                 discounted = false
                 FROM held WHERE unit.id = held.id
                 RETURNING held.*
             )
             SELECT order_id, branch, day, product_id, sum(price)::bigint AS price,
                    count(*) FILTER (WHERE becomes = 'free') AS free,
                    count(*) FILTER (WHERE becomes = 'stale') AS stale,
                    count(*) FILTER (WHERE becomes = 'thrown') AS thrown
             FROM moved GROUP BY order_id, branch, day, product_id",
        )
        .bind::<Text, _>(from)
        .bind::<Array<SqlUuid>, _>(orders.iter().map(|o| o.order_id).collect::<Vec<_>>())
        .bind::<Array<Timestamptz>, _>(orders.iter().map(|o| o.at).collect::<Vec<_>>())
        .bind::<Array<Nullable<Date>>, _>(orders.iter().map(|o| o.today).collect::<Vec<_>>())
        .bind::<Array<Nullable<Date>>, _>(orders.iter().map(|o| o.closed_day).collect::<Vec<_>>())
        .load(conn)
        .await
    }

    /// Free becomes stale, for everything of a branch that is stale at `now`. The sections must be
    /// locked. Reserved units are not touched.
    pub(crate) async fn sweep(
        conn: &mut AsyncPgConnection,
        branch: &str,
        now: DateTime<Utc>,
    ) -> QueryResult<BTreeMap<String, i64>> {
        let mut swept: BTreeMap<String, i64> = BTreeMap::new();
        loop {
            let rows: Vec<OfSection> = prepared(&format!(
                "WITH swept AS (
                     UPDATE unit SET state = 'stale' WHERE id = ANY(ARRAY(
                         SELECT id FROM unit
                         WHERE branch = $1 AND state = 'free' AND stale_at <= $2
                         ORDER BY product_id, baked_at, id LIMIT {STATEMENT_UNITS_MAX}
                     ))
                     RETURNING product_id
                 )
                 SELECT product_id, count(*) AS units FROM swept GROUP BY product_id"
            ))
            .bind::<Text, _>(branch)
            .bind::<Timestamptz, _>(now)
            .load(conn)
            .await?;
            let units: i64 = rows.iter().map(|row| row.units).sum();
            for OfSection { product_id, units } in rows {
                *swept.entry(product_id).or_default() += units;
            }
            if usize::try_from(units) != Ok(STATEMENT_UNITS_MAX) {
                return Ok(swept);
            }
        }
    }

    /// Free becomes thrown, for everything of a branch from before a business day. The sections
    /// must be locked. Reserved units are not touched.
    pub(crate) async fn throw_out(
        conn: &mut AsyncPgConnection,
        branch: &str,
        before: NaiveDate,
    ) -> QueryResult<()> {
        let mut thrown = STATEMENT_UNITS_MAX;
        while thrown == STATEMENT_UNITS_MAX {
            thrown = prepared(&format!(
                "UPDATE unit SET state = 'thrown' WHERE id = ANY(ARRAY(
                     SELECT id FROM unit WHERE branch = $1 AND state = 'free' AND day < $2
                     ORDER BY product_id, baked_at, id LIMIT {STATEMENT_UNITS_MAX}
                 ))"
            ))
            .bind::<Text, _>(branch)
            .bind::<Date, _>(before)
            .execute(conn)
            .await?;
        }
        Ok(())
    }
}
