//! What the gateway is told by the environment: `NATS_URL`, `NATS_USER`, `NATS_PASSWORD`,
//! `HTTP_ADDR`, `HEALTH_ADDR`, `REDIS_URL`, `DATABASE_URL`, `DATABASE_POOL_MAX`, `JWT_KEY_FILE`,
//! `OPENING_MONEY`, and the guard rails: `CONNECTIONS_MAX`, `CONNECTIONS_PER_ADDRESS_MAX`,
//! `TLS_CERT_FILE`, `TLS_KEY_FILE`, `TRUSTED_PROXIES`, `CORS_ORIGINS`, `RATE_LIMIT_PER_MINUTE`,
//! `RATE_LIMIT_WRITES_PER_MINUTE`, and who outside is told of orders: `WEBHOOKS`, `WEBHOOKS_PRIVATE`,
//! `SMTP_URL`, `SMTP_FROM`.

mod guard;
mod notify;
mod opening;

pub use guard::{Guard, TlsFiles};
pub use notify::{Mail, Notifications, SmtpUrl, Webhooks};
pub use opening::{NotASum, OpeningMoney};

use bakery_chassis::database::{DatabaseConfig, POOL_MAX};
use bakery_chassis::env::{self, EnvError};
use bakery_chassis::service::bus_from_env;
use bakery_nats::connect::BusConfig;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

/// Where the gateway listens if nothing else is said: this machine only.
pub const HTTP_ADDR: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

/// What is in a new customer's account if nothing else is said.
pub const OPENING_MONEY: &str = "200 EUR, 200 USD";

/// What the gateway is told.
#[derive(Clone, Debug)]
pub struct Config {
    /// `NATS_URL`, `NATS_USER` (`gateway` if not set), `NATS_PASSWORD`.
    pub bus: BusConfig,
    /// `HTTP_ADDR`: where it listens; port 0 is any free one.
    pub http_addr: SocketAddr,
    /// `HEALTH_ADDR`: where health and metrics are served to who runs it; nowhere if not set.
    pub health_addr: Option<SocketAddr>,
    /// `REDIS_URL`: where the cache is; without it nothing is cached.
    pub redis_url: Option<String>,
    /// `DATABASE_URL`, `DATABASE_POOL_MAX`: where the users are.
    pub database: DatabaseConfig,
    /// `JWT_KEY_FILE`: the key that access tokens are signed with, shared by all gateways; made
    /// where it does not exist.
    pub jwt_key_file: PathBuf,
    /// `OPENING_MONEY`: what is in a new customer's account, by its currency.
    pub opening_money: OpeningMoney,
    /// How much is taken, from whom, and over what.
    pub guard: Guard,
    /// What people outside are told by.
    pub notify: Notifications,
}

impl Config {
    /// Reads the variables above.
    pub fn from_env() -> Result<Self, EnvError> {
        Ok(Self {
            bus: bus_from_env("gateway")?,
            http_addr: env::parsed_or("HTTP_ADDR", HTTP_ADDR)?,
            health_addr: env::parsed("HEALTH_ADDR")?,
            redis_url: env::text("REDIS_URL"),
            database: DatabaseConfig {
                url: env::required("DATABASE_URL")?,
                pool_max: env::parsed_or("DATABASE_POOL_MAX", POOL_MAX)?,
            },
            jwt_key_file: env::required("JWT_KEY_FILE")?.into(),
            opening_money: opening_money()?,
            guard: Guard::from_env()?,
            notify: Notifications::from_env()?,
        })
    }
}

/// Reads `OPENING_MONEY`.
pub fn opening_money() -> Result<OpeningMoney, EnvError> {
    let text = env::text("OPENING_MONEY");
    let sum = text.as_deref().unwrap_or(OPENING_MONEY).parse();
    sum.map_err(|error: NotASum| EnvError::Invalid {
        name: "OPENING_MONEY",
        reason: error.to_string(),
    })
}
