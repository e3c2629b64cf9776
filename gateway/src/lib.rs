//! The front door: HTTP for people and programs; behind it only requests over NATS.
//!
//! The gateway owns no data. It checks the shape of what comes in, asks the owning service, and
//! translates the answer; every error is a problem document (RFC 9457). What it keeps (the cached
//! menu, who waits for which order) can be lost at any moment without harm.

mod app;
mod cache;
mod checks;
mod circuit;
pub mod config;
mod gateway;
mod headers;
mod input;
mod middleware;
mod params;
mod problem;
mod report;
mod router;
mod routes;
mod watch;

pub use config::Config;
pub use gateway::Gateway;

use bakery_chassis::StartError;
use tokio_util::sync::CancellationToken;

/// Runs the gateway until it is told to stop.
pub async fn run(config: Config, stop: CancellationToken) -> Result<(), StartError> {
    Gateway::start(&config, stop).await?.run().await;
    Ok(())
}
