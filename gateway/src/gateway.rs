//! The running gateway: what it stands on is started here, and ended here in turn.

use crate::app::App;
use crate::cache::Cache;
use crate::config::Config;
use crate::router::router;
use crate::routes::health;
use crate::watch::{self, Watch};
use axum::serve::ListenerExt;
use bakery_chassis::StartError;
use bakery_nats::connect::connect;
use bakery_nats::serve::Desk;
use std::future::IntoFuture;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// After the stop, requests in hand have so long to end. Connections that say nothing would keep
/// the gateway open for ever.
const DRAIN_TIMEOUT_S: u64 = 3;
/// Leaving Redis takes no longer.
const CLOSE_TIMEOUT_MS: u64 = 500;

/// A gateway that listens and is about to answer.
pub struct Gateway {
    listener: TcpListener,
    addr: SocketAddr,
    app: App,
    desk: Desk,
    tasks: TaskTracker,
}

impl Gateway {
    /// Takes the port, connects to NATS, and begins to connect to Redis.
    pub async fn start(config: &Config, stop: CancellationToken) -> Result<Self, StartError> {
        let addr = config.http_addr;
        let taken = |source| StartError::Listen { addr, source };
        let listener = TcpListener::bind(addr).await.map_err(taken)?;
        let addr = listener.local_addr().map_err(taken)?;
        let cache = Cache::open(config.redis_url.as_deref()).map_err(|error| {
            StartError::Service(format!("REDIS_URL cannot be read: {}", error.details()))
        })?;
        let bus = connect(&config.bus).await?;
        let events = watch::subscribe(&bus.client).await.map_err(|error| {
            StartError::Service(format!("the gateway cannot listen to orders: {error}"))
        })?;
        let (watch, tasks) = (Arc::new(Watch::default()), TaskTracker::new());
        tasks.spawn(watch.clone().run(events, stop.clone()));
        let app = App { bus, cache: Arc::new(cache), watch, stop };
        let desk = health::desk(&app, tasks.clone()).await?;
        Ok(Self { listener, addr, app, desk, tasks })
    }

    /// Where it listens: the real port where any free one was asked for.
    pub fn local_addr(&self) -> SocketAddr {
        self.addr
    }

    /// Answers until it is told to stop, then until nothing is in hand any more.
    pub async fn run(self) {
        let Self { listener, addr, app, desk, tasks } = self;
        tracing::info!("open at http://{addr}");
        serve(listener, app.clone()).await;
        desk.close().await;
        tasks.close();
        tasks.wait().await;
        let limit = Duration::from_millis(CLOSE_TIMEOUT_MS);
        if tokio::time::timeout(limit, app.cache.close()).await.is_err() {
            tracing::debug!("Redis did not say goodbye");
        }
        if !app.bus.close().await {
            tracing::debug!("NATS did not say goodbye");
        }
        tracing::info!("closed");
    }
}

async fn serve(listener: TcpListener, app: App) {
    // Small answers must not wait for an acknowledgement.
    let listener = listener.tap_io(|connection| {
        if let Err(error) = connection.set_nodelay(true) {
            tracing::debug!(%error, "a connection stays slow");
        }
    });
    let stop = app.stop.clone();
    let overdue = async {
        stop.cancelled().await;
        tokio::time::sleep(Duration::from_secs(DRAIN_TIMEOUT_S)).await;
    };
    let server = axum::serve(listener, router(app))
        .with_graceful_shutdown(stop.clone().cancelled_owned())
        .into_future();
    tokio::select! {
        ended = server => {
            if let Err(error) = ended {
                tracing::error!(%error, "the server ended");
            }
        }
        () = overdue => tracing::warn!("connections are cut off after {DRAIN_TIMEOUT_S} s"),
    }
}
