//! S8: many connections, and what becomes of those that do nothing.

use super::client::Client;
use super::{House, LONG, PROMPT, Times, short};
use crate::config::Guard;
use axum::Router;
use axum::routing::get;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::sync::Notify;

fn at_most(max: usize) -> Guard {
    Guard { connections_max: NonZeroUsize::new(max).unwrap(), ..Guard::default() }
}

async fn is_open(client: &mut Client<TcpStream>) -> bool {
    let request = "GET /healthz HTTP/1.1\r\nHost: bakery\r\n\r\n";
    client.write(request).await.is_ok() && client.answer().await.is_some()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s8_many_idle_keep_alives_make_room_for_who_wants_something() {
    let times = Times { head: LONG, idle: LONG, write: LONG, ..short() };
    let house = House::open(at_most(500), times).await;
    let mut idle = Vec::new();
    let mut slowest = Duration::ZERO;
    for n in 0..2000 {
        let mut client = house.client().await;
        assert_eq!(client.get("/healthz", "").await.status, 200);
        idle.push(client);
        if n % 100 == 0 {
            let start = Instant::now();
            assert_eq!(house.client().await.get("/", "").await.status, 200);
            slowest = slowest.max(start.elapsed());
        }
    }
    println!("the slowest answer among 2000 connections with room for 500: {slowest:?}");
    assert!(slowest < PROMPT, "it waits until somebody goes");
    let mut open = 0;
    for client in &mut idle {
        open += usize::from(is_open(client).await);
    }
    assert!((400..=500).contains(&open), "{open} are open, with room for 500");
    house.close().await;
}

#[tokio::test]
async fn idle_connections_are_closed_after_their_time() {
    let limit = Duration::from_secs(10);
    let house = House::open(Guard::default(), Times { head: limit, idle: limit, ..short() }).await;
    let mut client = house.client().await;
    for _ in 0..6 {
        // Each request begins a new time: together they take longer than one.
        assert_eq!(client.get("/healthz", "").await.status, 200);
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    // So is one that never says anything.
    let (start, mut silent) = (Instant::now(), house.client().await);
    tokio::join!(client.closed(), silent.closed());
    assert!(start.elapsed() < limit + PROMPT);
    house.close().await;
}

/// Requests in hand are not given up for new connections, whose clients are told at once.
#[tokio::test]
async fn where_all_have_a_request_in_hand_the_next_is_turned_away() {
    let (begun, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let wait = {
        let (begun, go) = (begun.clone(), go.clone());
        async move || {
            begun.notify_one();
            go.notified().await;
        }
    };
    // Where the next one is let in and waits, nothing ends that.
    let times = Times { head: LONG, idle: LONG, ..short() };
    let house = House::open_with(Router::new().route("/", get(wait)), at_most(1), times).await;
    let mut first = house.client().await;
    first.write("GET / HTTP/1.1\r\nHost: bakery\r\n\r\n").await.unwrap();
    begun.notified().await;
    let start = Instant::now();
    house.client().await.closed().await;
    assert!(start.elapsed() < PROMPT, "it waits in a queue");
    go.notify_one();
    assert_eq!(first.answer().await.unwrap().status, 200);
    house.close().await;
}

#[tokio::test]
async fn one_address_takes_no_more_connections_than_its_part() {
    let guard = Guard { connections_per_address_max: NonZeroUsize::new(10), ..at_most(100) };
    let times = Times { idle: Duration::from_secs(60), ..short() };
    let house = House::open(guard, times).await;
    let mut greedy = Vec::new();
    for _ in 0..50 {
        let mut client = house.client().await;
        assert_eq!(client.get("/healthz", "").await.status, 200);
        greedy.push(client);
    }
    let mut open = 0;
    for client in &mut greedy {
        open += usize::from(is_open(client).await);
    }
    assert_eq!(open, 10);
    house.close().await;
}
