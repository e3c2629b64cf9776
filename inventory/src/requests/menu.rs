//! `inventory.menu` and `inventory.product`: what can be bought now.

use crate::product::{MenuRow, Product};
use bakery_nats::Pool;
use bakery_nats::money::{Currency, Money};
use bakery_nats::refusal::Refusal;
use bakery_nats::request::Asked;
use bakery_nats::requests::inventory::{GetProduct, Menu, MenuEntry, MenuReply};
use bakery_nats::slug::Slug;

/// The menu of a branch; empty where the branch is unknown.
pub(crate) async fn menu(pool: Pool, asked: Asked<Menu>) -> Result<MenuReply, Refusal> {
    let products = load(&pool, &asked.body.branch, None, asked.at).await?;
    Ok(MenuReply { products })
}

/// One entry of the menu.
pub(crate) async fn product(pool: Pool, asked: Asked<GetProduct>) -> Result<MenuEntry, Refusal> {
    let GetProduct { branch, id } = &asked.body;
    let entries = load(&pool, branch, Some(id), asked.at).await?;
    entries.into_iter().next().ok_or_else(|| Refusal::not_found("product", id))
}

async fn load(
    pool: &Pool,
    branch: &Slug,
    only: Option<&Slug>,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Vec<MenuEntry>, Refusal> {
    let unavailable = |error: String| {
        tracing::warn!(error, "the menu cannot be read");
        Refusal::unavailable("the inventory database")
    };
    let mut conn = pool.get().await.map_err(|error| unavailable(error.to_string()))?;
    let rows = Product::menu(&mut conn, branch, only, now)
        .await
        .map_err(|error| unavailable(error.to_string()))?;
    Ok(rows.into_iter().filter_map(entry).collect())
}

/// What was written to the row was a slug and a currency.
fn entry(row: MenuRow) -> Option<MenuEntry> {
    let amount = row.product.unit_price();
    Some(MenuEntry {
        id: Slug::try_from(row.product.id).ok()?,
        name: row.product.name,
        description: row.description,
        price: Money { amount, currency: Currency::try_from(row.product.currency).ok()? },
        image: row.image,
        shelf_life_s: row.product.shelf_life_s,
        available: row.available,
    })
}
