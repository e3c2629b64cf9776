//! The connection to Redis, which everything that uses it can do without: whatever fails here is
//! left alone for a moment.

use crate::circuit::Circuit;
use fred::clients::Client;
use fred::error::Error;
use fred::interfaces::ClientLike;
use fred::types::Builder;
use fred::types::config::{Config, ReconnectPolicy, TcpConfig};
use std::future::Future;
use std::time::{Duration, Instant};
use tokio_util::task::AbortOnDropHandle;

/// Asking the owner takes little longer, so nobody waits longer.
const COMMAND_TIMEOUT_MS: u64 = 50;
const CONNECTION_TIMEOUT_MS: u64 = 2000;
/// A connection that is silent for so long is replaced.
const SILENCE_MAX_MS: u64 = 5000;
const RECONNECT_PAUSE_MIN_MS: u32 = 100;
const RECONNECT_PAUSE_MAX_MS: u32 = 2000;
/// Commands that wait for their turn; more fail.
const COMMANDS_WAITING_MAX: usize = 1024;

/// Redis.
pub(crate) struct Redis {
    client: Client,
    /// Connects again and again, for as long as this value lives.
    _connection: AbortOnDropHandle<Result<(), Error>>,
    circuit: Circuit,
}

impl Redis {
    /// Starts connecting, and goes on trying for ever.
    ///
    /// # Errors
    /// The address cannot be read.
    pub(crate) fn open(url: &str) -> Result<Self, Error> {
        let client = client(url)?;
        let connection = AbortOnDropHandle::new(client.connect());
        Ok(Self { client, _connection: connection, circuit: Circuit::default() })
    }

    /// For what must be tried even now.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Where it is worth asking.
    pub(crate) fn usable(&self) -> Option<&Client> {
        let usable = self.client.is_connected() && self.circuit.allows(Instant::now());
        usable.then_some(&self.client)
    }

    /// What came of a command; nothing where it failed.
    pub(crate) async fn tried<T>(
        &self,
        command: impl Future<Output = Result<T, Error>>,
    ) -> Option<T> {
        match command.await {
            Ok(value) => {
                self.circuit.succeed(Instant::now());
                Some(value)
            }
            Err(error) => {
                if self.circuit.fail(Instant::now()) {
                    tracing::warn!(%error, "Redis fails; the gateway goes on without it");
                }
                None
            }
        }
    }

    /// Asks for a sign of life.
    pub(crate) async fn ping(&self) -> Result<(), String> {
        if !self.client.is_connected() {
            return Err("not connected".to_owned());
        }
        self.client.ping::<()>(None).await.map_err(|error| error.to_string())
    }

    /// Ends the connection.
    pub(crate) async fn close(&self) {
        if let Err(error) = self.client.quit().await {
            tracing::debug!(%error, "Redis was not left in peace");
        }
    }
}

fn client(url: &str) -> Result<Client, Error> {
    let mut config = Config::from_url(url)?;
    // Here "fast" would mean: never again after a first connection that failed.
    config.fail_fast = false;
    Builder::from_config(config)
        .with_performance_config(|performance| {
            performance.default_command_timeout = Duration::from_millis(COMMAND_TIMEOUT_MS);
        })
        .with_connection_config(|connection| {
            connection.connection_timeout = Duration::from_millis(CONNECTION_TIMEOUT_MS);
            connection.internal_command_timeout = Duration::from_millis(CONNECTION_TIMEOUT_MS);
            connection.max_command_attempts = 1;
            connection.max_command_buffer_len = COMMANDS_WAITING_MAX;
            connection.unresponsive.max_timeout = Some(Duration::from_millis(SILENCE_MAX_MS));
            connection.tcp = TcpConfig { nodelay: Some(true), ..TcpConfig::default() };
        })
        // Attempts without end.
        .set_policy(ReconnectPolicy::new_exponential(
            0,
            RECONNECT_PAUSE_MIN_MS,
            RECONNECT_PAUSE_MAX_MS,
            2,
        ))
        .build()
}

#[cfg(test)]
mod tests {
    use super::Redis;

    #[tokio::test]
    async fn an_address_that_is_none_is_refused() {
        assert!(Redis::open("what?").is_err());
    }
}
