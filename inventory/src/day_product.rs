//! The `day_product` row: what the units of a product and a business day cannot tell later.

use bakery_nats::prepared::prepared;
use bakery_nats::slug::Slug;
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::BTreeMap;

/// What is to be added to one row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Units that orders wanted and could not have.
    pub(crate) missed: i64,
    /// Units that were sold and came back.
    pub(crate) returned: i64,
    /// What was given back for them, in minor units.
    pub(crate) refunded: i64,
}

/// By branch, business day and product: the order in which rows are written.
#[derive(Debug, Default)]
pub(crate) struct Tallies(BTreeMap<(String, NaiveDate, String), Tally>);

impl Tallies {
    /// Orders wanted so many units in vain.
    pub(crate) fn miss(&mut self, branch: &Slug, day: NaiveDate, product: &Slug, units: u32) {
        self.of(branch.to_string(), day, product.to_string()).missed += i64::from(units);
    }

    /// The tally of a product on a business day.
    pub(crate) fn of(&mut self, branch: String, day: NaiveDate, product: String) -> &mut Tally {
        self.0.entry((branch, day, product)).or_default()
    }

    /// Adds them to the rows, in one statement. The sections must be locked: then nobody else
    /// waits for these rows.
    pub(crate) async fn add(&self, conn: &mut AsyncPgConnection) -> QueryResult<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        let (keys, tallies) = (self.0.keys(), self.0.values());
        prepared(
            "INSERT INTO day_product (branch, day, product_id, missed, returned, refunded)
             SELECT * FROM unnest($1, $2, $3, $4, $5, $6)
             ON CONFLICT (branch, day, product_id) DO UPDATE SET
                 (missed, returned, refunded)
                 = (day_product.missed + EXCLUDED.missed,
                    day_product.returned + EXCLUDED.returned,
                    day_product.refunded + EXCLUDED.refunded)",
        )
        .bind::<Array<Text>, _>(
            keys.clone().map(|(branch, ..)| branch.as_str()).collect::<Vec<_>>(),
        )
        .bind::<Array<Date>, _>(keys.clone().map(|(_, day, _)| *day).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(keys.map(|(.., product)| product.as_str()).collect::<Vec<_>>())
        .bind::<Array<BigInt>, _>(tallies.clone().map(|t| t.missed).collect::<Vec<_>>())
        .bind::<Array<BigInt>, _>(tallies.clone().map(|t| t.returned).collect::<Vec<_>>())
        .bind::<Array<BigInt>, _>(tallies.map(|t| t.refunded).collect::<Vec<_>>())
        .execute(conn)
        .await
        .map(|_| ())
    }
}
