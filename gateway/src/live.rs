//! Live updates: what the log says of orders and of the shelf, to everybody who looks on.
//!
//! One subscription (`feed`) fills one ring of recent events (`ring`), from which every connection
//! is served through a queue of its own (`hub`). Who does not keep up is cut off; nothing here grows
//! with what a client does not read. A connection's place in the log is the stream's own number, so
//! it can go on at another gateway, or at this one after a restart.

pub(crate) mod cut;
pub(crate) mod event;
pub(crate) mod feed;
pub(crate) mod hub;
pub(crate) mod keeper;
pub(crate) mod listener;
pub(crate) mod place;
pub(crate) mod ring;
pub(crate) mod shelf;
pub(crate) mod snapshot;
pub(crate) mod socket;
pub(crate) mod stream;

use crate::config::Guard;
use crate::server::connections_max;
use hub::Hub;
use keeper::Keeper;
use place::Rooms;
use shelf::Shelves;
use snapshot::Snapshots;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

/// Live connections in all. Plain requests need places besides, so half of all connections at the
/// most are live.
const CONNECTIONS_MAX: usize = 2048;
/// Live connections of one user: a screen or a tab is one.
const PER_USER_MAX: usize = 32;
/// Live connections from one address, of those who show no token, and of all: a house with many people
/// in it has one address, and anybody can be many guests.
const PER_STRANGERS_MAX: usize = 64;
const PER_ADDRESS_MAX: usize = 512;
/// Events that wait for one connection; with one more it is cut off.
const QUEUE_EVENTS_MAX: usize = 256;
/// Silence is broken so often, for the sake of proxies and of clients that want to know.
const HEARTBEAT_S: u64 = 15;
/// The longest life of a connection; then its client connects anew, maybe elsewhere.
const LIFE_MAX_S: u64 = 3600;
/// How old a snapshot may be: what came after it is said besides.
const SNAPSHOT_LIFE_MS: u64 = 1000;
/// One write to a WebSocket takes no longer. The server cuts off other connections by itself.
const WRITE_TIMEOUT_S: u64 = 10;
/// At the end, WebSockets have so long to say goodbye.
const CLOSE_TIMEOUT_MS: u64 = 1500;

/// How much is taken on. Its default is what holds, but in tests.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) connections_max: usize,
    pub(crate) per_user_max: usize,
    pub(crate) per_strangers_max: usize,
    pub(crate) per_address_max: usize,
    pub(crate) queue_events_max: usize,
    pub(crate) heartbeat: Duration,
    pub(crate) life_max: Duration,
    pub(crate) snapshot_life: Duration,
    pub(crate) write: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connections_max: CONNECTIONS_MAX,
            per_user_max: PER_USER_MAX,
            per_strangers_max: PER_STRANGERS_MAX,
            per_address_max: PER_ADDRESS_MAX,
            queue_events_max: QUEUE_EVENTS_MAX,
            heartbeat: Duration::from_secs(HEARTBEAT_S),
            life_max: Duration::from_secs(LIFE_MAX_S),
            snapshot_life: Duration::from_millis(SNAPSHOT_LIFE_MS),
            write: Duration::from_secs(WRITE_TIMEOUT_S),
        }
    }
}

/// Everything live of one gateway.
pub(crate) struct Live {
    /// How much is taken on.
    pub(crate) bounds: Bounds,
    /// From the log to the connections.
    pub(crate) hub: Arc<Hub>,
    /// How things stand, for who begins to look.
    pub(crate) snapshots: Snapshots,
    /// What can be bought at the branches whose shelf is looked at.
    pub(crate) shelves: Shelves,
    /// Whose connections these are, and whether they still may.
    pub(crate) keeper: Arc<Keeper>,
    /// Room for connections.
    pub(crate) rooms: Arc<Rooms>,
    /// WebSockets that are open; the server does not wait for them.
    pub(crate) sockets: TaskTracker,
}

impl Live {
    /// Without connections.
    pub(crate) fn new(guard: &Guard, bounds: Bounds) -> Self {
        let half = (connections_max(guard.connections_max.get()) / 2).max(1);
        let bounds = Bounds { connections_max: bounds.connections_max.min(half), ..bounds };
        Self {
            bounds,
            hub: Arc::new(Hub::default()),
            snapshots: Snapshots::default(),
            shelves: Shelves::default(),
            keeper: Arc::new(Keeper::default()),
            rooms: Arc::new(Rooms::new(&bounds, guard)),
            sockets: TaskTracker::new(),
        }
    }

    /// Waits until all WebSockets have said goodbye, or the time for it is over.
    pub(crate) async fn close(&self) {
        self.sockets.close();
        let limit = Duration::from_millis(CLOSE_TIMEOUT_MS);
        if timeout(limit, self.sockets.wait()).await.is_err() {
            tracing::debug!("some WebSockets did not say goodbye");
        }
    }
}
