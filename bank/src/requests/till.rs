//! `bank.till`: what came into a branch's till in a span of time, and what left it.

use super::{connection, unavailable};
use crate::till::sums;
use bakery_nats::Pool;
use bakery_nats::refusal::{FieldError, Refusal};
use bakery_nats::request::Asked;
use bakery_nats::requests::bank::{GetTill, Till};

/// The sums; zeros for a till that nothing came into, and for a branch nobody knows.
///
/// # Errors
/// 422 where the span ends before it begins, 503 where the database cannot be read.
pub async fn till(pool: Pool, asked: Asked<GetTill>) -> Result<Till, Refusal> {
    if asked.body.to < asked.body.from {
        return Err(Refusal::invalid(vec![FieldError::new("to", "must not be before from")]));
    }
    let mut conn = connection(&pool).await?;
    sums(&mut conn, &asked.body).await.map_err(unavailable)
}
