//! The server with the whole router, whose bus is away, and clients of every kind, down to the bytes.

mod attacks;
mod client;
mod crowd;
mod headers;
mod tls;
mod upgrade;

use super::attend::Hall;
use super::seat::Times;
use super::{Door, Tls};
use crate::config::Guard;
use crate::router::router;
use crate::router::tests::offline;
use axum::Router;
use client::Client;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

/// Nothing that a test waits for takes longer. Where a time must not be what something waits for, that is
/// [`LONG`].
const WAIT_S: u64 = 30;
/// A time that no test waits for: it would fail before.
const LONG: Duration = Duration::from_secs(600);
/// What must not wait for such a time is done by then, on any machine.
const PROMPT: Duration = Duration::from_secs(10);

/// A running server.
struct House {
    addr: SocketAddr,
    stop: CancellationToken,
    server: AbortOnDropHandle<()>,
}

/// Times that a test can wait for.
fn short() -> Times {
    Times {
        handshake: Duration::from_secs(1),
        head: Duration::from_secs(1),
        idle: Duration::from_secs(1),
        write: Duration::from_secs(1),
        closing: Duration::from_secs(1),
    }
}

impl House {
    async fn open(guard: Guard, times: Times) -> Self {
        let app = crate::app::App { guard: Arc::new(guard.clone()), ..offline().await };
        Self::open_with(router(app), guard, times).await
    }

    async fn open_with(router: Router, guard: Guard, times: Times) -> Self {
        // Both ends of all connections are in this process.
        let files = getrlimit(Resource::Nofile);
        setrlimit(Resource::Nofile, Rlimit { current: files.maximum, ..files }).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let tls = guard.tls.as_ref().map(|files| Arc::new(Tls::open(files).unwrap()));
        if let Some(tls) = tls.clone() {
            tokio::spawn(tls.watch(stop.clone()));
        }
        let hall = Hall { router, tls, stop: stop.clone() };
        let door = Door::new(hall, &guard, times);
        let server = AbortOnDropHandle::new(tokio::spawn(door.attend(listener)));
        Self { addr, stop, server }
    }

    async fn client(&self) -> Client<TcpStream> {
        Client::new(TcpStream::connect(self.addr).await.unwrap())
    }

    /// Tells it to stop, and says how long it took.
    async fn close(self) -> Duration {
        let start = std::time::Instant::now();
        self.stop.cancel();
        within(self.server).await.unwrap();
        start.elapsed()
    }
}

async fn within<T>(what: impl Future<Output = T>) -> T {
    let limit = Duration::from_secs(WAIT_S);
    tokio::time::timeout(limit, what).await.expect("it takes too long")
}
