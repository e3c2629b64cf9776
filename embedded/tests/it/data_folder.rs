//! Whose folder it is, what is in it, and that it can be wiped.

use crate::probe::{all_three, assert_all_answer, only_redis};
use bakery_embedded::{PostgresOptions, Servers, ServersOptions};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

#[tokio::test]
async fn a_folder_that_is_in_use_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let servers = Servers::start(only_redis(folder.path())).await.unwrap();
    let (data, pid) = (folder.path().display(), std::process::id());
    let sentence = format!("another bakery runs with the data folder {data} (pid {pid})");

    let error = Servers::start(only_redis(folder.path())).await.err().unwrap();
    assert_eq!(error.to_string(), sentence);
    let error = Servers::wipe(folder.path()).await.err().unwrap();
    assert_eq!(error.to_string(), sentence);

    servers.stop().await.unwrap();
    Servers::start(only_redis(folder.path())).await.unwrap().stop().await.unwrap();
}

#[tokio::test]
async fn a_half_made_postgres_folder_is_refused_until_it_is_wiped() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    fs::create_dir_all(folder.path().join("postgres/base")).unwrap();
    let options = || ServersOptions {
        postgres: Some(PostgresOptions { port: None, durable: false }),
        redis: None,
        ..only_redis(folder.path())
    };
    let error = Servers::start(options()).await.err().unwrap().to_string();
    assert!(error.ends_with("is not a complete Postgres data folder; start with --fresh"));

    Servers::wipe(folder.path()).await.unwrap();
    Servers::start(options()).await.unwrap().stop().await.unwrap();
}

#[tokio::test]
async fn an_unfinished_initdb_is_begun_anew() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    fs::create_dir_all(folder.path().join("postgres.unfinished/base")).unwrap();
    let servers = Servers::start(all_three(folder.path())).await.unwrap();
    assert_all_answer(&servers);
    assert!(!folder.path().join("postgres.unfinished").exists());
    servers.stop().await.unwrap();
}

/// As root, the account that Postgres runs as cannot get there; as another user it can.
#[tokio::test]
async fn a_folder_below_a_closed_one_works_and_is_wiped_wherever_it_is() {
    let closed = tempfile::tempdir().unwrap();
    fs::set_permissions(closed.path(), Permissions::from_mode(0o700)).unwrap();
    let data = closed.path().join(".bakery");
    let servers = Servers::start(all_three(&data)).await.unwrap();
    assert_all_answer(&servers);
    servers.stop().await.unwrap();

    let real = data.join("postgres").canonicalize().unwrap();
    assert!(real.join("PG_VERSION").is_file());
    Servers::wipe(&data).await.unwrap();
    assert!(!real.exists());
    let elsewhere = real.starts_with("/var/lib/bakery") && real.parent().unwrap().exists();
    assert!(!elsewhere, "the password is gone too");
}
