//! Putting messages into the stream: all of a batch at once, then every acknowledgement.

use crate::envelope::Wire;
use async_nats::jetstream::{self, context::PublishErrorKind, message::PublishMessage};
use futures::future::join_all;
use std::future::Future;
use std::time::Duration;

/// How often a message is offered to the stream before the batch is given back.
const PUBLISH_TRIES: u32 = 5;
/// Pause after the first failed try; it doubles with each.
const PUBLISH_PAUSE_MS: u64 = 100;

/// Why messages are not known to be in the stream. Some may be: send them again with the same ids.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The stream did not take it, or its acknowledgement did not come.
    #[error("{failed} of {all} messages are not known to be stored; the first is {message_id}")]
    Unknown {
        /// How many.
        failed: usize,
        /// Of how many.
        all: usize,
        /// The first of them.
        message_id: String,
        /// What the client library says of it.
        source: jetstream::context::PublishError,
    },
}

/// Where a service's messages go. The bank puts its misbehaviour in front of the stream, tests
/// their own bus in its place.
pub trait Outlet: Send + Sync + 'static {
    /// Returns when every message is stored, or an error when that is not known.
    fn publish(&self, messages: Vec<Wire>)
    -> impl Future<Output = Result<(), PublishError>> + Send;
}

/// The stream itself.
#[derive(Clone, Debug)]
pub struct Stream {
    /// The JetStream client of the service.
    pub context: jetstream::Context,
}

impl Outlet for Stream {
    async fn publish(&self, messages: Vec<Wire>) -> Result<(), PublishError> {
        let all = messages.len();
        let mut open = messages;
        let mut pause = Duration::from_millis(PUBLISH_PAUSE_MS);
        for attempt in 1.. {
            let mut failures = self.offer(open).await;
            let Some((first, source)) = failures.pop() else {
                return Ok(());
            };
            if attempt == PUBLISH_TRIES || is_final(&source) {
                let message_id = first.message_id().to_owned();
                return Err(PublishError::Unknown {
                    failed: failures.len() + 1,
                    all,
                    message_id,
                    source,
                });
            }
            open = failures.into_iter().map(|(message, _)| message).chain([first]).collect();
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        Ok(())
    }
}

impl Stream {
    /// Sends all, then waits for all; gives back those that failed.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that publishes to the stream"
    )]
    async fn offer(&self, messages: Vec<Wire>) -> Vec<(Wire, jetstream::context::PublishError)> {
        let mut failures = Vec::new();
        let mut waiting = Vec::with_capacity(messages.len());
        for message in messages {
            let publish = PublishMessage::build()
                .headers(message.header_map())
                .payload(message.payload.clone());
            match self.context.send_publish(message.subject.clone(), publish).await {
                Ok(ack) => waiting.push(async move { (message, ack.await) }),
                Err(error) => failures.push((message, error)),
            }
        }
        for (message, result) in join_all(waiting).await {
            if let Err(error) = result {
                failures.push((message, error));
            }
        }
        failures
    }
}

/// Faults that another try in a moment cannot mend; the inputs come again by themselves.
fn is_final(error: &jetstream::context::PublishError) -> bool {
    matches!(
        error.kind(),
        PublishErrorKind::WrongLastSequence | PublishErrorKind::WrongLastMessageId
    )
}
