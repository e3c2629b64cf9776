//! Finds PostgreSQL: on `PATH`, or the newest in Debian's folders, which are not on `PATH`.

use super::run::run;
use super::version;
use crate::config;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const DEBIAN: &str = "/usr/lib/postgresql";
const VERSION_WAIT_S: u64 = 10;

/// The two programs of one version.
#[derive(Clone, Debug)]
pub(crate) struct PostgresPrograms {
    /// The server.
    pub(crate) postgres: PathBuf,
    /// Makes data folders.
    pub(crate) initdb: PathBuf,
    /// The major version: that of the data folders they can use.
    pub(crate) major: u32,
}

/// The first pair that works.
pub(crate) fn find() -> Option<PostgresPrograms> {
    config::path_folders().into_iter().chain(debian_folders()).find_map(|folder| inspect(&folder))
}

fn inspect(folder: &Path) -> Option<PostgresPrograms> {
    let (postgres, initdb) = (folder.join("postgres"), folder.join("initdb"));
    if !postgres.is_file() || !initdb.is_file() {
        return None;
    }
    let output = run(Command::new(&postgres).arg("--version"), VERSION_WAIT_S, None);
    let major = version::postgres_major(&output.ok()?)?;
    Some(PostgresPrograms { postgres, initdb, major })
}

/// The newest first.
fn debian_folders() -> Vec<PathBuf> {
    let versions = fs::read_dir(DEBIAN).into_iter().flatten().flatten();
    let mut versions: Vec<(u32, PathBuf)> = versions
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path())))
        .collect();
    versions.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    versions.into_iter().map(|(_, folder)| folder.join("bin")).collect()
}
