//! The servers of `bakery up`: its own where the environment names no others.

use crate::site::{JWT_KEY, Secrets, Site};
use anyhow::{Context, Result};
use bakery_chassis::env;
use bakery_embedded::{PostgresOptions, RedisOptions, Servers, ServersOptions};
use bakery_gateway::config::opening_money;
use std::path::Path;

/// Everybody's passwords, mode 0600.
const SECRETS: &str = "secrets.json";
/// The operator's way onto the bus, mode 0600.
const OPERATOR: &str = "operator.env";

/// Servers that are there already.
pub(crate) struct External {
    nats_url: Option<String>,
    nats_password: Option<String>,
    database_url: Option<String>,
    redis_url: Option<String>,
}

impl External {
    /// `NATS_URL` (with `NATS_PASSWORD`, the same for each user of `nats/server.conf`),
    /// `DATABASE_URL` (of a role that may create roles and databases), `REDIS_URL`.
    pub(crate) fn from_env() -> Self {
        Self {
            nats_url: env::text("NATS_URL"),
            nats_password: env::text("NATS_PASSWORD"),
            database_url: env::text("DATABASE_URL"),
            redis_url: env::text("REDIS_URL"),
        }
    }
}

/// Starts over: deletes what the servers and we ourselves keep in the folder.
pub(crate) async fn wipe(data: &Path) -> Result<()> {
    Servers::wipe(data).await?;
    let ours = [SECRETS, OPERATOR, JWT_KEY, super::DEMO_MARK, super::opening::CLOCK];
    for file in ours.map(|name| data.join(name)) {
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("{} cannot be deleted", file.display()));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Starts what is not there, and says where everything is.
pub(crate) async fn start(data: &Path, external: &External) -> Result<(Servers, Site)> {
    std::fs::create_dir_all(data)
        .with_context(|| format!("the data folder {} cannot be made", data.display()))?;
    let file = data.join(SECRETS);
    let mut secrets = Secrets::load_or_make(&file)
        .with_context(|| format!("{} cannot be read; start with --fresh", file.display()))?;
    if external.nats_url.is_some() {
        let password = external.nats_password.as_ref();
        let password = password.context("NATS_URL is set and NATS_PASSWORD is not")?;
        secrets.nats.values_mut().for_each(|value| password.clone_into(value));
    }
    let opening = opening_money()?;
    let options = ServersOptions {
        data: data.to_owned(),
        nats: external.nats_url.is_none().then(|| secrets.nats()),
        postgres: external.database_url.is_none().then(PostgresOptions::default),
        redis: external.redis_url.is_none().then(RedisOptions::default),
    };
    let servers = Servers::start(options).await?;
    let mut site = Site::of(&servers, opening, secrets);
    for (url, other) in
        [(&mut site.nats_url, &external.nats_url), (&mut site.postgres_url, &external.database_url)]
    {
        other.iter().for_each(|other| other.clone_into(url));
    }
    site.redis_url = site.redis_url.or_else(|| external.redis_url.clone());
    operator_file(&data.join(OPERATOR), &site).context("the operator's file cannot be written")?;
    Ok((servers, site))
}

/// What the `nats` CLI reads from its environment, so that no password stands on a command line, and
/// the password of the demo's staff.
fn operator_file(file: &Path, site: &Site) -> std::io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let bus = site.bus("operator");
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(file)?;
    let (url, user, password) = (bus.url, bus.user, bus.password);
    writeln!(file, "export NATS_URL={url} NATS_USER={user} NATS_PASSWORD={password}")?;
    writeln!(file, "export BAKERY_STAFF_PASSWORD={}", site.secrets.staff)
}
