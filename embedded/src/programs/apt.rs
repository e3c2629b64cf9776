//! Installs Debian packages, where we are root.

mod services;

use super::error::ProgramError;
use super::run::run;
use crate::config;
use rustix::process::geteuid;
use services::ServicesOff;
use std::path::PathBuf;
use std::process::Command;

const UPDATE_WAIT_S: u64 = 120;
const INSTALL_WAIT_S: u64 = 300;
/// Somebody else's apt-get, such as the nightly one.
const LOCK_OPTION: &str = "DPkg::Lock::Timeout=120";

/// Installs the packages, or says what to type. The system's own PostgreSQL and Redis are not
/// started by it; Debian still makes an empty, stopped cluster in `/var/lib/postgresql`.
pub(crate) fn install(packages: &[&str]) -> Result<(), ProgramError> {
    if packages.is_empty() {
        return Ok(());
    }
    let names = packages.join(" ");
    let apt_get = may_install(&names)?;
    tracing::info!(
        packages = names,
        "packages are missing; apt-get installs them now, which may take a minute"
    );

    let _services_off = ServicesOff::begin();
    // Old lists are often good enough, so the verdict is the installation's.
    if let Err(error) = run(command(&apt_get).arg("update"), UPDATE_WAIT_S, None) {
        tracing::warn!(%error, "apt-get update failed, the package lists may be old");
    }
    let mut install = command(&apt_get);
    install.args(["install", "-y", "--no-install-recommends"]).args(packages);
    run(&mut install, INSTALL_WAIT_S, None)
        .map(drop)
        .map_err(|source| ProgramError::Install { what: names, source })
}

fn may_install(names: &str) -> Result<PathBuf, ProgramError> {
    let missing = names.to_owned();
    match config::on_path("apt-get") {
        None => Err(ProgramError::NoPackageManager { missing }),
        Some(apt_get) if geteuid().is_root() => Ok(apt_get),
        Some(_) => {
            let command = format!("sudo apt-get install -y {names}");
            Err(ProgramError::Missing { missing, command })
        }
    }
}

fn command(apt_get: &PathBuf) -> Command {
    let mut command = Command::new(apt_get);
    command.env("DEBIAN_FRONTEND", "noninteractive").args(["-o", LOCK_OPTION]);
    command
}
