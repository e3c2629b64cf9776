//! The superuser's random password, in a file beside the data folder.

use super::account::Account;
use super::{File as _, PostgresError};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, chown};
use std::path::Path;

const RANDOM_BYTES: usize = 24;

/// Makes a new password, which the account may read too, because its `initdb` must.
pub(crate) fn create(file: &Path, account: Option<&Account>) -> Result<(), PostgresError> {
    write(file, account).file(file)
}

fn write(file: &Path, account: Option<&Account>) -> io::Result<()> {
    let password = random()?;
    if let Err(error) = fs::remove_file(file)
        && error.kind() != io::ErrorKind::NotFound
    {
        return Err(error);
    }
    let mut opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
    opened.write_all(password.as_bytes())?;
    opened.sync_all()?;
    match account {
        Some(account) => chown(file, Some(account.uid), Some(account.gid)),
        None => Ok(()),
    }
}

/// Reads it back.
pub(crate) fn read(file: &Path) -> Result<String, PostgresError> {
    match fs::read_to_string(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(PostgresError::NoPassword { file: file.to_owned() })
        }
        outcome => outcome.file(file),
    }
}

fn random() -> io::Result<String> {
    let mut bytes = [0; RANDOM_BYTES];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
