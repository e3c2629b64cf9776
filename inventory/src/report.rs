//! How a business day went, by the books of the shelf: batches say what was baked, units what
//! became of it, and the tallies what came back and what was wanted in vain.

use crate::shop::Shop;
use bakery_nats::messages::inventory::{Day, DayLine};
use bakery_nats::prepared::prepared;
use bakery_nats::slug::Slug;
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// The report of a day as it stands now, in the order of the menu.
pub(crate) async fn of(
    conn: &mut AsyncPgConnection,
    shop: &Shop,
    date: NaiveDate,
) -> QueryResult<Day> {
    let rows: Vec<Row> = prepared(
        "WITH baked AS (
             SELECT product_id, sum(quantity)::bigint AS baked
             FROM batch WHERE branch = $1 AND day = $2 GROUP BY product_id
         ), became AS (
             SELECT product_id,
                    count(*) FILTER (WHERE state = 'free') AS free,
                    count(*) FILTER (WHERE state = 'reserved') AS reserved,
                    count(*) FILTER (WHERE state = 'sold' AND NOT discounted) AS sold_full,
                    count(*) FILTER (WHERE state = 'sold' AND discounted) AS sold_discount,
                    count(*) FILTER (WHERE state = 'stale') AS stale,
                    count(*) FILTER (WHERE state = 'thrown') AS thrown,
                    coalesce(sum(price) FILTER (WHERE state = 'sold'), 0)::bigint AS kept
             FROM unit WHERE branch = $1 AND day = $2 GROUP BY product_id
         ), tallied AS (
             SELECT product_id, missed, returned, refunded
             FROM day_product WHERE branch = $1 AND day = $2
         )
         SELECT p.id AS product_id, coalesce(baked, 0) AS baked, coalesce(free, 0) AS free,
                coalesce(reserved, 0) AS reserved, coalesce(sold_full, 0) AS sold_full,
                coalesce(sold_discount, 0) AS sold_discount, coalesce(stale, 0) AS stale,
                coalesce(thrown, 0) AS thrown, coalesce(returned, 0) AS returned,
                coalesce(missed, 0) AS missed,
                coalesce(kept, 0) + coalesce(refunded, 0) AS takings,
                coalesce(refunded, 0) AS refunds
         FROM product p
         LEFT JOIN baked b ON b.product_id = p.id
         LEFT JOIN became u ON u.product_id = p.id
         LEFT JOIN tallied t ON t.product_id = p.id
         WHERE p.branch = $1 AND (b.product_id IS NOT NULL OR t.product_id IS NOT NULL)
         ORDER BY p.position",
    )
    .bind::<Text, _>(shop.branch.id.as_str())
    .bind::<Date, _>(date)
    .load(conn)
    .await?;
    let lines = rows.into_iter().filter_map(Row::line).collect();
    Ok(Day { date, currency: shop.branch.currency.clone(), lines })
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    product_id: String,
    #[diesel(sql_type = BigInt)]
    baked: i64,
    #[diesel(sql_type = BigInt)]
    free: i64,
    #[diesel(sql_type = BigInt)]
    reserved: i64,
    #[diesel(sql_type = BigInt)]
    sold_full: i64,
    #[diesel(sql_type = BigInt)]
    sold_discount: i64,
    #[diesel(sql_type = BigInt)]
    stale: i64,
    #[diesel(sql_type = BigInt)]
    thrown: i64,
    #[diesel(sql_type = BigInt)]
    returned: i64,
    #[diesel(sql_type = BigInt)]
    missed: i64,
    #[diesel(sql_type = BigInt)]
    takings: i64,
    #[diesel(sql_type = BigInt)]
    refunds: i64,
}

impl Row {
    /// What was written to the row was a slug.
    fn line(self) -> Option<DayLine> {
        Some(DayLine {
            product_id: Slug::try_from(self.product_id).ok()?,
            baked: self.baked,
            free: self.free,
            reserved: self.reserved,
            sold_full: self.sold_full,
            sold_discount: self.sold_discount,
            stale: self.stale,
            thrown: self.thrown,
            returned: self.returned,
            missed: self.missed,
            takings: self.takings,
            refunds: self.refunds,
        })
    }
}
