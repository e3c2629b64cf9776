//! Deletes the data of the servers, and nothing else that may be in the folder.

use crate::postgres::place::{elsewhere, elsewhere_parent};
use std::fs;
use std::io;
use std::path::Path;

const FOLDERS: [&str; 4] = ["nats", "postgres", "postgres.unfinished", "redis"];
const FILES: [&str; 7] = [
    "nats.log",
    "nats.port",
    "postgres.log",
    "postgres.password",
    "postgres.port",
    "redis.log",
    "redis.port",
];

/// Deletes what the servers made in the folder, whose lock is held. It blocks.
pub(crate) fn wipe(data: &Path) -> io::Result<()> {
    let postgres = data.join("postgres");
    // A copied data folder still has the link to the data of the original, which stays.
    if fs::read_link(&postgres).is_ok_and(|target| target == elsewhere(&postgres)) {
        remove(&elsewhere_parent(&postgres))?;
    }
    FOLDERS.iter().chain(&FILES).try_for_each(|name| remove(&data.join(name)))
}

/// A link is removed itself, not what it leads to.
fn remove(path: &Path) -> io::Result<()> {
    let removed = match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        outcome => outcome,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_servers_data_is_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let other_disk = folder.path().join("other disk");
        fs::create_dir_all(data.join("nats/jetstream")).unwrap();
        fs::create_dir(&other_disk).unwrap();
        fs::write(data.join("notes"), "mine").unwrap();
        std::os::unix::fs::symlink(&other_disk, data.join("redis")).unwrap();

        wipe(&data).unwrap();
        wipe(&data).unwrap();
        let left: Vec<_> = fs::read_dir(&data).unwrap().map(|it| it.unwrap().file_name()).collect();
        assert_eq!(left, ["notes"]);
        assert!(other_disk.exists());
    }
}
