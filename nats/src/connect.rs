//! The connection of one service to NATS.

use async_nats::connection::State;
use async_nats::jetstream::{self, context::ContextBuilder};
use async_nats::{Client, ConnectOptions, Event};
use semver::Version;
use std::time::Duration;
use tokio::time::timeout;

/// Older servers skip messages after a lost tail (W10) and cannot reset a consumer.
pub const SERVER_VERSION_MIN: Version = Version::new(2, 14, 0);
/// How long a start waits for a server, in tries of [`CONNECT_PAUSE_MS`].
const CONNECT_TRIES: u32 = 60;
const CONNECT_PAUSE_MS: u64 = 500;
/// Bounds every request and every JetStream call.
const REQUEST_TIMEOUT_S: u64 = 3;
/// How long a close waits for the last messages to leave.
const CLOSE_WAIT_S: u64 = 1;
const CONNECTION_TIMEOUT_S: u64 = 2;
/// A dead peer is noticed after two missed pings.
const PING_INTERVAL_S: u64 = 5;
const PUBLISHES_IN_FLIGHT_MAX: usize = 4000;

/// Where NATS is and who we are there.
#[derive(Clone, Debug)]
pub struct BusConfig {
    /// Such as `nats://127.0.0.1:4222`; several are parted by commas.
    pub url: String,
    /// The service's user; its inbox prefix is `_INBOX_<user>`.
    pub user: String,
    /// Its password.
    pub password: String,
}

impl BusConfig {
    /// The URL without a user and password, if somebody put them in: for people and logs.
    fn address(&self) -> &str {
        self.url.rsplit_once('@').map_or(&self.url, |(_, address)| address)
    }
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The server did not answer, or refused us.
    #[error("no connection to NATS at {url} as {user}")]
    Connect {
        /// Where.
        url: String,
        /// As whom.
        user: String,
        /// What the client library says.
        source: async_nats::ConnectError,
    },
    /// The server is too old to be safe.
    #[error("nats-server {found} is too old: {SERVER_VERSION_MIN} or later is needed")]
    TooOld {
        /// Its version.
        found: String,
    },
}

/// One service's connection: core NATS and JetStream.
#[derive(Clone, Debug)]
pub struct Bus {
    /// Core NATS: requests and subscriptions.
    pub client: Client,
    /// JetStream.
    pub context: jetstream::Context,
}

impl Bus {
    /// Sends what is still in the client's buffer and closes the connection. Without a connection
    /// it stays there: what was not acknowledged comes again. Returns false then, or when it takes
    /// too long.
    pub async fn close(self) -> bool {
        let connected = self.client.connection_state() == State::Connected;
        if !connected || self.client.drain().await.is_err() {
            return false;
        }
        // The library says nothing when it is done, but then takes no command any more.
        let closed = async { while self.client.flush().await.is_ok() {} };
        timeout(Duration::from_secs(CLOSE_WAIT_S), closed).await.is_ok()
    }
}

/// Connects, retries while the server is not there yet, and refuses one that is too old.
pub async fn connect(config: &BusConfig) -> Result<Bus, ConnectError> {
    let mut tries = 1;
    let client = loop {
        match options(config).connect(&config.url).await {
            Ok(client) => break client,
            Err(source) if tries == CONNECT_TRIES || is_refusal(&source) => {
                let (url, user) = (config.address().to_owned(), config.user.clone());
                return Err(ConnectError::Connect { url, user, source });
            }
            Err(error) => tracing::info!(tries, %error, "waiting for NATS at {}", config.address()),
        }
        tries += 1;
        tokio::time::sleep(Duration::from_millis(CONNECT_PAUSE_MS)).await;
    };
    let found = client.server_info().version;
    match Version::parse(&found) {
        Ok(version) if version >= SERVER_VERSION_MIN => {}
        _ => return Err(ConnectError::TooOld { found }),
    }
    let context = ContextBuilder::new()
        .timeout(Duration::from_secs(REQUEST_TIMEOUT_S))
        .max_ack_inflight(PUBLISHES_IN_FLIGHT_MAX)
        .build(client.clone());
    Ok(Bus { client, context })
}

fn options(config: &BusConfig) -> ConnectOptions {
    ConnectOptions::with_user_and_password(config.user.clone(), config.password.clone())
        .name(format!("bakery-{}", config.user))
        .custom_inbox_prefix(format!("_INBOX_{}", config.user))
        .connection_timeout(Duration::from_secs(CONNECTION_TIMEOUT_S))
        .request_timeout(Some(Duration::from_secs(REQUEST_TIMEOUT_S)))
        .ping_interval(Duration::from_secs(PING_INTERVAL_S))
        .max_reconnects(None)
        .event_callback(|event| async move { log(&event) })
}

/// A denied publish looks like a time-out to the caller; only this event names it.
fn log(event: &Event) {
    match event {
        Event::ServerError(error) => tracing::error!(%error, "NATS refuses"),
        Event::ClientError(error) => tracing::warn!(%error, "NATS client"),
        Event::Connected | Event::Draining | Event::Closed => {
            tracing::debug!(%event, "NATS connection")
        }
        Event::SlowConsumer(_) => tracing::warn!("NATS: messages were dropped, we are too slow"),
        other => tracing::warn!(event = %other, "NATS connection"),
    }
}

fn is_refusal(error: &async_nats::ConnectError) -> bool {
    use async_nats::ConnectErrorKind::{Authentication, AuthorizationViolation, ServerParse};
    matches!(error.kind(), Authentication | AuthorizationViolation | ServerParse)
}
