//! Servers that are too old are refused. They are played by a socket that says who it is and
//! answers pings: more is not asked before the version is read.

use crate::server::soon;
use bakery_nats::connect::{BusConfig, ConnectError, connect};
use std::net::Ipv4Addr;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

#[tokio::test]
async fn a_server_before_2_14_is_refused_by_its_version() {
    for version in ["2.9.10", "2.12.8", "2.13.99", "2.14.0-RC.1", "nightly"] {
        match greeted_by(version).await {
            Err(ConnectError::TooOld { found }) => assert_eq!(found, version),
            other => panic!("{version}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_server_from_2_14_on_is_welcome() {
    for version in ["2.14.0", "2.15.1", "3.0.0"] {
        greeted_by(version).await.unwrap_or_else(|error| panic!("{version}: {error}"));
    }
}

async fn greeted_by(version: &str) -> Result<(), ConnectError> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = tokio::spawn(play(listener, version.to_owned()));
    let config = BusConfig {
        url: format!("nats://127.0.0.1:{port}"),
        user: "bank".to_owned(),
        password: "p".to_owned(),
    };
    let outcome = soon("an answer to the greeting", connect(&config)).await;
    server.abort();
    outcome.map(|_| ())
}

async fn play(listener: TcpListener, version: String) {
    while let Ok((stream, _)) = listener.accept().await {
        // A client that goes away ends the conversation; it is its outcome that counts.
        tokio::spawn(converse(stream, version.clone()));
    }
}

async fn converse(stream: TcpStream, version: String) -> std::io::Result<()> {
    let (reader, mut writer) = stream.into_split();
    let info = format!(
        r#"INFO {{"server_id":"X","server_name":"x","version":"{version}","proto":1,"host":"127.0.0.1","port":4222,"headers":true,"max_payload":1048576}}"#
    );
    writer.write_all(format!("{info}\r\n").as_bytes()).await?;
    let mut lines = BufReader::new(reader).lines();
    while let Some(line) = lines.next_line().await? {
        if line.starts_with("PING") {
            writer.write_all(b"PONG\r\n").await?;
        }
    }
    Ok(())
}
