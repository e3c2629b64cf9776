//! Health: what a service depends on, asked now; over HTTP for containers (`/healthz` is alive,
//! `/readyz` is alive and everything it needs answers) and over the bus for the gateway. Where health
//! is served, `/metrics` is as well.

use crate::metrics;
use async_nats::connection::State as ConnectionState;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use axum::{Json, Router};
use bakery_nats::Pool;
use bakery_nats::connect::Bus;
use bakery_nats::requests::health::{Dependency, Health, State};
use futures::FutureExt;
use std::future::{Future, IntoFuture};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// A dependency that has not answered by then is down.
const PROBE_TIMEOUT_MS: u64 = 1500;
/// Requests that are under way when the service stops have so long.
const DRAIN_S: u64 = 1;

/// What a service with a database depends on.
#[derive(Clone)]
pub struct Probes {
    /// The bus.
    pub bus: Bus,
    /// The database.
    pub pool: Pool,
}

impl Probes {
    /// Asks both at once.
    pub async fn report(&self) -> Health {
        let (postgres, nats) = tokio::join!(
            probe("postgres", crate::database::ping(&self.pool)),
            probe("nats", ping_bus(&self.bus)),
        );
        Health::of(vec![postgres, nats])
    }
}

/// Asks one dependency, and takes the time.
pub async fn probe(name: &str, check: impl Future<Output = Result<(), String>>) -> Dependency {
    let start = Instant::now();
    let timed = tokio::time::timeout(Duration::from_millis(PROBE_TIMEOUT_MS), check).await;
    let detail = match timed {
        Ok(Ok(())) => None,
        // Why is for the log: it may name hosts and roles, and anybody may ask.
        Ok(Err(reason)) => {
            tracing::warn!(dependency = name, reason, "it does not answer");
            Some("it does not answer".to_owned())
        }
        Err(_) => Some(format!("no answer within {PROBE_TIMEOUT_MS} ms")),
    };
    Dependency {
        name: name.to_owned(),
        state: if detail.is_none() { State::Up } else { State::Down },
        latency_ms: u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX),
        detail,
    }
}

/// Whether the bus is connected. The client pings the server every few seconds and knows within
/// ten when it is silent (`bakery_nats::connect`).
pub async fn ping_bus(bus: &Bus) -> Result<(), String> {
    if bus.client.connection_state() != ConnectionState::Connected {
        return Err("not connected".to_owned());
    }
    Ok(())
}

/// Serves `/healthz`, `/readyz` and `/metrics` until it is told to stop.
pub async fn serve(
    addr: SocketAddr,
    probes: Probes,
    stop: CancellationToken,
) -> Result<impl Future<Output = ()>, std::io::Error> {
    let listener = TcpListener::bind(addr).await?;
    let router = Router::new()
        .route("/healthz", get(async || "alive\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(async || ([(CONTENT_TYPE, metrics::CONTENT_TYPE)], metrics::text())))
        .with_state(probes);
    Ok(answer(listener, router, stop))
}

/// Answers until it is told to stop, and whoever has asked by then. Half a request, which has no end,
/// does not keep the service open.
async fn answer(listener: TcpListener, router: Router, stop: CancellationToken) {
    let stopped = stop.clone().cancelled_owned();
    let server = axum::serve(listener, router).with_graceful_shutdown(stopped).into_future();
    let late = stop.cancelled().then(|()| tokio::time::sleep(Duration::from_secs(DRAIN_S)));
    tokio::select! {
        ended = server => {
            if let Err(error) = ended {
                tracing::error!(%error, "the health endpoint ended");
            }
        }
        () = late => {}
    }
}

async fn ready(Shared(probes): Shared<Probes>) -> (StatusCode, Json<Health>) {
    let health = probes.report().await;
    let status = match health.state {
        State::Up => StatusCode::OK,
        State::Down => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, Json(health))
}

#[cfg(test)]
mod tests {
    use super::answer;
    use axum::Router;
    use std::time::Duration;
    use tokio::io::AsyncWriteExt;
    use tokio::net::{TcpListener, TcpStream};
    use tokio_util::sync::CancellationToken;

    /// Nothing that a test waits for takes longer.
    const WAIT_S: u64 = 30;

    #[tokio::test]
    async fn half_a_request_does_not_keep_the_service_open() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let answering = tokio::spawn(answer(listener, Router::new(), stop.clone()));
        let mut client = TcpStream::connect(addr).await.unwrap();
        client.write_all(b"GET /healthz HTTP/1.1\r\nHost: a").await.unwrap();
        // Until it is taken: another one behind it is answered.
        let mut other = TcpStream::connect(addr).await.unwrap();
        other.write_all(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
        other.readable().await.unwrap();
        stop.cancel();
        tokio::time::timeout(Duration::from_secs(WAIT_S), answering).await.unwrap().unwrap();
    }
}
