//! The menu: each product with what can be bought of it now.

use crate::product::{COLUMNS, Product};
use crate::shop::Shop;
use bakery_nats::messages::inventory::ProductState;
use bakery_nats::money::{Currency, Money};
use bakery_nats::prepared::prepared;
use bakery_nats::requests::inventory::{Discount, MenuEntry};
use bakery_nats::slug::Slug;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Nullable, Text, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// The products of a branch, or only one of them, in the order of the catalogue; the retired as
/// well. What counts as available is what could be reserved at `now`.
pub(crate) async fn entries(
    conn: &mut AsyncPgConnection,
    shop: &Shop,
    only: Option<&Slug>,
    now: DateTime<Utc>,
) -> QueryResult<Vec<MenuEntry>> {
    let rows: Vec<MenuRow> = prepared(&format!(
        "SELECT {COLUMNS}, p.description, p.image, u.available, u.baked_at
         FROM product p CROSS JOIN LATERAL (
             SELECT count(*) AS available, max(baked_at) AS baked_at FROM unit
             WHERE unit.branch = p.branch AND unit.product_id = p.id
               AND state = 'free' AND stale_at > $3 AND day = $4
         ) AS u
         WHERE p.branch = $1 AND ($2 IS NULL OR p.id = $2)
         ORDER BY p.position"
    ))
    .bind::<Text, _>(shop.branch.id.as_str())
    .bind::<Nullable<Text>, _>(only.map(Slug::as_str))
    .bind::<Timestamptz, _>(now)
    .bind::<Date, _>(shop.today(now))
    .load(conn)
    .await?;
    let discounting = shop.is_discounting(now);
    Ok(rows.into_iter().filter_map(|row| row.entry(discounting)).collect())
}

#[derive(QueryableByName)]
struct MenuRow {
    #[diesel(embed)]
    product: Product,
    #[diesel(sql_type = Text)]
    description: String,
    #[diesel(sql_type = Text)]
    image: String,
    #[diesel(sql_type = BigInt)]
    available: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    baked_at: Option<DateTime<Utc>>,
}

impl MenuRow {
    /// What was written to the row was a slug and a currency.
    fn entry(self, discounting: bool) -> Option<MenuEntry> {
        let product = self.product;
        let state = product.state();
        let on_sale = state == ProductState::OnSale;
        let currency = Currency::try_from(product.currency.clone()).ok()?;
        let amount = product.unit_price(discounting);
        let full_price = Money { amount: product.price, currency: currency.clone() };
        let discount = Discount { full_price, percent: product.discount_percent };
        Some(MenuEntry {
            discount: (amount < product.price).then_some(discount),
            id: Slug::try_from(product.id).ok()?,
            name: product.name,
            description: self.description,
            price: Money { amount, currency },
            image: self.image,
            shelf_life_s: product.shelf_life_s,
            available: if on_sale { self.available } else { 0 },
            state,
            baked_at: self.baked_at.filter(|_| on_sale),
        })
    }
}
