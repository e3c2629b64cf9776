//! Makes the data folder, or checks the one that is there. A folder is either whole or not there:
//! `initdb` works in a sibling which is renamed at the end.

use super::account::Account;
use super::{File as _, PostgresError, password, place};
use crate::programs::postgres::PostgresPrograms;
use crate::programs::run::run;
use crate::reaper::Reaper;
use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

const INITDB_WAIT_S: u64 = 120;

/// A data folder that is ready to be served.
pub(crate) struct Prepared {
    /// The folder, where it really is.
    pub(crate) data: PathBuf,
    /// Whom the server runs as, where not as us.
    pub(crate) account: Option<Account>,
    /// The superuser's password.
    pub(crate) password: String,
}

/// Makes or checks the data folder. It blocks.
pub(crate) fn prepare(
    asked: &Path,
    durable: bool,
    programs: &PostgresPrograms,
    reaper: &Reaper,
) -> Result<Prepared, PostgresError> {
    let account = Account::to_lend().map_err(PostgresError::NoAccount)?;
    let data = place::settle(asked, account.as_ref())?;
    let password_file = beside(&data, "password");
    if is_empty(&data)? {
        password::create(&password_file, account.as_ref())?;
        let initdb = Initdb { programs, account: account.as_ref(), durable, reaper };
        initdb.make(&data, &password_file)?;
    }
    check_version(&data, programs.major)?;
    Ok(Prepared { password: password::read(&password_file)?, data, account })
}

/// The file beside the data folder, with an extension.
fn beside(data: &Path, extension: &str) -> PathBuf {
    data.with_extension(extension)
}

/// Whether there is nothing: no folder, or an empty one.
fn is_empty(data: &Path) -> Result<bool, PostgresError> {
    match fs::read_dir(data) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(source) => Err(PostgresError::File { path: data.to_owned(), source }),
    }
}

fn check_version(data: &Path, major: u32) -> Result<(), PostgresError> {
    let text = fs::read_to_string(data.join("PG_VERSION")).unwrap_or_default();
    match text.trim().parse::<u32>() {
        Ok(found) if found == major => Ok(()),
        Ok(found) => Err(PostgresError::OtherVersion { data: data.to_owned(), found, major }),
        Err(_) => Err(PostgresError::NotComplete { data: data.to_owned() }),
    }
}

struct Initdb<'a> {
    programs: &'a PostgresPrograms,
    account: Option<&'a Account>,
    durable: bool,
    reaper: &'a Reaper,
}

impl Initdb<'_> {
    fn make(&self, data: &Path, password_file: &Path) -> Result<(), PostgresError> {
        let unfinished = beside(data, "unfinished");
        if unfinished.exists() {
            // Of a run that was killed. Nobody works in it: that run's lock is gone.
            fs::remove_dir_all(&unfinished).file(&unfinished)?;
        }
        DirBuilder::new().mode(0o700).create(&unfinished).file(&unfinished)?;
        if let Some(account) = self.account {
            chown(&unfinished, Some(account.uid), Some(account.gid)).file(&unfinished)?;
        }
        let mut command = self.command(&unfinished, password_file);
        run(&mut command, INITDB_WAIT_S, Some(self.reaper)).map_err(PostgresError::Initdb)?;
        self.rename(&unfinished, data).file(data)
    }

    fn command(&self, unfinished: &Path, password_file: &Path) -> Command {
        let mut command = Command::new(&self.programs.initdb);
        command.args([OsStr::new("-D"), unfinished.as_os_str()]);
        command.args([OsStr::new("--pwfile"), password_file.as_os_str()]);
        command.args(["--username=postgres", "--auth=scram-sha-256"]);
        command.args(["--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions"]);
        command.args((!self.durable).then_some("--no-sync"));
        command.env_clear().current_dir("/");
        if let Some(account) = self.account {
            command.uid(account.uid).gid(account.gid);
        }
        command
    }

    fn rename(&self, unfinished: &Path, data: &Path) -> io::Result<()> {
        fs::rename(unfinished, data)?;
        match data.parent().filter(|_| self.durable) {
            Some(parent) => File::open(parent)?.sync_all(),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_folder_of_our_version_is_served() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("postgres");
        assert!(is_empty(&data).unwrap(), "no folder");
        fs::create_dir(&data).unwrap();
        assert!(is_empty(&data).unwrap());

        fs::write(data.join("postgresql.conf"), "").unwrap();
        assert!(!is_empty(&data).unwrap());
        let error = check_version(&data, 15).unwrap_err().to_string();
        assert!(error.contains("is not a complete Postgres data folder"), "{error}");

        fs::write(data.join("PG_VERSION"), "14\n").unwrap();
        let error = check_version(&data, 15).unwrap_err().to_string();
        assert!(error.contains("of Postgres 14, and this machine has Postgres 15"), "{error}");
        check_version(&data, 14).unwrap();
    }
}
