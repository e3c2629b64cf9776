//! No server outlives the program that started it, and no other takes its folder too early.

use crate::probe::{all_three, everything, holds_within, only_redis, runs};
use bakery_embedded::Servers;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Longer than the tests wait: it does not end by itself.
const OWNER_LIFE_S: u64 = 300;
const END_WAIT_S: u64 = 60;

/// Not a test: the program that is killed. It is this binary again, started by the tests below.
#[tokio::test]
#[ignore = "started by the tests of this file"]
async fn owner_of_temporary_servers() {
    own(Servers::temporary(everything()).await.unwrap(), false).await;
}

/// As above, with Postgres paused.
#[tokio::test]
#[ignore = "started by the tests of this file"]
async fn owner_of_paused_servers() {
    own(Servers::temporary(everything()).await.unwrap(), true).await;
}

/// As above, on a folder that the test chose.
#[tokio::test]
#[ignore = "started by the tests of this file"]
async fn owner_of_the_current_folder() {
    own(Servers::start(all_three(Path::new("."))).await.unwrap(), false).await;
}

async fn own(servers: Servers, paused: bool) {
    if paused {
        servers.postgres.as_ref().unwrap().process().pause().unwrap();
    }
    // A restarted server is guarded as well.
    servers.redis.as_ref().unwrap().process().restart().await.unwrap();
    println!("owner folder {}", servers.data().display());
    servers.processes().for_each(|process| println!("owner pid {}", process.pid()));
    println!("owner ready");
    tokio::time::sleep(std::time::Duration::from_secs(OWNER_LIFE_S)).await;
}

struct Owner {
    child: Child,
    folder: PathBuf,
    pids: Vec<u32>,
}

impl Owner {
    fn start(test: &str, current: &Path) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", test, "--ignored", "--nocapture", "--test-threads=1"])
            .current_dir(current)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (mut folder, mut pids) = (PathBuf::new(), Vec::new());
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            match line.split_once("owner ").map(|(_, said)| said) {
                Some("ready") => break,
                Some(said) if said.starts_with("pid ") => pids.push(said[4..].parse().unwrap()),
                Some(said) => folder = said.strip_prefix("folder ").unwrap().into(),
                None => {}
            }
        }
        Self { child, folder, pids }
    }

    fn kill(&mut self) {
        assert_eq!(self.pids.len(), 3, "the owner has started all servers");
        assert!(self.pids.iter().all(|pid| runs(*pid)));
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn none_runs(&self) -> bool {
        !self.pids.iter().any(|pid| runs(*pid))
    }
}

#[test]
fn a_killed_owner_leaves_no_server_and_no_folder() {
    let mut owner = Owner::start("left_behind::owner_of_temporary_servers", Path::new("/"));
    assert!(owner.folder.is_dir());
    owner.kill();
    assert!(holds_within(END_WAIT_S, || owner.none_runs() && !owner.folder.exists()));
}

#[test]
fn a_killed_owner_leaves_no_paused_server() {
    let mut owner = Owner::start("left_behind::owner_of_paused_servers", Path::new("/"));
    let postgres = owner.folder.join("postgres");
    owner.kill();
    assert!(holds_within(END_WAIT_S, || owner.none_runs() && !owner.folder.exists()));
    let uses_it = |stat: &str| stat.contains(postgres.to_str().unwrap());
    assert!(holds_within(END_WAIT_S, || !command_lines().iter().any(|line| uses_it(line))));
}

#[tokio::test]
async fn a_start_after_a_killed_owner_waits_for_its_servers() {
    let folder = tempfile::tempdir().unwrap();
    let open: std::fs::Permissions = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(folder.path(), open).unwrap();
    let mut owner = Owner::start("left_behind::owner_of_the_current_folder", folder.path());
    owner.kill();
    let servers = Servers::start(only_redis(folder.path())).await.unwrap();
    assert!(owner.none_runs(), "the lock is given back after the last server");
    servers.stop().await.unwrap();
}

fn command_lines() -> Vec<String> {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    entries.flat_map(|entry| std::fs::read_to_string(entry.path().join("cmdline"))).collect()
}
