//! How far the log and its consumers are, in counters: a rate is the difference of two of them.

use async_nats::jetstream::Context;
use async_nats::jetstream::consumer::Info as ConsumerInfo;
use async_nats::jetstream::stream::Info as StreamInfo;
use bakery_nats::topology::{LIVE, STREAM};
use chrono::{DateTime, Utc};
use futures::{StreamExt, TryStreamExt};
use serde::Serialize;
use std::fmt::Display;
use utoipa::ToSchema;

/// Consumers that are shown.
const CONSUMERS_MAX: usize = 64;

/// A stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct StreamState {
    /// How many messages it holds.
    pub(crate) messages: u64,
    pub(crate) bytes: u64,
    /// It takes no more than that; null where there is no bound.
    pub(crate) bytes_max: Option<u64>,
    pub(crate) first_sequence: u64,
    /// Rises by one with each message.
    pub(crate) last_sequence: u64,
    /// Null where it is empty.
    pub(crate) first_at: Option<DateTime<Utc>>,
    pub(crate) last_at: Option<DateTime<Utc>>,
}

/// A durable consumer of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct ConsumerState {
    pub(crate) name: String,
    /// Whose it is.
    pub(crate) service: String,
    /// How often it was given a message; one that came again counts again.
    pub(crate) delivered: u64,
    /// Up to which of those all are acknowledged.
    pub(crate) acknowledged: u64,
    /// The newest message of the log that it was given.
    pub(crate) last_sequence: u64,
    /// Messages that it was not given yet.
    pub(crate) pending: u64,
    /// Messages that it has and did not acknowledge yet.
    pub(crate) ack_pending: u64,
    /// Those of them that came again.
    pub(crate) redelivered: u64,
    pub(crate) last_delivered_at: Option<DateTime<Utc>>,
}

/// How a stream stands.
///
/// # Errors
/// The bus does not say, in a few words.
pub(crate) async fn state(context: &Context, name: &'static str) -> Result<StreamState, String> {
    let stream = context.get_stream(name).await.map_err(|error| failed(name, &error))?;
    Ok(StreamState::of(stream.cached_info()))
}

/// How the durable consumers of the log stand, by name.
///
/// # Errors
/// The bus does not say, in a few words.
pub(crate) async fn consumers(context: &Context) -> Result<Vec<ConsumerState>, String> {
    let stream =
        context.get_stream_no_info(STREAM).await.map_err(|error| failed(STREAM, &error))?;
    let all = stream.consumers().take(CONSUMERS_MAX).try_collect::<Vec<_>>().await;
    let all = all.map_err(|error| failed(STREAM, &error))?;
    let durable = all.iter().filter(|info| info.config.durable_name.is_some());
    let mut consumers: Vec<ConsumerState> = durable.map(ConsumerState::of).collect();
    consumers.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(consumers)
}

impl StreamState {
    fn of(info: &StreamInfo) -> Self {
        let state = &info.state;
        let some = state.messages > 0;
        Self {
            messages: state.messages,
            bytes: state.bytes,
            bytes_max: u64::try_from(info.config.max_bytes).ok(),
            first_sequence: state.first_sequence,
            last_sequence: state.last_sequence,
            first_at: time(&state.first_timestamp).filter(|_| some),
            last_at: time(&state.last_timestamp).filter(|_| some),
        }
    }
}

impl ConsumerState {
    fn of(info: &ConsumerInfo) -> Self {
        let name = info.name.clone();
        // The others are called as their services are.
        let service = if name == LIVE { "gateway".to_owned() } else { name.clone() };
        let whole = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        Self {
            name,
            service,
            delivered: info.delivered.consumer_sequence,
            acknowledged: info.ack_floor.consumer_sequence,
            last_sequence: info.delivered.stream_sequence,
            pending: info.num_pending,
            ack_pending: whole(info.num_ack_pending),
            redelivered: whole(info.num_redelivered),
            last_delivered_at: info.delivered.last_active.as_ref().and_then(time),
        }
    }
}

/// The library's time as ours.
fn time(at: &async_nats::datetime::DateTime) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(at.unix_timestamp(), at.nanosecond())
}

/// Why is for the log: the library names its own inner parts.
fn failed(stream: &str, error: &dyn Display) -> String {
    tracing::warn!(%error, stream, "the bus does not say how a stream stands");
    "the message bus does not answer just now".to_owned()
}
