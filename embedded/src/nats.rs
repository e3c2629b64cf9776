//! nats-server: the configuration is the caller's, the addresses and the store are ours.

use crate::port::{self, PortChoice};
use crate::process::Process;
use crate::process::error::ProcessError;
use crate::process::launch::Launch;
use crate::process::on_port::start_on_port;
use crate::process::ready::Ready;
use crate::process::signal::StopSignal;
use crate::programs::nats::NatsProgram;
use crate::servers::site::Site;
use semver::Version;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

const NAME: &str = "nats-server";

/// What nats-server is started with.
#[derive(Clone, Default)]
pub struct NatsOptions {
    /// The configuration file's text. It names no address, port or store (the server refuses to
    /// be told twice), and refers to passwords as `$NAME`.
    pub config: String,
    /// The environment it refers to.
    pub environment: Vec<(String, String)>,
    /// This port and no other; else that of the last run, or any free one.
    pub port: Option<u16>,
}

/// A running nats-server.
pub struct NatsServer {
    process: Process,
    port: u16,
    monitor_port: u16,
    version: Version,
}

impl NatsServer {
    /// Writes the configuration and starts the server on it.
    pub(crate) async fn start(
        options: NatsOptions,
        program: NatsProgram,
        site: &Site,
    ) -> Result<Self, ProcessError> {
        let folder = site.folder("nats")?;
        let config = folder.join("nats.conf");
        site.write(&config, &options.config)?;

        let choice = PortChoice { fixed: options.port, saved: site.data.join("nats.port") };
        let mut monitor_port = 0;
        let launch = |port| {
            let no_port = |source| ProcessError::NoPort { name: NAME, source };
            monitor_port = port::free().map_err(no_port)?;
            Ok(Launch {
                name: NAME,
                program: program.path.clone(),
                arguments: arguments(&config, &folder, port, monitor_port),
                environment: options.environment.clone(),
                account: None,
                log: site.data.join("nats.log"),
                stop_signal: StopSignal::Terminate,
                ready: Ready::Nats { monitor_port },
            })
        };
        let (process, port) = start_on_port(NAME, &choice, &site.reaper, launch).await?;
        Ok(Self { process, port, monitor_port, version: program.version })
    }

    /// The process, to stop, kill, pause and restart it.
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// Its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its address, without a user.
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// The address of its monitor, such as for `/varz`.
    pub fn monitor_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.monitor_port)
    }

    /// Its version.
    pub fn version(&self) -> &Version {
        &self.version
    }
}

/// The store becomes `jetstream` in the folder.
fn arguments(config: &Path, folder: &Path, port: u16, monitor_port: u16) -> Vec<OsString> {
    let path = |path: &Path| PathBuf::from(path).into_os_string();
    let number = |number: u16| OsString::from(number.to_string());
    vec![
        "-c".into(),
        path(config),
        "-a".into(),
        "127.0.0.1".into(),
        "-p".into(),
        number(port),
        "-m".into(),
        number(monitor_port),
        "-sd".into(),
        path(folder),
    ]
}
