//! Finds nats-server: the one that we downloaded, or a new enough one on `PATH`.

use super::cache;
use super::run::run;
use super::version;
use crate::config;
use semver::Version;
use std::path::PathBuf;
use std::process::Command;

/// Older ones lose acknowledged messages after a crash; Debian's 2.9 is one of them.
const VERSION_MIN: Version = Version::new(2, 14, 0);
const VERSION_WAIT_S: u64 = 10;

/// A nats-server that is new enough.
#[derive(Clone, Debug)]
pub(crate) struct NatsProgram {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// What it says it is.
    pub(crate) version: Version,
}

/// The first one that is new enough.
pub(crate) fn find() -> Option<NatsProgram> {
    let downloaded = cache::folders().into_iter().map(|folder| folder.join(cache::NATS_SERVER));
    downloaded.filter(|path| path.is_file()).chain(config::on_path("nats-server")).find_map(inspect)
}

fn inspect(path: PathBuf) -> Option<NatsProgram> {
    let output = run(Command::new(&path).arg("--version"), VERSION_WAIT_S, None);
    let version = version::nats(&output.ok()?)?;
    if version < VERSION_MIN {
        tracing::info!(%version, path = %path.display(),
            "this nats-server is too old, {VERSION_MIN} or later is needed");
        return None;
    }
    Some(NatsProgram { path, version })
}
