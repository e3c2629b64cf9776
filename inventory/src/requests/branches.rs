//! `inventory.branches` and `inventory.branch`: branches, and whether they are open.

use super::{connection, shop, unavailable};
use crate::branch::all;
use bakery_nats::Pool;
use bakery_nats::refusal::Refusal;
use bakery_nats::request::Asked;
use bakery_nats::requests::inventory::{BranchState, Branches, GetBranch, ListBranches};

/// Every branch, by id.
pub async fn branches(pool: Pool, asked: Asked<ListBranches>) -> Result<Branches, Refusal> {
    let mut conn = connection(&pool).await?;
    let shops = all(&mut conn).await.map_err(unavailable)?;
    Ok(Branches { branches: shops.iter().map(|shop| shop.state(asked.at)).collect() })
}

/// One branch.
pub async fn branch(pool: Pool, asked: Asked<GetBranch>) -> Result<BranchState, Refusal> {
    let mut conn = connection(&pool).await?;
    Ok(shop(&mut conn, &asked.body.branch).await?.state(asked.at))
}
