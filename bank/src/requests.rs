//! What the bank is asked, one file a request.

pub(crate) mod accounts;
pub(crate) mod behaviours;
pub(crate) mod deposit;
pub(crate) mod open_accounts;
pub(crate) mod till;

use bakery_nats::Pool;
use bakery_nats::refusal::Refusal;
use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::deadpool::Object;
use std::fmt::Display;

/// A connection, or the refusal to tell.
async fn connection(pool: &Pool) -> Result<Object<AsyncPgConnection>, Refusal> {
    pool.get().await.map_err(unavailable)
}

/// The cause goes to the log, the asker learns that it is worth trying again.
fn unavailable(error: impl Display) -> Refusal {
    tracing::warn!(%error, "a request cannot be answered");
    Refusal::unavailable("the bank database")
}
