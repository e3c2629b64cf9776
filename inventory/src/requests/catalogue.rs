//! `inventory.catalogue`: every product of a branch, as its baker describes it.

use super::{connection, shop, unavailable};
use crate::catalogue::{CatalogueRow, all};
use bakery_nats::Pool;
use bakery_nats::refusal::Refusal;
use bakery_nats::request::Asked;
use bakery_nats::requests::inventory::{Catalogue, CatalogueReply};

/// The catalogue of a branch, the retired as well.
pub async fn catalogue(pool: Pool, asked: Asked<Catalogue>) -> Result<CatalogueReply, Refusal> {
    let mut conn = connection(&pool).await?;
    shop(&mut conn, &asked.body.branch).await?;
    let rows = all(&mut conn, &asked.body.branch).await.map_err(unavailable)?;
    Ok(CatalogueReply { products: rows.into_iter().filter_map(CatalogueRow::entry).collect() })
}
