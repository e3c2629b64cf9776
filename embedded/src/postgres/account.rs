//! Whom Postgres runs as: it refuses root, so root lends it an unprivileged account.

use rustix::process::geteuid;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

/// Debian's package makes the first; the second is everywhere.
const NAMES: [&str; 2] = ["postgres", "nobody"];
const PASSWD: &str = "/etc/passwd";
const ENTER: u32 = 0o1;

/// An account of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    /// Its name.
    pub(crate) name: String,
    /// Its number.
    pub(crate) uid: u32,
    /// The number of its group.
    pub(crate) gid: u32,
}

impl Account {
    /// The account to lend, or none where we are not root.
    pub(crate) fn to_lend() -> io::Result<Option<Self>> {
        if !geteuid().is_root() {
            return Ok(None);
        }
        let passwd = fs::read_to_string(PASSWD)?;
        let account = NAMES.iter().find_map(|name| find(&passwd, name));
        account.map(Some).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// Whether it can get to what is in the folder.
    pub(crate) fn can_enter(&self, folder: &Path) -> io::Result<bool> {
        let folder = folder.canonicalize()?;
        for ancestor in folder.ancestors() {
            if !self.may_enter(&fs::metadata(ancestor)?) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The kernel's rule: the first class that fits decides.
    fn may_enter(&self, metadata: &Metadata) -> bool {
        let mode = metadata.permissions().mode();
        let class = match (metadata.uid() == self.uid, metadata.gid() == self.gid) {
            (true, _) => mode >> 6,
            (false, true) => mode >> 3,
            (false, false) => mode,
        };
        class & ENTER != 0
    }
}

fn find(passwd: &str, wanted: &str) -> Option<Account> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next().filter(|name| *name == wanted)?;
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        Some(Account { name: name.to_owned(), uid, gid })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::Permissions;

    const PASSWD_SAMPLE: &str = "root:x:0:0:root:/root:/bin/bash\n\
        postgres:x:101:104:PostgreSQL administrator,,,:/var/lib/postgresql:/bin/bash\n\
        broken:x:y\n";

    #[test]
    fn an_account_is_read_by_its_name() {
        let postgres = Account { name: "postgres".to_owned(), uid: 101, gid: 104 };
        assert_eq!(find(PASSWD_SAMPLE, "postgres"), Some(postgres));
        assert_eq!(find(PASSWD_SAMPLE, "broken"), None);
        assert_eq!(find(PASSWD_SAMPLE, "nobody"), None);
    }

    #[test]
    fn a_closed_parent_stops_a_stranger() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("inner");
        fs::create_dir(&inner).unwrap();
        let stranger = Account { name: "stranger".to_owned(), uid: 54321, gid: 54321 };
        fs::set_permissions(folder.path(), Permissions::from_mode(0o700)).unwrap();
        assert!(!stranger.can_enter(&inner).unwrap());
        fs::set_permissions(folder.path(), Permissions::from_mode(0o711)).unwrap();
        assert!(stranger.can_enter(&inner).unwrap());
    }
}
