//! The front door: HTTP for people and programs; behind it only requests over NATS.
//!
//! It checks who is asking and the shape of what comes in, asks the owning service, and translates
//! the answer; every error is a problem document (RFC 9457). What it owns are the users and their
//! sessions. The rest it keeps (the cached menu, who waits for which order, what the log said of
//! users' orders) can be lost at any moment without harm.

mod api;
mod app;
mod auth;
mod cache;
mod checks;
mod checkup;
mod circuit;
mod client;
pub mod config;
mod flight;
mod gateway;
mod headers;
mod input;
mod live;
mod middleware;
mod notify;
mod ops;
mod params;
mod problem;
mod rate;
mod redis;
mod report;
mod router;
mod routes;
mod schema;
mod server;
mod sweep;
mod users;
mod watch;

pub use auth::password::{HashError, hash_password};
pub use config::{Config, Guard, Notifications};
pub use gateway::Gateway;
pub use users::news::{Input, News};

use bakery_chassis::StartError;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use tokio_util::sync::CancellationToken;

/// The schema of its database.
pub const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../migrations/gateway");

/// Runs the gateway until it is told to stop.
pub async fn run(config: Config, stop: CancellationToken) -> Result<(), StartError> {
    Gateway::start(&config, stop).await?.run().await
}
