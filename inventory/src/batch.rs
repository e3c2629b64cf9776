//! The `batch` row: what came out of the oven at once, and its units.

use crate::unit::{STATEMENT_UNITS_MAX, Unit};
use bakery_nats::id::derived;
use bakery_nats::messages::inventory::Baked;
use bakery_nats::prepared::prepared;
use bakery_nats::slug::Slug;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Date, Integer, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// A batch.
#[derive(Clone, Debug)]
pub(crate) struct Batch {
    pub(crate) id: Uuid,
    pub(crate) branch: Slug,
    pub(crate) product_id: Slug,
    /// The business day it is sold on.
    pub(crate) day: NaiveDate,
    pub(crate) quantity: u32,
    pub(crate) baked_at: DateTime<Utc>,
    pub(crate) stale_at: DateTime<Utc>,
}

impl Batch {
    /// What is said of it once it is on the shelf.
    pub(crate) fn event(&self) -> Baked {
        Baked {
            batch_id: self.id,
            product_id: self.product_id.clone(),
            quantity: self.quantity,
            baked_at: self.baked_at,
            stale_at: self.stale_at,
        }
    }

    fn unit_id(&self, n: u32) -> Uuid {
        derived(&["unit", &self.id.to_string(), &n.to_string()])
    }
}

/// Puts batches and their units on the shelf.
pub(crate) async fn put_on_shelf(
    conn: &mut AsyncPgConnection,
    batches: &[Batch],
) -> QueryResult<()> {
    if batches.is_empty() {
        return Ok(());
    }
    insert(conn, batches).await?;
    let units = |batch: &Batch| (0..batch.quantity).map(|n| (batch.unit_id(n), batch.id)).collect();
    let units: Vec<(Uuid, Uuid)> =
        batches.iter().flat_map(|batch| -> Vec<(Uuid, Uuid)> { units(batch) }).collect();
    for part in units.chunks(STATEMENT_UNITS_MAX) {
        Unit::bake(conn, part).await?;
    }
    Ok(())
}

async fn insert(conn: &mut AsyncPgConnection, batches: &[Batch]) -> QueryResult<()> {
    prepared(
        "INSERT INTO batch (id, branch, product_id, day, quantity, baked_at, stale_at)
         SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind::<Array<SqlUuid>, _>(column(batches, |b| b.id))
    .bind::<Array<Text>, _>(column(batches, |b| b.branch.as_str()))
    .bind::<Array<Text>, _>(column(batches, |b| b.product_id.as_str()))
    .bind::<Array<Date>, _>(column(batches, |b| b.day))
    .bind::<Array<Integer>, _>(column(batches, |b| i32::try_from(b.quantity).unwrap_or(i32::MAX)))
    .bind::<Array<Timestamptz>, _>(column(batches, |b| b.baked_at))
    .bind::<Array<Timestamptz>, _>(column(batches, |b| b.stale_at))
    .execute(conn)
    .await
    .map(|_| ())
}

fn column<'b, T>(batches: &'b [Batch], f: impl Fn(&'b Batch) -> T) -> Vec<T> {
    batches.iter().map(f).collect()
}
