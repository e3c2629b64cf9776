//! nats-server, PostgreSQL and Redis as child processes of our own program, on loopback ports: for
//! `bakery up` with data in a folder, for tests with data in a temporary one.
//!
//! What is not installed is installed. No server outlives us, however we end.

mod config;
mod nats;
mod port;
mod postgres;
mod process;
mod programs;
mod reaper;
mod redis;
mod servers;

pub use nats::{NatsOptions, NatsServer};
pub use postgres::{PostgresError, PostgresOptions, server::Postgres};
pub use process::{Process, error::ProcessError};
pub use programs::error::ProgramError;
pub use programs::run::RunError;
pub use reaper::ReaperError;
pub use redis::{Redis, RedisOptions};
pub use servers::error::ServersError;
pub use servers::lock::LockError;
pub use servers::{Ended, Servers, ServersOptions, Temporary};
