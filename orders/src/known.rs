//! The rows `known_account` and `known_product`: what an order may name. They come with events;
//! where one is missing the owner is asked (`requests/place/mend.rs`).

use crate::schema::{known_account, known_product};
use bakery_nats::prepared::prepared;
use bakery_nats::slug::Slug;
use diesel::prelude::*;
use diesel::sql_types::{Array, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::HashSet;
use uuid::Uuid;

/// These accounts exist.
pub(crate) async fn add_accounts(
    conn: &mut AsyncPgConnection,
    accounts: &[Uuid],
) -> QueryResult<()> {
    if accounts.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = accounts.iter().map(|id| known_account::account_id.eq(id)).collect();
    diesel::insert_into(known_account::table)
        .values(rows)
        .on_conflict_do_nothing()
        .execute(conn)
        .await
        .map(|_| ())
}

/// These products exist.
pub(crate) async fn add_products(
    conn: &mut AsyncPgConnection,
    products: &[(Slug, Slug)],
) -> QueryResult<()> {
    if products.is_empty() {
        return Ok(());
    }
    let row = |(branch, product): &(Slug, Slug)| {
        (
            known_product::branch.eq(branch.to_string()),
            known_product::product_id.eq(product.to_string()),
        )
    };
    diesel::insert_into(known_product::table)
        .values(products.iter().map(row).collect::<Vec<_>>())
        .on_conflict_do_nothing()
        .execute(conn)
        .await
        .map(|_| ())
}

/// Which of these accounts are known.
pub(crate) async fn accounts(
    mut conn: &AsyncPgConnection,
    of: &[Uuid],
) -> QueryResult<HashSet<Uuid>> {
    let found: Vec<Uuid> = known_account::table
        .filter(known_account::account_id.eq_any(of))
        .select(known_account::account_id)
        .load(&mut conn)
        .await?;
    Ok(found.into_iter().collect())
}

/// Which of these products are known.
pub(crate) async fn products(
    mut conn: &AsyncPgConnection,
    of: &[(&Slug, &Slug)],
) -> QueryResult<HashSet<(String, String)>> {
    let found: Vec<ProductRow> = prepared(
        "SELECT DISTINCT k.branch, k.product_id FROM known_product k
         JOIN unnest($1, $2) AS o (branch, product_id)
           ON k.branch = o.branch AND k.product_id = o.product_id",
    )
    .bind::<Array<Text>, _>(of.iter().map(|(branch, _)| branch.as_str()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(of.iter().map(|(_, product)| product.as_str()).collect::<Vec<_>>())
    .load(&mut conn)
    .await?;
    Ok(found.into_iter().map(|row| (row.branch, row.product_id)).collect())
}

#[derive(QueryableByName)]
#[diesel(table_name = known_product)]
struct ProductRow {
    branch: String,
    product_id: String,
}
