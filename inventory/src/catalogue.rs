//! The catalogue: the `product` rows as their baker describes them, with every change counted.

use crate::product::{state_of, state_text};
use bakery_nats::id::derived;
use bakery_nats::messages::inventory::{ProductListed, ProductState, Production};
use bakery_nats::money::{Currency, Money};
use bakery_nats::prepared::prepared;
use bakery_nats::requests::inventory::{CatalogueEntry, NewProduct};
use bakery_nats::slug::Slug;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Integer, Nullable, SmallInt, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::BTreeSet;

/// The columns of a [`CatalogueRow`].
const COLUMNS: &str = "branch, id, version, name, description, price, currency, image, \
    shelf_life_s, discount_percent, state, every_s, batch";

/// A product as it stands in the catalogue.
#[derive(Debug, QueryableByName)]
pub(crate) struct CatalogueRow {
    #[diesel(sql_type = Text)]
    branch: String,
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = BigInt)]
    version: i64,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    description: String,
    #[diesel(sql_type = BigInt)]
    price: i64,
    #[diesel(sql_type = Text)]
    currency: String,
    #[diesel(sql_type = Text)]
    image: String,
    #[diesel(sql_type = Integer)]
    shelf_life_s: i32,
    #[diesel(sql_type = SmallInt)]
    discount_percent: i16,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Nullable<Integer>)]
    every_s: Option<i32>,
    #[diesel(sql_type = Nullable<Integer>)]
    batch: Option<i32>,
}

impl CatalogueRow {
    /// As its baker sees it. What was written to the row was a slug and a currency.
    pub(crate) fn entry(self) -> Option<CatalogueEntry> {
        let currency = Currency::try_from(self.currency).ok()?;
        let product = NewProduct {
            id: Slug::try_from(self.id).ok()?,
            name: self.name,
            description: self.description,
            price: Money { amount: self.price, currency },
            image: self.image,
            shelf_life_s: self.shelf_life_s,
            discount_percent: self.discount_percent,
            production: production(self.every_s, self.batch),
        };
        Some(CatalogueEntry { product, state: state_of(&self.state), version: self.version })
    }

    /// What is said of this version.
    pub(crate) fn listed(&self) -> Option<ProductListed> {
        let Self { branch, id, version, .. } = self;
        let currency = Currency::try_from(self.currency.clone()).ok()?;
        Some(ProductListed {
            listing_id: derived(&["listing", branch, id, &version.to_string()]),
            product_id: Slug::try_from(id.clone()).ok()?,
            version: *version,
            name: self.name.clone(),
            price: Money { amount: self.price, currency },
            state: state_of(&self.state),
            production: production(self.every_s, self.batch),
        })
    }
}

fn production(every_s: Option<i32>, batch: Option<i32>) -> Option<Production> {
    Some(Production { every_s: every_s?, batch: batch? })
}

/// Every product of a branch, in the order of the menu.
pub(crate) async fn all(conn: &mut AsyncPgConnection, of: &Slug) -> QueryResult<Vec<CatalogueRow>> {
    let sql = format!("SELECT {COLUMNS} FROM product WHERE branch = $1 ORDER BY position");
    prepared(&sql).bind::<Text, _>(of.as_str()).load(conn).await
}

/// Some products of a branch, in the order of the menu.
pub(crate) async fn some(
    conn: &mut AsyncPgConnection,
    of: &Slug,
    ids: &[&Slug],
) -> QueryResult<Vec<CatalogueRow>> {
    prepared(&format!(
        "SELECT {COLUMNS} FROM product WHERE branch = $1 AND id = ANY($2) ORDER BY position"
    ))
    .bind::<Text, _>(of.as_str())
    .bind::<Array<Text>, _>(ids.iter().map(|id| id.as_str()).collect::<Vec<_>>())
    .load(conn)
    .await
}

/// Puts products on a menu or changes them; one that is the same already is left alone, and one
/// that was retired is on sale again. Gives which have changed. The branch must be locked, and then
/// the sections that are there.
pub(crate) async fn put(
    conn: &mut AsyncPgConnection,
    of: &Slug,
    products: &[NewProduct],
) -> QueryResult<BTreeSet<String>> {
    let changed: Vec<Changed> = prepared(
        "INSERT INTO product (branch, id, name, description, price, currency, image,
                              shelf_life_s, discount_percent, every_s, batch)
         SELECT $1, p.* FROM unnest($2, $3, $4, $5, $6, $7, $8, $9, $10, $11) AS p
         ON CONFLICT (branch, id) DO UPDATE SET
             (version, name, description, price, currency, image, shelf_life_s,
              discount_percent, every_s, batch, state)
             = (product.version + 1, EXCLUDED.name, EXCLUDED.description, EXCLUDED.price,
                EXCLUDED.currency, EXCLUDED.image, EXCLUDED.shelf_life_s,
                EXCLUDED.discount_percent, EXCLUDED.every_s, EXCLUDED.batch,
                CASE product.state WHEN 'retired' THEN 'on_sale' ELSE product.state END)
         WHERE product.state = 'retired'
            OR (product.name, product.description, product.price, product.currency,
                product.image, product.shelf_life_s, product.discount_percent,
                product.every_s, product.batch)
             IS DISTINCT FROM (EXCLUDED.name, EXCLUDED.description, EXCLUDED.price,
                EXCLUDED.currency, EXCLUDED.image, EXCLUDED.shelf_life_s,
                EXCLUDED.discount_percent, EXCLUDED.every_s, EXCLUDED.batch)
         RETURNING id",
    )
    .bind::<Text, _>(of.as_str())
    .bind::<Array<Text>, _>(column(products, |p| p.id.as_str()))
    .bind::<Array<Text>, _>(column(products, |p| p.name.as_str()))
    .bind::<Array<Text>, _>(column(products, |p| p.description.as_str()))
    .bind::<Array<BigInt>, _>(column(products, |p| p.price.amount))
    .bind::<Array<Text>, _>(column(products, |p| p.price.currency.as_str()))
    .bind::<Array<Text>, _>(column(products, |p| p.image.as_str()))
    .bind::<Array<Integer>, _>(column(products, |p| p.shelf_life_s))
    .bind::<Array<SmallInt>, _>(column(products, |p| p.discount_percent))
    .bind::<Array<Nullable<Integer>>, _>(column(products, |p| p.production.map(|how| how.every_s)))
    .bind::<Array<Nullable<Integer>>, _>(column(products, |p| p.production.map(|how| how.batch)))
    .load(conn)
    .await?;
    Ok(changed.into_iter().map(|row| row.id).collect())
}

#[derive(QueryableByName)]
struct Changed {
    #[diesel(sql_type = Text)]
    id: String,
}

/// Changes the state of a product, whose section must be locked; false where it is that already.
pub(crate) async fn set_state(
    conn: &mut AsyncPgConnection,
    of: &Slug,
    id: &Slug,
    state: ProductState,
) -> QueryResult<bool> {
    let rows = prepared(
        "UPDATE product SET state = $3, version = version + 1
         WHERE branch = $1 AND id = $2 AND state <> $3",
    )
    .bind::<Text, _>(of.as_str())
    .bind::<Text, _>(id.as_str())
    .bind::<Text, _>(state_text(state))
    .execute(conn)
    .await?;
    Ok(rows > 0)
}

fn column<'p, T>(products: &'p [NewProduct], f: impl Fn(&'p NewProduct) -> T) -> Vec<T> {
    products.iter().map(f).collect()
}
