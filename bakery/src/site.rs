//! Where everything is and how each service gets in: addresses, users, passwords. The same facts
//! configure a service in this process and, as an environment, one in a process of its own.

use bakery_chassis::ServiceConfig;
use bakery_chassis::database::{DatabaseConfig, POOL_MAX};
use bakery_embedded::{NatsOptions, NatsServer, Redis, Servers};
use bakery_gateway::config::OpeningMoney;
use bakery_nats::connect::BusConfig;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// The services with a database.
pub const SERVICES: [&str; 5] = ["gateway", "inventory", "orders", "bank", "scheduler"];
/// The users of the bus; `nats/server.conf` says what each may do.
const BUS_USERS: [&str; 9] =
    ["gateway", "inventory", "orders", "bank", "scheduler", "deploy", "operator", "monitor", "sys"];

/// The key that access tokens are signed with, in the data folder; the gateway makes it.
pub(crate) const JWT_KEY: &str = "jwt.key";

/// The passwords of one data folder, made at its first start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secrets {
    /// By user of the bus.
    pub nats: BTreeMap<String, String>,
    /// By service, for its role in Postgres.
    pub postgres: BTreeMap<String, String>,
    /// Of the demo's staff at the HTTP interface: short, for it is typed by hand.
    #[serde(default)]
    pub staff: String,
}

impl Secrets {
    /// New random ones.
    pub fn random() -> Self {
        // A letter first: nats-server would read a value that looks like a number as one.
        let password = |name: &&str| (name.to_string(), format!("p{}", Uuid::new_v4().simple()));
        Self {
            nats: BUS_USERS.iter().map(password).collect(),
            postgres: SERVICES.iter().map(password).collect(),
            staff: format!("loaf-{:012x}", Uuid::new_v4().as_u128() & 0xffff_ffff_ffff),
        }
    }

    /// A server with [`NATS_CONFIG`] and the variables it refers to.
    pub fn nats(&self) -> NatsOptions {
        let variable = |(user, password): (&String, &String)| {
            (format!("NATS_{}_PASSWORD", user.to_uppercase()), password.clone())
        };
        let environment = self.nats.iter().map(variable).collect();
        NatsOptions { config: NATS_CONFIG.to_owned(), environment, port: None }
    }

    /// Reads the file, or makes it with mode 0600. A user or service that is newer than the file gets
    /// a password, too.
    pub fn load_or_make(file: &Path) -> std::io::Result<Self> {
        use std::io::Write;
        use std::os::unix::fs::OpenOptionsExt;
        match std::fs::read(file) {
            Ok(bytes) => {
                let mut secrets: Self =
                    serde_json::from_slice(&bytes).map_err(std::io::Error::other)?;
                if secrets.complete() {
                    std::fs::write(file, serde_json::to_vec_pretty(&secrets)?)?;
                }
                Ok(secrets)
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let secrets = Self::random();
                let mut options = std::fs::OpenOptions::new();
                let mut file = options.write(true).create_new(true).mode(0o600).open(file)?;
                file.write_all(&serde_json::to_vec_pretty(&secrets)?)?;
                Ok(secrets)
            }
            Err(error) => Err(error),
        }
    }

    /// Adds what is missing; true if something was.
    fn complete(&mut self) -> bool {
        let had = self.clone();
        let Self { nats, postgres, staff } = Self::random();
        for (name, password) in nats {
            self.nats.entry(name).or_insert(password);
        }
        for (name, password) in postgres {
            self.postgres.entry(name).or_insert(password);
        }
        if self.staff.is_empty() {
            self.staff = staff;
        }
        had != *self
    }
}

/// The rights of every user of the bus: the very file that containers use.
pub const NATS_CONFIG: &str = include_str!("../../nats/server.conf");

/// Where the servers are.
#[derive(Clone, Debug)]
pub struct Site {
    /// Such as `nats://127.0.0.1:4222`.
    pub nats_url: String,
    /// `postgres://...` of the role that may create databases.
    pub postgres_url: String,
    /// `redis://...`, if there is a cache.
    pub redis_url: Option<String>,
    /// Where gateways find the key of their access tokens, or make it.
    pub jwt_key_file: PathBuf,
    /// What is in a new customer's account.
    pub opening_money: OpeningMoney,
    /// Everybody's password.
    pub secrets: Secrets,
}

impl Site {
    /// Where servers of our own are; empty for those that were not asked for. New customers get what
    /// is said.
    pub fn of(servers: &Servers, opening_money: OpeningMoney, secrets: Secrets) -> Self {
        let postgres = servers.postgres.as_ref().map(|postgres| postgres.url("postgres"));
        Self {
            nats_url: servers.nats.as_ref().map(NatsServer::url).unwrap_or_default(),
            postgres_url: postgres.unwrap_or_default(),
            redis_url: servers.redis.as_ref().map(Redis::url),
            jwt_key_file: servers.data().join(JWT_KEY),
            opening_money,
            secrets,
        }
    }

    /// How a user gets onto the bus.
    pub fn bus(&self, user: &str) -> BusConfig {
        BusConfig {
            url: self.nats_url.clone(),
            user: user.to_owned(),
            password: self.secrets.nats.get(user).cloned().unwrap_or_default(),
        }
    }

    /// The address of a service's own database, as its own role.
    pub fn database_url(&self, service: &str) -> String {
        let password = self.secrets.postgres.get(service).cloned().unwrap_or_default();
        let server = self.postgres_url.rsplit_once('@').map_or("", |(_, rest)| rest);
        let host = server.split('/').next().unwrap_or_default();
        format!("postgres://{service}:{password}@{host}/{service}")
    }

    /// Where a service's own database is.
    pub fn database(&self, service: &str) -> DatabaseConfig {
        DatabaseConfig { url: self.database_url(service), pool_max: POOL_MAX }
    }

    /// A service in this process. Its health is asked over the bus, so it needs no port.
    pub fn service(&self, service: &str) -> ServiceConfig {
        ServiceConfig {
            bus: self.bus(service),
            database: self.database(service),
            health_addr: None,
        }
    }

    /// A service in a process of its own.
    pub fn environment(&self, role: &str) -> Vec<(&'static str, String)> {
        let bus = self.bus(role);
        let mut environment =
            vec![("NATS_URL", bus.url), ("NATS_USER", bus.user), ("NATS_PASSWORD", bus.password)];
        if SERVICES.contains(&role) {
            environment.push(("DATABASE_URL", self.database_url(role)));
        }
        if role == "gateway" {
            environment.push(("JWT_KEY_FILE", self.jwt_key_file.display().to_string()));
            environment.push(("OPENING_MONEY", self.opening_money.to_string()));
            environment.extend(self.redis_url.iter().map(|url| ("REDIS_URL", url.clone())));
        }
        environment
    }
}

#[cfg(test)]
mod tests {
    use super::{Secrets, Site};

    #[test]
    fn a_service_gets_into_its_own_database_only() {
        let site = Site {
            nats_url: "nats://127.0.0.1:1".to_owned(),
            postgres_url: "postgres://postgres:secret@127.0.0.1:2/postgres".to_owned(),
            redis_url: None,
            jwt_key_file: "/data/jwt.key".into(),
            opening_money: "2000 EUR".parse().unwrap(),
            secrets: Secrets::random(),
        };
        let password = &site.secrets.postgres["bank"];
        let expected = format!("postgres://bank:{password}@127.0.0.1:2/bank");
        assert_eq!(site.database_url("bank"), expected);
        let gateway = site.environment("gateway");
        let url = gateway.iter().find(|(name, _)| *name == "DATABASE_URL").unwrap();
        assert_eq!(url.1, site.database_url("gateway"));
        assert!(site.environment("bank").iter().all(|(name, _)| *name != "JWT_KEY_FILE"));
    }

    #[test]
    fn an_old_file_is_completed_and_keeps_what_it_has() {
        let all = Secrets::random();
        let mut old = all.clone();
        old.postgres.remove("gateway");
        old.staff.clear();
        assert!(old.complete() && !old.complete());
        assert_eq!(old.nats, all.nats);
        assert_eq!(old.postgres["bank"], all.postgres["bank"]);
        assert_ne!(old.postgres["gateway"], all.postgres["gateway"]);
    }
}
