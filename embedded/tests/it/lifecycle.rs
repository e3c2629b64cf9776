//! Start, crash, pause, stop.

use crate::probe::{
    all_three, ask, ask_within, assert_all_answer, everything, holds_within, runs, sql,
};
use bakery_embedded::{PostgresOptions, Servers, ServersOptions};
use std::net::{Ipv4Addr, TcpStream};
use std::os::unix::process::ExitStatusExt;

/// How a server is ended that does not end when it is asked to.
const SIGKILL: i32 = 9;

#[tokio::test]
async fn each_server_comes_back_on_its_port_after_a_crash() {
    let servers = Servers::temporary(everything()).await.unwrap();
    assert_all_answer(&servers);
    sql(&servers, "create table kept (id int)");
    let url = servers.postgres.as_ref().unwrap().url("postgres");

    for process in servers.processes() {
        let killed = process.pid();
        process.kill().await.unwrap();
        assert!(process.exited().is_some() && !runs(killed), "{}", process.name());
        process.restart().await.unwrap();
        assert!(process.exited().is_none() && process.pid() != killed);
    }
    assert_all_answer(&servers);
    assert_eq!(sql(&servers, "select count(*) from kept"), "0", "the table is still there");
    assert_eq!(servers.postgres.as_ref().unwrap().url("postgres"), url);
    servers.stop().await.unwrap();
}

#[tokio::test]
async fn a_paused_server_does_not_answer_until_it_is_resumed() {
    let servers = Servers::temporary(everything()).await.unwrap();
    let redis = servers.redis.as_ref().unwrap();
    redis.process().pause().unwrap();
    assert_eq!(ask_within(2, redis.port(), b"PING\r\n"), None);
    redis.process().resume().unwrap();
    assert_eq!(ask(redis.port(), b"PING\r\n").unwrap(), "+PONG\r\n");

    let postgres = servers.postgres.as_ref().unwrap().process();
    postgres.pause().unwrap();
    servers.stop().await.unwrap();
    assert_ne!(
        postgres.exited().unwrap().signal(),
        Some(SIGKILL),
        "a paused server is stopped too"
    );
    assert!(postgres.pause().is_err(), "it does not run any more");
}

#[tokio::test]
async fn a_server_that_dies_by_itself_is_noticed() {
    let servers = Servers::temporary(everything()).await.unwrap();
    let redis = servers.redis.as_ref().unwrap();
    let (ended, _) =
        tokio::join!(servers.ended(), async { ask(redis.port(), b"SHUTDOWN NOSAVE\r\n") });
    assert_eq!(ended.name, "redis-server");
    assert!(ended.status.success());
    servers.stop().await.unwrap();
}

#[tokio::test]
async fn a_stop_leaves_nothing_and_kills_nobody() {
    let servers = Servers::temporary(everything()).await.unwrap();
    let pids: Vec<u32> = servers.processes().map(|process| process.pid()).collect();
    servers.stop().await.unwrap();
    for process in servers.processes() {
        let ended = process.exited().unwrap();
        assert_ne!(ended.signal(), Some(SIGKILL), "{}: {ended}", process.name());
    }
    assert!(!pids.into_iter().any(runs));
    assert!(!servers.data().exists());
    servers.stop().await.unwrap();
}

#[tokio::test]
async fn servers_that_are_dropped_end_too() {
    let servers = Servers::temporary(everything()).await.unwrap();
    let pids: Vec<u32> = servers.processes().map(|process| process.pid()).collect();
    let data = servers.data().to_owned();
    drop(servers);
    assert!(holds_within(60, || !pids.iter().any(|pid| runs(*pid)) && !data.exists()));
}

#[tokio::test]
async fn the_next_run_has_the_data_and_the_ports_of_the_last() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), open_to_all()).unwrap();
    let options = || ServersOptions {
        postgres: Some(PostgresOptions::default()),
        ..all_three(folder.path())
    };
    let first = Servers::start(options()).await.unwrap();
    assert_eq!(sql(&first, "show fsync"), "on");
    sql(&first, "create table kept (id int)");
    let ports = ports(&first);
    first.stop().await.unwrap();

    let second = Servers::start(options()).await.unwrap();
    assert_all_answer(&second);
    assert_eq!(sql(&second, "select count(*) from kept"), "0");
    // A port may have been taken meanwhile, and then another is as good.
    let is_taken = |port: u16| TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok();
    for (port, before) in self::ports(&second).into_iter().zip(ports) {
        assert!(port == before || is_taken(before), "{port} and not {before}");
    }
    second.stop().await.unwrap();
}

fn open_to_all() -> std::fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o755)
}

fn ports(servers: &Servers) -> [u16; 3] {
    [
        servers.nats.as_ref().unwrap().port(),
        servers.postgres.as_ref().unwrap().port(),
        servers.redis.as_ref().unwrap().port(),
    ]
}
