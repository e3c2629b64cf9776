//! What the scheduler is told: the variables of every service, and `TICK_PERIOD_MS`.

use bakery_chassis::ServiceConfig;
use bakery_chassis::env::{self, EnvError};

/// Milliseconds between two looks at the jobs, where nothing else is said.
pub const TICK_PERIOD_MS: u64 = 500;

/// The configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// What every service is told.
    pub service: ServiceConfig,
    /// `TICK_PERIOD_MS`: milliseconds between two looks at the jobs.
    pub tick_period_ms: u64,
}

impl Config {
    /// Reads the environment.
    pub fn from_env() -> Result<Self, EnvError> {
        let tick_period_ms = env::parsed_or("TICK_PERIOD_MS", TICK_PERIOD_MS)?;
        if !(10..=60_000).contains(&tick_period_ms) {
            let reason = "must be 10 to 60,000 milliseconds".to_owned();
            return Err(EnvError::Invalid { name: "TICK_PERIOD_MS", reason });
        }
        Ok(Self { service: ServiceConfig::from_env("scheduler")?, tick_period_ms })
    }
}
