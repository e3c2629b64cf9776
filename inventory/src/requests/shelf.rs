//! `inventory.shelf`: what is on the shelf now, by product and batch.

use super::{connection, shop, unavailable};
use crate::shelf::products;
use bakery_nats::Pool;
use bakery_nats::refusal::Refusal;
use bakery_nats::request::Asked;
use bakery_nats::requests::shelf::{GetShelf, ShelfReply};

/// The shelf of a branch.
pub async fn shelf(pool: Pool, asked: Asked<GetShelf>) -> Result<ShelfReply, Refusal> {
    let (now, mut conn) = (asked.at, connection(&pool).await?);
    let shop = shop(&mut conn, &asked.body.branch).await?;
    let products = products(&mut conn, &shop, now).await.map_err(unavailable)?;
    Ok(ShelfReply { now, discounting: shop.is_discounting(now), products })
}
