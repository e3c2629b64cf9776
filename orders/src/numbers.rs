//! The `day_number` row: short numbers that can be called out at the counter, from 1 each day at
//! each branch.

use bakery_nats::prepared::prepared;
use bakery_nats::slug::Slug;
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date, Integer, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::BTreeMap;

#[derive(QueryableByName)]
struct LastRow {
    #[diesel(sql_type = Text)]
    branch: String,
    #[diesel(sql_type = Date)]
    day: NaiveDate,
    #[diesel(sql_type = Integer)]
    last: i32,
}

/// The next number for each order, in their order. Rows are locked in sorted order, once a batch.
pub(crate) async fn next(
    conn: &mut AsyncPgConnection,
    orders: &[(Slug, NaiveDate)],
) -> QueryResult<Vec<i32>> {
    let mut counts: BTreeMap<(&str, NaiveDate), i64> = BTreeMap::new();
    for (branch, day) in orders {
        *counts.entry((branch.as_str(), *day)).or_default() += 1;
    }
    let rows: Vec<LastRow> = prepared(
        "INSERT INTO day_number (branch, day, last)
         SELECT branch, day, count::integer FROM unnest($1, $2, $3) AS o (branch, day, count)
         ON CONFLICT (branch, day) DO UPDATE SET last = day_number.last + EXCLUDED.last
         RETURNING branch, day, last",
    )
    .bind::<Array<Text>, _>(counts.keys().map(|(branch, _)| *branch).collect::<Vec<_>>())
    .bind::<Array<Date>, _>(counts.keys().map(|(_, day)| *day).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(counts.values().copied().collect::<Vec<_>>())
    .load(conn)
    .await?;
    let mut next: BTreeMap<(String, NaiveDate), i32> = BTreeMap::new();
    for row in rows {
        let count = counts.get(&(row.branch.as_str(), row.day)).copied().unwrap_or_default();
        let first = row.last - i32::try_from(count).unwrap_or_default() + 1;
        next.insert((row.branch, row.day), first);
    }
    let mut take = |(branch, day): &(Slug, NaiveDate)| {
        let number = next.entry((branch.to_string(), *day)).or_default();
        *number += 1;
        *number - 1
    };
    Ok(orders.iter().map(&mut take).collect())
}
