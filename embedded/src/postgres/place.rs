//! Where the data folder really is: where it was asked for, or, where the lent account cannot get
//! there (a clone in /root), below `/var/lib/bakery` with a link at the asked place.

use super::account::Account;
use super::{File, PostgresError};
use sha2::{Digest, Sha256};
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

const ELSEWHERE: &str = "/var/lib/bakery";
const HASH_BYTES: usize = 8;

/// Finds the place for the data folder asked for, whose parent exists. It makes the link, but not
/// the data folder.
pub(crate) fn settle(asked: &Path, account: Option<&Account>) -> Result<PathBuf, PostgresError> {
    let Some(parent) = asked.parent() else { return Ok(asked.to_owned()) };
    if let Ok(target) = fs::read_link(asked) {
        let target = parent.join(target);
        make_parent(&target).file(&target)?;
        return Ok(target);
    }
    let Some(account) = account else { return Ok(asked.to_owned()) };
    if account.can_enter(parent).file(parent)? {
        return Ok(asked.to_owned());
    }
    if asked.exists() {
        let name = account.name.clone();
        return Err(PostgresError::Unreachable { data: asked.to_owned(), account: name });
    }
    let target = elsewhere(asked);
    make_parent(&target).file(&target)?;
    symlink(&target, asked).file(asked)?;
    tracing::info!(asked = %asked.display(), target = %target.display(),
        "the data of Postgres is kept elsewhere, its account cannot reach the asked place");
    Ok(target)
}

/// The folder of this place elsewhere, which holds the data folder and its password.
pub(crate) fn elsewhere_parent(asked: &Path) -> PathBuf {
    let digest = Sha256::digest(asked.as_os_str().as_bytes());
    let hash: String = digest.iter().take(HASH_BYTES).map(|byte| format!("{byte:02x}")).collect();
    Path::new(ELSEWHERE).join(hash)
}

/// Where the data goes that cannot stay at the asked place.
pub(crate) fn elsewhere(asked: &Path) -> PathBuf {
    elsewhere_parent(asked).join("postgres")
}

fn make_parent(target: &Path) -> io::Result<()> {
    let Some(parent) = target.parent() else { return Ok(()) };
    fs::create_dir_all(parent)?;
    if parent.starts_with(ELSEWHERE) {
        for folder in [Path::new(ELSEWHERE), parent] {
            fs::set_permissions(folder, Permissions::from_mode(0o711))?;
        }
    }
    Ok(())
}
