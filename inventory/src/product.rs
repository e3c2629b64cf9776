//! The `product` row: what a branch sells.

use crate::schema::{branch, product};
use crate::stock::{SectionKey, price};
use bakery_nats::requests::inventory::NewProduct;
use bakery_nats::slug::Slug;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Integer, SmallInt, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::BTreeSet;

/// A product of a branch, with whether the branch is discounting just now.
#[derive(Clone, Debug, QueryableByName)]
pub(crate) struct Product {
    #[diesel(sql_type = Text)]
    pub(crate) branch: String,
    #[diesel(sql_type = Text)]
    pub(crate) id: String,
    #[diesel(sql_type = Text)]
    pub(crate) name: String,
    #[diesel(sql_type = BigInt)]
    price: i64,
    #[diesel(sql_type = Text)]
    pub(crate) currency: String,
    #[diesel(sql_type = Integer)]
    pub(crate) shelf_life_s: i32,
    #[diesel(sql_type = SmallInt)]
    discount_percent: i16,
    #[diesel(sql_type = diesel::sql_types::Bool)]
    discounting: bool,
}

/// What a menu shows of a product.
#[derive(Clone, Debug, QueryableByName)]
pub(crate) struct MenuRow {
    #[diesel(embed)]
    pub(crate) product: Product,
    #[diesel(sql_type = Text)]
    pub(crate) description: String,
    #[diesel(sql_type = Text)]
    pub(crate) image: String,
    #[diesel(sql_type = BigInt)]
    pub(crate) available: i64,
}

impl Product {
    /// What one unit costs now.
    pub(crate) fn unit_price(&self) -> i64 {
        price(self.price, self.discount_percent, self.discounting)
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
        diesel::sql_query(
            "SELECT p.*, b.discounting
             FROM unnest($1, $2) AS wanted (branch, id)
             JOIN product p ON p.branch = wanted.branch AND p.id = wanted.id
             JOIN branch b ON b.id = p.branch
             ORDER BY p.branch, p.id
             FOR NO KEY UPDATE OF p",
        )
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

    /// The menu of a branch, or one entry of it, in the order of the catalogue. `available` counts
    /// what is free and fresh at `now`.
    pub(crate) async fn menu(
        conn: &mut AsyncPgConnection,
        of: &Slug,
        only: Option<&Slug>,
        now: chrono::DateTime<chrono::Utc>,
    ) -> QueryResult<Vec<MenuRow>> {
        diesel::sql_query(
            "SELECT p.*, b.discounting,
                    (SELECT count(*) FROM unit u
                     WHERE u.branch = p.branch AND u.product_id = p.id
                       AND u.state = 'free' AND u.stale_at > $3) AS available
             FROM product p JOIN branch b ON b.id = p.branch
             WHERE p.branch = $1 AND ($2 IS NULL OR p.id = $2)
             ORDER BY p.position",
        )
        .bind::<Text, _>(of.as_str())
        .bind::<diesel::sql_types::Nullable<Text>, _>(only.map(Slug::as_str))
        .bind::<diesel::sql_types::Timestamptz, _>(now)
        .load(conn)
        .await
    }

    /// Puts products on a menu or changes them; one that is the same already is left alone. Gives
    /// the changed ones with their new versions.
    pub(crate) async fn put(
        conn: &mut AsyncPgConnection,
        of: &Slug,
        products: &[NewProduct],
    ) -> QueryResult<Vec<(String, i64)>> {
        diesel::insert_into(branch::table)
            .values(branch::id.eq(of.as_str()))
            .on_conflict_do_nothing()
            .execute(conn)
            .await?;
        let rows: Vec<ChangedRow> = diesel::sql_query(
            "INSERT INTO product (branch, id, name, description, price, currency, image,
                                  shelf_life_s, discount_percent)
             SELECT $1, p.* FROM unnest($2, $3, $4, $5, $6, $7, $8, $9) AS p
             ON CONFLICT (branch, id) DO UPDATE SET
                 (version, name, description, price, currency, image, shelf_life_s,
                  discount_percent)
                 = (product.version + 1, EXCLUDED.name, EXCLUDED.description, EXCLUDED.price,
                    EXCLUDED.currency, EXCLUDED.image, EXCLUDED.shelf_life_s,
                    EXCLUDED.discount_percent)
             WHERE (product.name, product.description, product.price, product.currency,
                    product.image, product.shelf_life_s, product.discount_percent)
                 IS DISTINCT FROM (EXCLUDED.name, EXCLUDED.description, EXCLUDED.price,
                    EXCLUDED.currency, EXCLUDED.image, EXCLUDED.shelf_life_s,
                    EXCLUDED.discount_percent)
             RETURNING id, version",
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
        .load(conn)
        .await?;
        Ok(rows.into_iter().map(|row| (row.id, row.version)).collect())
    }
}

#[derive(QueryableByName)]
struct ChangedRow {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = BigInt)]
    version: i64,
}

fn column<'p, T>(products: &'p [NewProduct], f: impl Fn(&'p NewProduct) -> T) -> Vec<T> {
    products.iter().map(f).collect()
}
