//! The `product` row: the newest version of a product that was heard of.

use bakery_nats::prepared::prepared;
use bakery_nats::slug::Slug;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::{BTreeMap, BTreeSet};

/// A product of a branch.
pub(crate) type ProductKey = (Slug, Slug);

/// Notes the versions that are newer than what was heard before; gives their products. Rows are
/// locked in sorted order.
pub(crate) async fn note_newer(
    conn: &mut AsyncPgConnection,
    versions: &BTreeMap<ProductKey, i64>,
) -> QueryResult<BTreeSet<ProductKey>> {
    if versions.is_empty() {
        return Ok(BTreeSet::new());
    }
    let rows: Vec<NewerRow> = prepared(
        "INSERT INTO product (branch, id, version)
         SELECT p.* FROM unnest($1, $2, $3) AS p
         ON CONFLICT (branch, id) DO UPDATE SET version = EXCLUDED.version
             WHERE product.version < EXCLUDED.version
         RETURNING branch, id",
    )
    .bind::<Array<Text>, _>(versions.keys().map(|(branch, _)| branch.as_str()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(versions.keys().map(|(_, id)| id.as_str()).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(versions.values().copied().collect::<Vec<_>>())
    .load(conn)
    .await?;
    let key = |row: NewerRow| Some((row.branch.try_into().ok()?, row.id.try_into().ok()?));
    Ok(rows.into_iter().filter_map(key).collect())
}

#[derive(QueryableByName)]
struct NewerRow {
    #[diesel(sql_type = Text)]
    branch: String,
    #[diesel(sql_type = Text)]
    id: String,
}
