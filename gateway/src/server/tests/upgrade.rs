//! A connection that speaks another protocol keeps its place, and nobody cuts it off.

use super::{House, short};
use crate::config::Guard;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::{CONNECTION, UPGRADE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use hyper_util::rt::TokioIo;
use std::num::NonZeroUsize;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Says back what it hears.
async fn echo(mut request: Request) -> Response {
    let upgrade = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        let (mut read, mut write) = tokio::io::split(TokioIo::new(upgrade.await.unwrap()));
        tokio::io::copy(&mut read, &mut write).await
    });
    let headers = [(CONNECTION, "upgrade"), (UPGRADE, "echo")];
    (StatusCode::SWITCHING_PROTOCOLS, headers, Body::empty()).into_response()
}

#[tokio::test]
async fn an_upgraded_connection_lives_on_in_its_place() {
    let guard = Guard { connections_max: NonZeroUsize::MIN, ..Guard::default() };
    let house = House::open_with(Router::new().route("/", get(echo)), guard, short()).await;
    let mut client = house.client().await;
    let answer = client.get("/", "Connection: upgrade\r\nUpgrade: echo\r\n").await;
    assert_eq!(answer.status, 101);
    // Longer than anything else may be silent.
    tokio::time::sleep(short().idle * 2).await;
    client.write("hello").await.unwrap();
    let mut heard = [0; 5];
    super::within(client.stream.read_exact(&mut heard)).await.unwrap();
    assert_eq!(&heard, b"hello");
    let mut other = house.client().await;
    drop(other.write("GET / HTTP/1.1\r\nHost: bakery\r\n\r\n").await);
    assert!(other.answer().await.is_none(), "its place was given away");
    client.stream.shutdown().await.unwrap();
    client.closed().await;
    // Its place is free again as soon as the server has seen its end.
    super::within(async {
        let upgrade = "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n";
        loop {
            let mut next = house.client().await;
            if next.write(upgrade).await.is_ok() && next.answer().await.is_some() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    house.close().await;
}
