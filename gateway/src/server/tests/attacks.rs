//! S8: whoever tries to use up time, memory or connections gets a clear answer or none, and the
//! others are served as before.

use super::{House, LONG, PROMPT, Times, WAIT_S, short, within};
use crate::config::Guard;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A route that anyone may send a body to.
const WRITE: &str = "/api/v1/sessions";
const SLOW_CONNECTIONS: usize = 2000;
/// What a machine that does many things at once may add to any answer.
const NOISE_MS: u64 = 30;
/// On a busy machine the first measurement may have hit a bad moment.
const MEASUREMENTS_MAX: usize = 3;

/// The median of the time for one request at each of two houses, each on a connection of its own. They
/// take turns: what else the machine does holds up both.
async fn medians(houses: [&House; 2]) -> [Duration; 2] {
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..100 {
        for (house, times) in houses.into_iter().zip(&mut times) {
            let start = Instant::now();
            let answer = house.client().await.get("/", "").await;
            assert_eq!(answer.status, 200);
            times.push(start.elapsed());
        }
    }
    times.map(|mut times| {
        times.sort_unstable();
        times[times.len() / 2]
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s8_two_thousand_slow_connections_hold_nobody_up() {
    let times = Times { head: LONG, ..short() };
    let house = House::open(Guard::default(), times).await;
    let calm_house = House::open(Guard::default(), short()).await;
    medians([&calm_house, &house]).await;
    let opened = Instant::now();
    let mut slow = Vec::new();
    for _ in 0..SLOW_CONNECTIONS {
        let mut client = house.client().await;
        client.write("GET / HTTP/1.1\r\nHost: bakery\r\nX-Slow: ").await.unwrap();
        slow.push(client);
    }
    let mut measured = Vec::new();
    let held_up = |[calm, under_attack]: &[Duration; 2]| {
        *under_attack > 2 * *calm + Duration::from_millis(NOISE_MS)
    };
    while measured.len() < MEASUREMENTS_MAX && measured.last().is_none_or(held_up) {
        measured.push(medians([&calm_house, &house]).await);
    }
    println!("medians without and with {SLOW_CONNECTIONS} slow connections: {measured:?}");
    assert!(!measured.iter().all(held_up), "{measured:?}");
    assert!(opened.elapsed() < times.head, "they may be gone already");
    drop(slow);
    house.close().await;
    calm_house.close().await;
}

/// Each byte would buy them as much time again.
#[tokio::test]
async fn s8_slow_connections_are_closed_though_they_go_on_sending() {
    let house = House::open(Guard::default(), short()).await;
    let mut slow = Vec::new();
    for _ in 0..20 {
        let mut client = house.client().await;
        client.write("GET / HTTP/1.1\r\nHost: bakery\r\nX-Slow: ").await.unwrap();
        slow.push(client);
    }
    let opened = Instant::now();
    while !slow.is_empty() {
        assert!(opened.elapsed() < Duration::from_secs(WAIT_S), "it buys {} time", slow.len());
        let mut still = Vec::new();
        for mut client in slow {
            if client.write("x").await.is_ok() {
                still.push(client);
            }
        }
        slow = still;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(house.client().await.get("/", "").await.status, 200);
    house.close().await;
}

#[tokio::test]
async fn s8_endless_headers_are_refused() {
    let house = House::open(Guard::default(), short()).await;
    let mut client = house.client().await;
    client.write("GET / HTTP/1.1\r\nHost: bakery\r\n").await.unwrap();
    let mut sent = 0;
    // The answer comes while it is still sending.
    while sent < 10_000_000 && client.write([b'x'; 1000]).await.is_ok() {
        sent += 1000;
    }
    assert!(sent < 10_000_000, "it reads for ever");

    for (head, status) in [
        (format!("GET / HTTP/1.1\r\nHost: bakery\r\nX: {}\r\n\r\n", "x".repeat(16_000)), 200),
        (format!("GET / HTTP/1.1\r\nHost: bakery\r\nX: {}\r\n\r\n", "x".repeat(16_384)), 431),
        (format!("GET / HTTP/1.1\r\nHost: bakery\r\n{}\r\n", "X: x\r\n".repeat(101)), 431),
        (format!("GET /{} HTTP/1.1\r\nHost: bakery\r\n\r\n", "x".repeat(20_000)), 431),
    ] {
        let mut client = house.client().await;
        let answer = client.ask(&head).await;
        assert_eq!(answer.status, status);
        if status == 431 {
            assert_eq!(answer.code(), "head_too_large");
            assert_eq!(answer.headers["connection"], "close");
            assert!(answer.headers.contains_key("x-request-id"));
            assert_eq!(answer.headers["x-content-type-options"], "nosniff");
            client.closed().await;
        }
    }
    house.close().await;
}

#[tokio::test]
async fn what_is_no_request_is_a_problem_document() {
    let house = House::open(Guard::default(), short()).await;
    for nonsense in [
        "hello\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "GET / HTTP/1.1\r\nHost bakery\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: bakery\r\n X: folded\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: bakery\r\nX: a\0b\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: bakery\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: bakery\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: bakery\r\nTransfer-Encoding: gzip\r\n\r\n",
    ] {
        let mut client = house.client().await;
        let answer = client.ask(nonsense).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, "malformed"), "{nonsense}");
        client.closed().await;
    }
    house.close().await;
}

/// What two parsers could read as two different requests ends the connection.
#[tokio::test]
async fn a_request_with_two_lengths_is_the_last_of_its_connection() {
    let house = House::open(Guard::default(), short()).await;
    let mut client = house.client().await;
    let smuggled = "GET /healthz HTTP/1.1\r\nHost: bakery\r\n\r\n";
    let request = format!(
        "POST {WRITE} HTTP/1.1\r\nHost: bakery\r\nContent-Length: {}\r\n\
         Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n{smuggled}",
        smuggled.len() + 5
    );
    let answer = client.ask(&request).await;
    assert_eq!((answer.status, answer.headers["connection"].as_str()), (415, "close"));
    assert!(client.answer().await.is_none(), "the hidden request was answered");
    house.close().await;
}

#[tokio::test]
async fn s8_a_body_of_a_gibibyte_is_refused_and_not_read() {
    let house = House::open(Guard::default(), short()).await;
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    let block = "x".repeat(0x10000);
    for (length, block) in
        [("Content-Length: 1073741824", &block), ("Transfer-Encoding: chunked", &chunk)]
    {
        let mut client = house.client().await;
        let head = format!(
            "POST {WRITE} HTTP/1.1\r\nHost: bakery\r\nContent-Type: application/json\r\n{length}\r\n\r\n"
        );
        client.write(head).await.unwrap();
        let start = Instant::now();
        let mut sent = 0_usize;
        while sent < 1 << 30 {
            // Until the server takes no more: its answer is there by then.
            let write = client.stream.write_all(block.as_bytes());
            match tokio::time::timeout(Duration::from_millis(500), write).await {
                Ok(Ok(())) => sent += block.len(),
                Ok(Err(_)) | Err(_) => break,
            }
        }
        println!("{length}: {sent} bytes were taken by the system in {:?}", start.elapsed());
        assert!(sent < 1 << 25, "{sent} bytes were read");
        if let Some(answer) = client.answer().await {
            assert_eq!((answer.status, answer.code().as_str()), (413, "body_too_large"));
            assert_eq!(answer.headers["connection"], "close");
        }
        within(client.closed()).await;
    }
    house.close().await;
}

/// Somebody who sends a little too much by mistake is not just cut off: a reset could overtake the
/// answer.
#[tokio::test]
async fn who_sends_too_much_reads_why() {
    let times = Times { closing: Duration::from_secs(60), ..short() };
    let house = House::open(Guard::default(), times).await;
    let mut client = house.client().await;
    let request = format!(
        "POST {WRITE} HTTP/1.1\r\nHost: bakery\r\nContent-Type: application/json\r\n\
         Content-Length: 300000\r\n\r\n{}",
        "x".repeat(100_000)
    );
    let answer = client.ask(&request).await;
    assert_eq!((answer.status, answer.code().as_str()), (413, "body_too_large"));
    let end = within(client.stream.read(&mut [0; 10])).await;
    assert_eq!(end.unwrap(), 0, "the server says more");
    for _ in 0..20 {
        // A reset would come in between.
        tokio::time::sleep(Duration::from_millis(10)).await;
        client.write("x".repeat(10_000)).await.expect("the connection was reset");
    }
    drop(client);
    house.close().await;
}

#[tokio::test]
async fn s8_deep_json_and_compressed_bodies_are_refused() {
    let house = House::open(Guard::default(), short()).await;
    let mut client = house.client().await;
    let post = |lines: &str, body: &str| {
        format!(
            "POST {WRITE} HTTP/1.1\r\nHost: bakery\r\nContent-Type: application/json\r\n{lines}\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    for deep in [
        "[".repeat(10_000),
        "{\"a\":".repeat(10_000),
        format!("{{\"username\":{}", "[".repeat(10_000)),
    ] {
        let start = Instant::now();
        let answer = client.ask(&post("", &deep)).await;
        assert!([400, 422].contains(&answer.status), "{}", answer.status);
        assert!(start.elapsed() < PROMPT);
        answer.code();
    }
    for encoding in ["gzip", "br", "identity, gzip", "deflate"] {
        let answer = client.ask(&post(&format!("Content-Encoding: {encoding}\r\n"), "{}")).await;
        assert_eq!((answer.status, answer.code().as_str()), (415, "unsupported_encoding"));
        assert_eq!(answer.headers["accept-encoding"], "identity");
    }
    assert_eq!(client.ask(&post("Content-Encoding: identity\r\n", "{")).await.status, 400);
    house.close().await;
}

#[tokio::test]
async fn s8_who_reads_nothing_of_its_answers_is_cut_off() {
    let times = Times { idle: Duration::from_secs(60), ..short() };
    let house = House::open(Guard::default(), times).await;
    let mut client = house.client().await;
    let requests = "GET / HTTP/1.1\r\nHost: bakery\r\n\r\n".repeat(100);
    // Until the buffers of both sides are full, and then until it is cut off.
    while client.write(&requests).await.is_ok() {}
    house.close().await;
}

#[tokio::test]
async fn s8_a_second_request_that_does_not_come_to_its_end_is_not_waited_for() {
    let times = Times { idle: LONG, ..short() };
    let house = House::open(Guard::default(), times).await;
    let mut client = house.client().await;
    assert_eq!(client.get("/healthz", "").await.status, 200);
    client.write("GET /healthz HT").await.unwrap();
    let start = Instant::now();
    client.closed().await;
    assert!(start.elapsed() < PROMPT);
    house.close().await;
}

#[tokio::test]
async fn slow_closing_and_half_a_request_do_not_hold_up_the_stop() {
    let times = Times { handshake: LONG, head: LONG, idle: LONG, write: LONG, closing: LONG };
    // Whoever listens at a port that is free again may be somebody else, but not each time.
    for _ in 0..3 {
        let house = House::open(Guard::default(), times).await;
        let mut idle = house.client().await;
        assert_eq!(idle.get("/healthz", "").await.status, 200);
        let mut half = house.client().await;
        half.write("GET / HT").await.unwrap();
        let silent = TcpStream::connect(house.addr).await.unwrap();
        let addr = house.addr;
        let took = house.close().await;
        assert!(took < PROMPT, "{took:?}");
        idle.closed().await;
        half.closed().await;
        drop(silent);
        if TcpStream::connect(addr).await.is_err() {
            return;
        }
    }
    panic!("somebody is still listening");
}
