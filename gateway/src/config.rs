//! What the gateway is told by the environment: `NATS_URL`, `NATS_USER`, `NATS_PASSWORD`,
//! `HTTP_ADDR`, `REDIS_URL`.

use bakery_chassis::env::{self, EnvError};
use bakery_chassis::service::bus_from_env;
use bakery_nats::connect::BusConfig;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Where the gateway listens if nothing else is said: this machine only.
pub const HTTP_ADDR: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

/// What the gateway is told.
#[derive(Clone, Debug)]
pub struct Config {
    /// `NATS_URL`, `NATS_USER` (`gateway` if not set), `NATS_PASSWORD`.
    pub bus: BusConfig,
    /// `HTTP_ADDR`: where it listens; port 0 is any free one.
    pub http_addr: SocketAddr,
    /// `REDIS_URL`: where the cache is; without it nothing is cached.
    pub redis_url: Option<String>,
}

impl Config {
    /// Reads the variables above.
    pub fn from_env() -> Result<Self, EnvError> {
        Ok(Self {
            bus: bus_from_env("gateway")?,
            http_addr: env::parsed_or("HTTP_ADDR", HTTP_ADDR)?,
            redis_url: env::text("REDIS_URL"),
        })
    }
}
