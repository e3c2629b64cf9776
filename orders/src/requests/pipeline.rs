//! `orders.pipeline`: what waits for an answer, and how often it was asked for.

use super::read::unavailable;
use crate::waiting;
use bakery_nats::Pool;
use bakery_nats::refusal::Refusal;
use bakery_nats::request::Asked;
use bakery_nats::requests::pipeline::{GetPipeline, InFlight};

/// Open orders and refunds, by branch and state.
///
/// # Errors
/// 503 where the database cannot be read.
pub async fn pipeline(pool: Pool, _: Asked<GetPipeline>) -> Result<InFlight, Refusal> {
    let mut conn = pool.get().await.map_err(unavailable)?;
    waiting::in_flight(&mut conn).await.map_err(|error| unavailable(error.chain()))
}
