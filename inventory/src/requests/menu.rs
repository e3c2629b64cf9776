//! `inventory.menu` and `inventory.product`: what can be bought now.

use super::{connection, shop, unavailable};
use crate::menu::entries;
use bakery_nats::Pool;
use bakery_nats::messages::inventory::ProductState;
use bakery_nats::refusal::Refusal;
use bakery_nats::request::Asked;
use bakery_nats::requests::inventory::{GetProduct, Menu, MenuEntry, MenuReply};
use bakery_nats::slug::Slug;
use chrono::{DateTime, Utc};

/// The menu of a branch.
pub async fn menu(pool: Pool, asked: Asked<Menu>) -> Result<MenuReply, Refusal> {
    let products = load(&pool, &asked.body.branch, None, asked.at).await?;
    Ok(MenuReply { products })
}

/// One entry of the menu.
pub async fn product(pool: Pool, asked: Asked<GetProduct>) -> Result<MenuEntry, Refusal> {
    let GetProduct { branch, id } = &asked.body;
    let entries = load(&pool, branch, Some(id), asked.at).await?;
    entries.into_iter().next().ok_or_else(|| Refusal::not_found("product", id))
}

async fn load(
    pool: &Pool,
    branch: &Slug,
    only: Option<&Slug>,
    now: DateTime<Utc>,
) -> Result<Vec<MenuEntry>, Refusal> {
    let mut conn = connection(pool).await?;
    let shop = shop(&mut conn, branch).await?;
    let mut found = entries(&mut conn, &shop, only, now).await.map_err(unavailable)?;
    found.retain(|entry| entry.state != ProductState::Retired);
    Ok(found)
}
