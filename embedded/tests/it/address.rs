//! Ports that were asked for, and a configuration that is wrong.

use crate::probe::{nats, only_redis};
use bakery_embedded::{RedisOptions, Servers, ServersOptions};
use std::net::TcpListener;

#[tokio::test]
async fn a_fixed_port_is_used_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    // None of those that the system gives to whoever asks for any: it stays free in between.
    let ports = (10_000 + std::process::id() as u16 % 10_000)..32_000;
    let (taken, port) = ports
        .map(|port| (TcpListener::bind(("127.0.0.1", port)), port))
        .find_map(|(taken, port)| Some((taken.ok()?, port)))
        .unwrap();
    let options = || ServersOptions {
        redis: Some(RedisOptions { port: Some(port) }),
        ..only_redis(folder.path())
    };
    let error = Servers::start(options()).await.err().unwrap().to_string();
    assert!(error.starts_with(&format!("port {port}, which redis-server shall use, is taken")));

    drop(taken);
    let servers = Servers::start(options()).await.unwrap();
    assert_eq!(servers.redis.as_ref().unwrap().url(), format!("redis://127.0.0.1:{port}"));
    servers.stop().await.unwrap();
}

#[tokio::test]
async fn a_failed_start_repeats_the_servers_last_words_and_frees_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let options = |environment| {
        let nats = Some(bakery_embedded::NatsOptions { environment, ..nats() });
        ServersOptions { nats, ..only_redis(folder.path()) }
    };
    let error = Servers::start(options(Vec::new())).await.err().unwrap().to_string();
    assert!(error.contains("nats-server ended before it was ready"), "{error}");
    assert!(error.contains("variable reference for 'PASSWORD'"), "{error}");

    let servers = Servers::start(options(nats().environment)).await.unwrap();
    let server = servers.nats.as_ref().unwrap();
    assert!(server.version().major == 2 && server.version().minor >= 14);
    servers.stop().await.unwrap();
}
