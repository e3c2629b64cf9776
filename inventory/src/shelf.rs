//! The shelf by age: what is left of each batch of the current business day.

use crate::product::state_of;
use crate::shop::Shop;
use bakery_nats::prepared::prepared;
use bakery_nats::requests::shelf::{ShelfBatch, ShelfProduct};
use bakery_nats::slug::Slug;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// Batches of one product that are told, the oldest.
const PRODUCT_BATCHES_MAX: i64 = 60;
/// Batches that are told of all products, the oldest of each first: the answer is one message.
const BATCHES_MAX: i64 = 2000;

/// The products of a branch in the order of the catalogue, each with what of it is on the shelf at
/// `now`: free units that could be sold, and those that are held for orders.
pub(crate) async fn products(
    conn: &mut AsyncPgConnection,
    shop: &Shop,
    now: DateTime<Utc>,
) -> QueryResult<Vec<ShelfProduct>> {
    let rows: Vec<Row> = prepared(
        "WITH batches AS (
             SELECT product_id, batch_id, min(baked_at) AS baked_at, min(stale_at) AS stale_at,
                    count(*) FILTER (WHERE state = 'free') AS free,
                    count(*) FILTER (WHERE state = 'reserved') AS reserved
             FROM unit
             WHERE branch = $1 AND day = $2
               AND (state = 'reserved' OR (state = 'free' AND stale_at > $3))
             GROUP BY product_id, batch_id
         ), aged AS (
             SELECT batches.*,
                    row_number() OVER (PARTITION BY product_id ORDER BY baked_at, batch_id) AS nth,
                    (sum(free) OVER product)::bigint AS all_free,
                    (sum(reserved) OVER product)::bigint AS all_reserved,
                    count(*) OVER product AS all_batches
             FROM batches WINDOW product AS (PARTITION BY product_id)
         ), told AS (
             SELECT aged.*, row_number() OVER (ORDER BY nth, baked_at, batch_id) AS place FROM aged
         )
         SELECT p.id AS product_id, p.name, p.state, coalesce(t.all_free, 0) AS all_free,
                coalesce(t.all_reserved, 0) AS all_reserved,
                coalesce(t.all_batches, 0) AS all_batches, t.batch_id, t.baked_at, t.stale_at,
                t.free, t.reserved
         FROM product p
         LEFT JOIN told t ON t.product_id = p.id AND t.nth <= $4 AND t.place <= $5
         WHERE p.branch = $1 AND (p.state <> 'retired' OR t.batch_id IS NOT NULL)
         ORDER BY p.position, t.nth",
    )
    .bind::<Text, _>(shop.branch.id.as_str())
    .bind::<Date, _>(shop.today(now))
    .bind::<Timestamptz, _>(now)
    .bind::<BigInt, _>(PRODUCT_BATCHES_MAX)
    .bind::<BigInt, _>(BATCHES_MAX)
    .load(conn)
    .await?;
    Ok(by_product(rows))
}

/// A batch with what its product has in all; a product without batches is a row without one.
#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    product_id: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = BigInt)]
    all_free: i64,
    #[diesel(sql_type = BigInt)]
    all_reserved: i64,
    #[diesel(sql_type = BigInt)]
    all_batches: i64,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    batch_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    baked_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    stale_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<BigInt>)]
    free: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    reserved: Option<i64>,
}

impl Row {
    fn batch(&self) -> Option<ShelfBatch> {
        Some(ShelfBatch {
            batch_id: self.batch_id?,
            baked_at: self.baked_at?,
            stale_at: self.stale_at?,
            free: self.free?,
            reserved: self.reserved?,
        })
    }
}

/// Rows of one product are next to each other. What was written to them was a slug.
fn by_product(rows: Vec<Row>) -> Vec<ShelfProduct> {
    let mut products: Vec<ShelfProduct> = Vec::new();
    for chunk in rows.chunk_by(|one, next| one.product_id == next.product_id) {
        let Some(first) = chunk.first() else { continue };
        let Ok(product_id) = Slug::try_from(first.product_id.clone()) else { continue };
        let batches: Vec<ShelfBatch> = chunk.iter().filter_map(Row::batch).collect();
        products.push(ShelfProduct {
            product_id,
            name: first.name.clone(),
            state: state_of(&first.state),
            free: first.all_free,
            reserved: first.all_reserved,
            truncated: i64::try_from(batches.len()).is_ok_and(|told| told < first.all_batches),
            batches,
        });
    }
    products
}
