//! The `product` row as the shelf needs it: a section, with one writer at a time.

use crate::schema::product;
use crate::stock::{SectionKey, price};
use bakery_nats::messages::inventory::ProductState;
use bakery_nats::prepared::prepared;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Integer, SmallInt, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::BTreeSet;

/// The columns of a [`Product`], where its table is called `p`.
pub(crate) const COLUMNS: &str = "p.branch, p.id, p.name, p.price, p.currency, p.shelf_life_s, \
    p.discount_percent, p.state";

/// A product of a branch.
#[derive(Clone, Debug, QueryableByName)]
pub(crate) struct Product {
    #[diesel(sql_type = Text)]
    pub(crate) branch: String,
    #[diesel(sql_type = Text)]
    pub(crate) id: String,
    #[diesel(sql_type = Text)]
    pub(crate) name: String,
    /// Of one at the full price.
    #[diesel(sql_type = BigInt)]
    pub(crate) price: i64,
    #[diesel(sql_type = Text)]
    pub(crate) currency: String,
    #[diesel(sql_type = Integer)]
    pub(crate) shelf_life_s: i32,
    #[diesel(sql_type = SmallInt)]
    pub(crate) discount_percent: i16,
    #[diesel(sql_type = Text)]
    state: String,
}

impl Product {
    /// What one unit costs.
    pub(crate) fn unit_price(&self, discounting: bool) -> i64 {
        price(self.price, self.discount_percent, discounting)
    }

    /// Whether it can be bought.
    pub(crate) fn state(&self) -> ProductState {
        state_of(&self.state)
    }

    /// Makes this transaction the only one that changes these sections of the shelf, and reads
    /// them. Locks are taken in sorted order, in one statement for the whole batch. A section
    /// that does not exist is left out.
    pub(crate) async fn lock(
        conn: &mut AsyncPgConnection,
        keys: &BTreeSet<SectionKey>,
    ) -> QueryResult<Vec<Self>> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        prepared(&format!(
            "SELECT {COLUMNS}
             FROM unnest($1, $2) AS wanted (branch, id)
             JOIN product p ON p.branch = wanted.branch AND p.id = wanted.id
             ORDER BY p.branch, p.id
             FOR NO KEY UPDATE OF p"
        ))
        .bind::<Array<Text>, _>(keys.iter().map(|(branch, _)| branch.as_str()).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(keys.iter().map(|(_, id)| id.as_str()).collect::<Vec<_>>())
        .load(conn)
        .await
    }

    /// Every section of some branches.
    pub(crate) async fn of_branches(
        conn: &mut AsyncPgConnection,
        branches: &BTreeSet<&str>,
    ) -> QueryResult<Vec<(String, String)>> {
        product::table
            .filter(product::branch.eq_any(branches.iter().copied().collect::<Vec<_>>()))
            .select((product::branch, product::id))
            .load(conn)
            .await
    }
}

/// A state as the column has it.
pub(crate) fn state_text(state: ProductState) -> &'static str {
    match state {
        ProductState::OnSale => "on_sale",
        ProductState::OffSale => "off_sale",
        ProductState::Retired => "retired",
    }
}

/// The state of a column, whose CHECK allows no others.
pub(crate) fn state_of(text: &str) -> ProductState {
    match text {
        "off_sale" => ProductState::OffSale,
        "retired" => ProductState::Retired,
        _ => ProductState::OnSale,
    }
}
