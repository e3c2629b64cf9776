//! What every service is made of, and nothing of what any of them does: configuration from the
//! environment, telemetry, the database and its migrations, the bus, health, clock, shutdown.

pub mod clock;
pub mod database;
pub mod env;
pub mod health;
pub mod metrics;
pub mod migrate;
pub mod planner;
pub mod service;
pub mod telemetry;

pub use service::{Chassis, Running, ServiceConfig, StartError};
