//! The streams and consumers, from the JSON files in `nats/` that `nats stream add --config` reads
//! as well.
//!
//! Making them needs a user that may read everything, so services do not do it themselves: the
//! user `deploy` does (`bakery nats apply`; `bakery up` by itself), and services wait for it.

use async_nats::jetstream::{self, consumer, stream};

/// The one log of commands, events and ticks.
pub const STREAM: &str = "BAKERY";

/// The consumer that says news to every gateway, and where it says them. It is made by `deploy` like
/// the others: a gateway that could make one of its own could have any stored message said on any
/// subject.
pub const LIVE: &str = "live";
/// See [`LIVE`].
pub const LIVE_SUBJECT: &str = "bakery.live";

/// The streams, as JSON.
pub const STREAMS: [&str; 3] = [
    include_str!("../streams/BAKERY.json"),
    include_str!("../streams/DEAD.json"),
    include_str!("../streams/ADVISORIES.json"),
];

/// The durable consumers of [`STREAM`], as JSON.
pub const CONSUMERS: [&str; 6] = [
    include_str!("../consumers/BAKERY.inventory.json"),
    include_str!("../consumers/BAKERY.orders.json"),
    include_str!("../consumers/BAKERY.bank.json"),
    include_str!("../consumers/BAKERY.scheduler.json"),
    include_str!("../consumers/BAKERY.gateway.json"),
    include_str!("../consumers/BAKERY.live.json"),
];

/// Why the topology could not be made or checked.
#[derive(Debug, thiserror::Error)]
pub enum TopologyError {
    /// A definition is not valid JSON of its kind.
    #[error("a stream or consumer definition cannot be read")]
    Definition(#[from] serde_json::Error),
    /// The server refused a stream.
    #[error("the stream {name} cannot be made")]
    Stream {
        /// Its name.
        name: String,
        /// What the server says.
        source: jetstream::context::CreateStreamError,
    },
    /// The server refused a consumer.
    #[error("the consumer {name} cannot be made")]
    Consumer {
        /// Its name.
        name: String,
        /// What the server says.
        source: stream::ConsumerError,
    },
    /// A check could not be made.
    #[error("the consumer {name} cannot be checked: {reason}")]
    Check {
        /// The consumer.
        name: String,
        /// What the server says.
        reason: String,
    },
}

/// Makes or updates every stream and consumer; the same call twice changes nothing.
pub async fn apply(context: &jetstream::Context, replicas: usize) -> Result<(), TopologyError> {
    for json in STREAMS {
        let mut config: stream::Config = serde_json::from_str(json)?;
        config.num_replicas = replicas;
        let name = config.name.clone();
        context
            .create_or_update_stream(config)
            .await
            .map_err(|source| TopologyError::Stream { name, source })?;
    }
    for json in CONSUMERS {
        let config: consumer::Config = serde_json::from_str(json)?;
        let name = config.durable_name.clone().unwrap_or_default();
        let failed = |source| TopologyError::Consumer { name: name.clone(), source };
        let stream = context.get_stream_no_info(STREAM).await.map_err(|error| {
            TopologyError::Check { name: name.clone(), reason: error.to_string() }
        })?;
        stream.create_consumer(config).await.map_err(failed)?;
    }
    Ok(())
}

/// Where a consumer stands against its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The newest message in the stream.
    pub stream_last: u64,
    /// The newest message the consumer has handed out.
    pub delivered: u64,
    /// Everything up to here is acknowledged.
    pub ack_floor: u64,
}

impl Standing {
    /// True when the consumer remembers messages that the stream lost: it would skip the new
    /// messages that get the lost ones' numbers (W10, R11).
    pub fn is_ahead(self) -> bool {
        self.delivered > self.stream_last || self.ack_floor > self.stream_last
    }
}

/// Sets a consumer that is ahead of its stream back to the beginning; the records make every
/// message that comes again harmless. Returns true if it had to.
///
/// A server heals what it finds at its own start, and knows where the log was cut; this is for what
/// it did not find. By now the stream may have grown again, over the numbers of what was lost, and
/// nobody can tell where: only the beginning skips nothing.
pub async fn heal(context: &jetstream::Context, name: &str) -> Result<bool, TopologyError> {
    let check = |reason: String| TopologyError::Check { name: name.to_owned(), reason };
    let stream =
        context.get_stream_no_info(STREAM).await.map_err(|error| check(error.to_string()))?;
    // The consumer first: the stream only grows, so a message that comes between the two questions
    // cannot make a healthy consumer look ahead of it.
    let info = stream.consumer_info(name).await.map_err(|error| check(error.to_string()))?;
    let state = stream.get_info().await.map_err(|error| check(error.to_string()))?.state;
    let standing = Standing {
        stream_last: state.last_sequence,
        delivered: info.delivered.stream_sequence,
        ack_floor: info.ack_floor.stream_sequence,
    };
    if !standing.is_ahead() {
        return Ok(false);
    }
    tracing::error!(consumer = name, ?standing, "the stream lost its tail: reading it again");
    stream.reset_consumer(name, Some(1)).await.map_err(|error| check(error.to_string()))?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::Standing;

    #[test]
    fn a_consumer_ahead_of_its_stream_is_noticed() {
        let even = Standing { stream_last: 10, delivered: 10, ack_floor: 10 };
        assert!(!even.is_ahead());
        assert!(Standing { delivered: 11, ..even }.is_ahead());
        assert!(Standing { ack_floor: 11, ..even }.is_ahead());
    }
}
