//! What the orders service is told: the variables of every service, and `GIVE_UP_AFTER_S`.

use bakery_chassis::ServiceConfig;
use bakery_chassis::env::{self, EnvError};

/// Seconds after which an order that is not paid gives up, where nothing else is said.
pub const GIVE_UP_AFTER_S: f64 = 120.0;

/// The configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// What every service is told.
    pub service: ServiceConfig,
    /// `GIVE_UP_AFTER_S`: seconds after which an order that is not paid gives up.
    pub give_up_after_s: f64,
}

impl Config {
    /// Reads the environment.
    pub fn from_env() -> Result<Self, EnvError> {
        let give_up_after_s = env::parsed_or("GIVE_UP_AFTER_S", GIVE_UP_AFTER_S)?;
        if !(1.0..=86_400.0).contains(&give_up_after_s) {
            let reason = "must be 1 to 86,400 seconds".to_owned();
            return Err(EnvError::Invalid { name: "GIVE_UP_AFTER_S", reason });
        }
        Ok(Self { service: ServiceConfig::from_env("orders")?, give_up_after_s })
    }
}
