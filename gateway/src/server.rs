//! Takes connections and answers on them, within bounds: so many in all and from one address, so
//! much time for every step (`seat.rs`), so many bytes of head.

mod answer;
mod attend;
mod files;
mod lane;
mod places;
mod refusal;
mod seat;
mod talk;
mod tls;

pub(crate) use files::connections_max;
pub(crate) use tls::{Tls, TlsError};

use crate::config::Guard;
use attend::{Hall, attend};
use axum::Router;
use places::{Limits, Places};
use seat::Times;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The request line and the headers together.
const HEAD_BYTES_MAX: usize = 16 * 1024;
/// What of one connection waits to be read, and to be written.
const IO_BYTES_MAX: usize = 32 * 1024;
/// How often is looked for connections that take too long.
const SWEEP_PAUSE_MS: u64 = 500;
/// Where no connection can be taken, the next try is so much later.
const ACCEPT_PAUSE_MS: u64 = 100;
/// After the stop, requests in hand have so long to end. Connections that say nothing would keep
/// the gateway open for ever.
const DRAIN_TIMEOUT_S: u64 = 3;
/// Operators are told of refused connections at most so often.
const WARNING_PAUSE_S: u64 = 30;

/// Answers until it is told to stop, then until nothing is in hand any more.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    guard: &Guard,
    tls: Option<Arc<Tls>>,
    stop: CancellationToken,
) {
    let hall = Hall { router, tls, stop };
    Door::new(hall, guard, Times::default()).attend(listener).await;
}

/// Where connections come in.
struct Door {
    hall: Hall,
    places: Arc<Places>,
    connections: TaskTracker,
    /// Cuts off what is still open.
    end: CancellationToken,
    refused: u64,
    warned: Option<Instant>,
}

impl Door {
    fn new(hall: Hall, guard: &Guard, times: Times) -> Self {
        let end = CancellationToken::new();
        let max = files::connections_max(guard.connections_max.get());
        let places = Arc::new(Places::new(Limits::of(guard, max), times, end.clone()));
        let connections = TaskTracker::new();
        Self { hall, places, connections, end, refused: 0, warned: None }
    }

    async fn attend(mut self, listener: TcpListener) {
        let stop = self.hall.stop.clone();
        let mut sweep = interval(Duration::from_millis(SWEEP_PAUSE_MS));
        sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                now = sweep.tick() => self.sweep(now),
                accepted = listener.accept() => match accepted {
                    Ok((tcp, peer)) => self.open(tcp, peer),
                    Err(error) => self.fail(&error).await,
                },
            }
        }
        // Whoever comes now must find nobody here.
        drop(listener);
        self.drain(sweep).await;
    }

    async fn drain(mut self, mut sweep: Interval) {
        self.connections.close();
        let mut overdue = pin!(sleep(Duration::from_secs(DRAIN_TIMEOUT_S)));
        loop {
            let connections = self.connections.clone();
            tokio::select! {
                () = connections.wait() => break,
                now = sweep.tick() => self.sweep(now),
                () = overdue.as_mut(), if !self.end.is_cancelled() => {
                    tracing::warn!("connections are cut off after {DRAIN_TIMEOUT_S} s");
                    self.end.cancel();
                }
            }
        }
    }

    fn open(&mut self, tcp: TcpStream, peer: SocketAddr) {
        match self.places.take(peer.ip(), Instant::now()) {
            Some(place) => {
                let served = attend(self.hall.clone(), tcp, peer, place);
                self.connections.spawn(served);
            }
            None => self.refused += 1,
        }
    }

    fn sweep(&mut self, now: Instant) {
        self.places.sweep(now);
        let pause = Duration::from_secs(WARNING_PAUSE_S);
        if self.refused > 0 && self.warned.is_none_or(|warned| now >= warned + pause) {
            tracing::warn!(refused = self.refused, "connections were refused: there are too many");
            (self.refused, self.warned) = (0, Some(now));
        }
    }

    /// A connection could not be taken: it is gone again, or the process has no more files. Then
    /// quiet ones make room; trying again at once would only burn time.
    async fn fail(&mut self, error: &io::Error) {
        use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted};
        if matches!(error.kind(), ConnectionAborted | ConnectionReset | Interrupted) {
            return;
        }
        let room = self.places.shrink();
        self.refused += 1;
        tracing::debug!(%error, room, "no connection can be taken");
        sleep(Duration::from_millis(ACCEPT_PAUSE_MS)).await;
    }
}

#[cfg(test)]
mod tests;
