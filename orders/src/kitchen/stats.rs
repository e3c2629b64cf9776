//! How fast the kitchen was on one business day. When an order came to a stage is the time of the
//! record of that step, so no order is written to for these figures.

use super::{Day, PRODUCTS_MAX, slug};
use bakery_nats::error::HandlerError;
use bakery_nats::messages::orders::Status;
use bakery_nats::prepared::prepared;
use bakery_nats::requests::kitchen::{
    HourCount, KitchenStats, KitchenStatsReply, ProductWait, StageTime,
};
use bakery_nats::requests::orders::StatusCount;
use chrono::{DateTime, Timelike, Utc};
use chrono_tz::Tz;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Double, Text, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::BTreeMap;

/// Quarters of an hour in one answer. A day on which orders may be placed is at most a week long:
/// from one closing to the next.
const QUARTERS_MAX: i64 = 8 * 24 * 4;

/// The bought orders of a day, with the time of each step.
const STAGED: &str = "WITH staged AS (
    SELECT orders.items, orders.created_at AS placed, confirm.at AS confirmed,
           start.at AS preparing, ready.at AS ready, serve.at AS served
    FROM orders
    LEFT JOIN record confirm ON confirm.business_id = orders.id AND confirm.step = 'confirm'
    LEFT JOIN record start ON start.business_id = orders.id AND start.step = 'start'
    LEFT JOIN record ready ON ready.business_id = orders.id AND ready.step = 'ready'
    LEFT JOIN record serve ON serve.business_id = orders.id AND serve.step = 'serve'
    WHERE orders.branch = $1 AND orders.day = $2 AND orders.paid)";

/// All figures, as of one moment.
pub(crate) async fn of_day(
    conn: &mut AsyncPgConnection,
    of: &KitchenStats,
) -> Result<KitchenStatsReply, HandlerError> {
    let day = Day { branch: &of.branch, date: of.date };
    let mut snapshot = conn.build_transaction().repeatable_read().read_only();
    let rows: QueryResult<_> = snapshot
        .run(async |conn| {
            let counts = counts(conn, day).await?;
            let stages = stages(conn, day).await?;
            Ok((counts, stages, products(conn, day).await?, quarters(conn, day).await?))
        })
        .await;
    let (counts, stages, products, quarters) = rows?;
    let product = |ProductRow { product_id, orders, mean_s }| {
        Ok(ProductWait { product_id: slug(product_id)?, orders, mean_s })
    };
    Ok(KitchenStatsReply {
        orders: by_status(&counts),
        stages: stages.iter().map(stage).collect::<Result<_, _>>()?,
        products: products.into_iter().map(product).collect::<Result<_, HandlerError>>()?,
        hours: by_hour(quarters.iter().map(|row| (row.quarter, row.orders)), of.time_zone),
    })
}

#[derive(QueryableByName)]
struct CountRow {
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = BigInt)]
    orders: i64,
}

async fn counts(conn: &mut AsyncPgConnection, day: Day<'_>) -> QueryResult<Vec<CountRow>> {
    let sql = "SELECT status, count(*) AS orders FROM orders
               WHERE branch = $1 AND day = $2 GROUP BY status";
    let query = prepared(sql);
    query.bind::<Text, _>(day.branch.as_str()).bind::<Date, _>(day.date).load(conn).await
}

/// In the order of an order's life.
fn by_status(counts: &[CountRow]) -> Vec<StatusCount> {
    let of_status = |status: Status| {
        let count = counts.iter().find(|count| count.status == status.as_str())?;
        Some(StatusCount { status, orders: count.orders })
    };
    Status::ALL.into_iter().filter_map(of_status).collect()
}

#[derive(QueryableByName)]
struct StageRow {
    #[diesel(sql_type = Text)]
    from_status: String,
    #[diesel(sql_type = Text)]
    to_status: String,
    #[diesel(sql_type = BigInt)]
    orders: i64,
    #[diesel(sql_type = Double)]
    mean_s: f64,
    #[diesel(sql_type = Double)]
    p95_s: f64,
}

async fn stages(conn: &mut AsyncPgConnection, day: Day<'_>) -> QueryResult<Vec<StageRow>> {
    let sql = format!(
        "{STAGED}
         SELECT from_status, to_status, count(*) AS orders,
                round(avg(took)::numeric, 3)::float8 AS mean_s,
                round((percentile_cont(0.95) WITHIN GROUP (ORDER BY took))::numeric, 3)::float8
                    AS p95_s
         FROM staged, LATERAL (VALUES
             (1, 'placed', 'confirmed', extract(epoch FROM confirmed - placed)::float8),
             (2, 'confirmed', 'preparing', extract(epoch FROM preparing - confirmed)::float8),
             (3, 'preparing', 'ready', extract(epoch FROM ready - preparing)::float8),
             (4, 'ready', 'served', extract(epoch FROM served - ready)::float8)
         ) AS stage (place, from_status, to_status, took)
         WHERE took IS NOT NULL
         GROUP BY place, from_status, to_status
         ORDER BY place"
    );
    let query = prepared(&sql);
    query.bind::<Text, _>(day.branch.as_str()).bind::<Date, _>(day.date).load(conn).await
}

fn stage(row: &StageRow) -> Result<StageTime, HandlerError> {
    let status = |text: &str| {
        text.parse().map_err(|()| HandlerError::permanent(format!("{text:?} is no status")))
    };
    let (from, to) = (status(&row.from_status)?, status(&row.to_status)?);
    let StageRow { orders, mean_s, p95_s, .. } = *row;
    Ok(StageTime { from, to, orders, mean_s, p95_s })
}

#[derive(QueryableByName)]
struct ProductRow {
    #[diesel(sql_type = Text)]
    product_id: String,
    #[diesel(sql_type = BigInt)]
    orders: i64,
    #[diesel(sql_type = Double)]
    mean_s: f64,
}

async fn products(conn: &mut AsyncPgConnection, day: Day<'_>) -> QueryResult<Vec<ProductRow>> {
    let sql = format!(
        "{STAGED}
         SELECT item.product_id, count(*) AS orders,
                round(avg(extract(epoch FROM ready - placed)), 3)::float8 AS mean_s
         FROM staged, jsonb_to_recordset(items) AS item (product_id text)
         WHERE ready IS NOT NULL
         GROUP BY item.product_id
         ORDER BY item.product_id COLLATE \"C\" LIMIT $3"
    );
    let query = prepared(&sql);
    let query = query.bind::<Text, _>(day.branch.as_str()).bind::<Date, _>(day.date);
    query.bind::<BigInt, _>(PRODUCTS_MAX).load(conn).await
}

#[derive(QueryableByName)]
struct QuarterRow {
    #[diesel(sql_type = Timestamptz)]
    quarter: DateTime<Utc>,
    #[diesel(sql_type = BigInt)]
    orders: i64,
}

/// By quarters of an hour, which are quarters in every zone there is. What an hour is called is for
/// our own zones to say: the database's may be older.
async fn quarters(conn: &mut AsyncPgConnection, day: Day<'_>) -> QueryResult<Vec<QuarterRow>> {
    let sql = "SELECT date_bin('15 minutes', created_at, timestamptz 'epoch') AS quarter,
                      count(*) AS orders
               FROM orders WHERE branch = $1 AND day = $2
               GROUP BY quarter ORDER BY quarter LIMIT $3";
    let query = prepared(sql);
    let query = query.bind::<Text, _>(day.branch.as_str()).bind::<Date, _>(day.date);
    query.bind::<BigInt, _>(QUARTERS_MAX).load(conn).await
}

/// Hours in which nobody ordered are left out.
fn by_hour(quarters: impl Iterator<Item = (DateTime<Utc>, i64)>, zone: Tz) -> Vec<HourCount> {
    let mut hours: BTreeMap<u32, i64> = BTreeMap::new();
    for (quarter, orders) in quarters {
        *hours.entry(quarter.with_timezone(&zone).hour()).or_default() += orders;
    }
    hours.into_iter().map(|(hour, orders)| HourCount { hour, orders }).collect()
}

#[cfg(test)]
mod tests {
    use super::by_hour;
    use bakery_nats::requests::kitchen::HourCount;

    #[test]
    fn an_hour_is_what_the_clock_on_the_wall_says() {
        let quarters = ["2027-01-15T04:15:00Z", "2027-01-15T04:30:00Z", "2027-01-15T23:45:00Z"]
            .map(|quarter| (quarter.parse().unwrap(), 2));
        let hours = |zone: &str| {
            let counted = by_hour(quarters.into_iter(), zone.parse().unwrap());
            counted.iter().map(|HourCount { hour, orders }| (*hour, *orders)).collect::<Vec<_>>()
        };
        assert_eq!(hours("UTC"), [(4, 4), (23, 2)]);
        assert_eq!(hours("Europe/Berlin"), [(0, 2), (5, 4)]);
        // Half an hour off, and three quarters: what falls into one hour there differs.
        assert_eq!(hours("Asia/Kolkata"), [(5, 2), (9, 2), (10, 2)]);
        assert_eq!(hours("Asia/Kathmandu"), [(5, 2), (10, 4)]);
    }

    /// In the night in which clocks go back two hours have one name.
    #[test]
    fn an_hour_that_comes_twice_is_one() {
        let quarters = ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"]
            .map(|quarter| (quarter.parse().unwrap(), 1));
        let berlin = "Europe/Berlin".parse().unwrap();
        assert_eq!(by_hour(quarters.into_iter(), berlin), [HourCount { hour: 2, orders: 2 }]);
    }
}
