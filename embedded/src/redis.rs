//! Redis: a cache only, it keeps nothing.

use crate::port::PortChoice;
use crate::process::Process;
use crate::process::error::ProcessError;
use crate::process::launch::Launch;
use crate::process::on_port::start_on_port;
use crate::process::ready::Ready;
use crate::process::signal::StopSignal;
use crate::servers::site::Site;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

const NAME: &str = "redis-server";

const SETTINGS: [&str; 10] = [
    "--bind",
    "127.0.0.1",
    "--save",
    "",
    "--appendonly",
    "no",
    "--maxmemory",
    "64mb",
    "--maxmemory-policy",
    "allkeys-lru",
];

/// What Redis is started with.
#[derive(Clone, Debug, Default)]
pub struct RedisOptions {
    /// This port and no other; else that of the last run, or any free one.
    pub port: Option<u16>,
}

/// A running Redis.
pub struct Redis {
    process: Process,
    port: u16,
}

impl Redis {
    /// Starts it.
    pub(crate) async fn start(
        options: RedisOptions,
        program: PathBuf,
        site: &Site,
    ) -> Result<Self, ProcessError> {
        let folder = site.folder("redis")?;
        let choice = PortChoice { fixed: options.port, saved: site.data.join("redis.port") };
        let log = site.data.join("redis.log");
        let launch = |port| Ok(launch(port, &program, &folder, log.clone()));
        let (process, port) = start_on_port(NAME, &choice, &site.reaper, launch).await?;
        Ok(Self { process, port })
    }

    /// The process, to stop, kill, pause and restart it.
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// Its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }
}

fn launch(port: u16, program: &Path, folder: &Path, log: PathBuf) -> Launch {
    let mut arguments: Vec<OsString> = vec!["--port".into(), port.to_string().into()];
    arguments.extend(["--dir".into(), folder.into()]);
    arguments.extend(SETTINGS.map(OsString::from));
    Launch {
        name: NAME,
        program: program.to_owned(),
        arguments,
        environment: Vec::new(),
        account: None,
        log,
        stop_signal: StopSignal::Terminate,
        ready: Ready::Redis { port },
    }
}
