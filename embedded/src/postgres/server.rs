//! The running Postgres.

use super::prepare::{Prepared, prepare};
use super::{PostgresError, PostgresOptions, place, url};
use crate::port::PortChoice;
use crate::process::Process;
use crate::process::launch::Launch;
use crate::process::on_port::start_on_port;
use crate::process::ready::Ready;
use crate::process::signal::StopSignal;
use crate::programs::postgres::PostgresPrograms;
use crate::servers::site::Site;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

const NAME: &str = "postgres";
const SUPERUSER: &str = "postgres";

/// Set on the command line, so that a data folder made by an older bakery gets them too.
const SETTINGS: [&str; 12] = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "password_encryption=scram-sha-256",
    "max_connections=100",
    "shared_buffers=128MB",
    "synchronous_commit=on",
    "max_wal_size=1GB",
    "wal_compression=on",
    "lc_messages=C",
    "timezone=UTC",
    "log_timezone=UTC",
    "logging_collector=off",
];
/// Of a server that lasts as long as a test, a day or a benchmark: twice as fast, a crash of the machine loses
/// everything, and there are connections for as many tests at once as the machine has cores.
const SETTINGS_TEMPORARY: [&str; 3] = ["fsync=off", "full_page_writes=off", "max_connections=500"];

/// A running Postgres. Its superuser can connect.
pub struct Postgres {
    process: Process,
    port: u16,
    password: String,
}

impl Postgres {
    /// Makes the data folder where there is none, and starts the server on it.
    pub(crate) async fn start(
        options: PostgresOptions,
        programs: PostgresPrograms,
        site: &Site,
    ) -> Result<Self, PostgresError> {
        let (asked, durable) = (site.data.join(NAME), options.durable);
        if site.temporary {
            site.reaper.remove(&place::elsewhere_parent(&asked))?;
        }
        let (reaper, initdb) = (Arc::clone(&site.reaper), programs.clone());
        let prepared =
            tokio::task::spawn_blocking(move || prepare(&asked, durable, &initdb, &reaper))
                .await
                .map_err(PostgresError::Interrupted)??;

        let choice = PortChoice { fixed: options.port, saved: site.data.join("postgres.port") };
        let log = site.data.join("postgres.log");
        let launch = |port| Ok(launch(port, &programs.postgres, &prepared, durable, log.clone()));
        let (process, port) = start_on_port(NAME, &choice, &site.reaper, launch).await?;
        Ok(Self { process, port, password: prepared.password })
    }

    /// The process, to stop, kill, pause and restart it.
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// Its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The superuser's address of a database; `postgres` is always there.
    pub fn url(&self, database: &str) -> String {
        self.url_as(SUPERUSER, &self.password, database)
    }

    /// Another user's address of a database.
    pub fn url_as(&self, user: &str, password: &str, database: &str) -> String {
        url::url(self.port, user, password, database)
    }
}

fn launch(
    port: u16,
    program: &std::path::Path,
    prepared: &Prepared,
    durable: bool,
    log: PathBuf,
) -> Launch {
    let mut arguments: Vec<OsString> = vec!["-D".into(), prepared.data.clone().into()];
    arguments.extend(["-p".into(), port.to_string().into()]);
    let temporary = SETTINGS_TEMPORARY.iter().filter(|_| !durable);
    for setting in SETTINGS.iter().chain(temporary) {
        arguments.extend(["-c".into(), setting.into()]);
    }
    Launch {
        name: NAME,
        program: program.to_owned(),
        arguments,
        environment: Vec::new(),
        account: prepared.account.clone(),
        log,
        stop_signal: StopSignal::Interrupt,
        ready: Ready::Postgres { data: prepared.data.clone(), port },
    }
}
