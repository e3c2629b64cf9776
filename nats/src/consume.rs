//! The pull loop of one service: fetch, process, publish, acknowledge. The services themselves
//! contain none of these.
//!
//! An input is acknowledged only when everything it caused is in the stream. While one batch is
//! being published the next is handled; at most [`BATCHES_IN_FLIGHT_MAX`] are between the two.

use crate::Pool;
use crate::connect::Bus;
use crate::dead;
use crate::envelope::{Delivered, Wire, read_meta};
use crate::error::HandlerError;
use crate::process::{Handler, Input, Outcome, process};
use crate::publish::Outlet;
use crate::request::Clock;
use crate::topology::{STREAM, heal};
use async_nats::jetstream::{self, AckKind, consumer::PullConsumer, consumer::pull};
use futures::{FutureExt, StreamExt};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Messages handled in one transaction, at most.
pub const BATCH_MAX: usize = 200;
/// Batches that are handled but not yet published and acknowledged.
const BATCHES_IN_FLIGHT_MAX: usize = 3;
/// With the library's defaults one of two workers stood still for 30 s after a reconnect.
const PULL_EXPIRES_S: u64 = 5;
const PULL_HEARTBEAT_S: u64 = 1;
const REOPEN_PAUSE_MS: u64 = 250;
/// Pause of fetching after a passing fault; it doubles up to the maximum.
const FAULT_PAUSE_MIN_MS: u64 = 200;
const FAULT_PAUSE_MAX_MS: u64 = 5000;
const HEAL_PERIOD_S: u64 = 60;

/// One service's consumer; its dead letters are handled once more by it as well (`retry.rs`).
pub struct Consumer<H: Handler, O: Outlet> {
    /// The connection it pulls over.
    pub bus: Bus,
    /// The database of the service.
    pub pool: Pool,
    /// What is done with a batch.
    pub handler: Arc<H>,
    /// Where its messages go.
    pub outlet: Arc<O>,
    /// The shop's clock: the time its messages carry.
    pub clock: Clock,
}

impl<H: Handler, O: Outlet> Consumer<H, O> {
    /// Pulls until it is told to stop, then finishes what is in hand.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let in_flight = Arc::new(Semaphore::new(BATCHES_IN_FLIGHT_MAX));
        let tasks = TaskTracker::new();
        tasks.spawn(heal_every_minute(self.bus.clone(), H::SERVICE, stop.clone()));
        let mut pause_ms = FAULT_PAUSE_MIN_MS;
        while !stop.is_cancelled() {
            let opened = stop.run_until_cancelled(open(&self.bus, H::SERVICE)).await;
            let mut messages = match opened {
                None => break,
                Some(Ok(messages)) => messages,
                Some(Err(error)) => {
                    tracing::warn!(consumer = H::SERVICE, error, "waiting for the consumer");
                    sleep_ms(REOPEN_PAUSE_MS * 4, &stop).await;
                    continue;
                }
            };
            let mut rest_ms = H::REST_MS;
            while let Some(next) =
                stop.run_until_cancelled(next_batch(&mut messages, rest_ms)).await
            {
                let Some(batch) = next else {
                    sleep_ms(REOPEN_PAUSE_MS, &stop).await;
                    break;
                };
                rest_ms = if batch.len() == BATCH_MAX { 0 } else { H::REST_MS };
                // A closed semaphore is impossible: it lives as long as this function.
                let Ok(place) = in_flight.clone().acquire_owned().await else { break };
                match self.handle(batch).await {
                    Ok(handled) => {
                        pause_ms = FAULT_PAUSE_MIN_MS;
                        let outlet = self.outlet.clone();
                        tasks.spawn(async move {
                            finish(outlet.as_ref(), handled).await;
                            drop(place);
                        });
                    }
                    Err(error) => {
                        tracing::warn!(
                            consumer = H::SERVICE,
                            error = error.chain(),
                            pause_ms,
                            "a passing fault: the batch comes again"
                        );
                        sleep_ms(pause_ms, &stop).await;
                        pause_ms = (pause_ms * 2).min(FAULT_PAUSE_MAX_MS);
                    }
                }
            }
            // At a stop others need not wait for `ack_wait` to get what was fetched ahead.
            give_back(&fetched_ahead(&mut messages)).await;
        }
        tasks.close();
        tasks.wait().await;
    }

    /// Reads and handles a batch. After a passing fault everything is given back to the stream.
    async fn handle(&self, batch: Vec<jetstream::Message>) -> Result<Handled, HandlerError> {
        let mut handled = Handled { wires: Vec::new(), inputs: Vec::with_capacity(batch.len()) };
        let mut readable = Vec::with_capacity(batch.len());
        let mut delivered = Vec::with_capacity(batch.len());
        for message in batch {
            match read::<H::Input>(&message, delivered.len()) {
                Ok(input) => {
                    delivered.push(input);
                    readable.push(message);
                }
                Err(reason) => handled.bury(H::SERVICE, message, &reason),
            }
        }
        let outcomes = if delivered.is_empty() {
            Vec::new()
        } else {
            match process(
                self.pool.clone(),
                self.handler.clone(),
                delivered,
                ((self.clock)(), false),
            )
            .await
            {
                Ok(outcomes) => outcomes,
                Err(error) => {
                    give_back(&readable).await;
                    give_back(&handled.inputs).await;
                    return Err(error);
                }
            }
        };
        for (message, outcome) in readable.into_iter().zip(outcomes) {
            match outcome {
                Outcome::Send(wires) => {
                    handled.wires.extend(wires);
                    handled.inputs.push(message);
                }
                Outcome::Dead(reason) => handled.bury(H::SERVICE, message, &reason),
            }
        }
        Ok(handled)
    }
}

/// A committed batch: what it sends, and the inputs to acknowledge after that.
struct Handled {
    wires: Vec<Wire>,
    inputs: Vec<jetstream::Message>,
}

impl Handled {
    fn bury(&mut self, service: &str, message: jetstream::Message, reason: &str) {
        let sequence = message.info().map(|info| info.stream_sequence).unwrap_or_default();
        tracing::error!(subject = %message.subject, sequence, reason, "a dead letter");
        self.wires.push(dead::letter(
            service,
            &message.subject,
            sequence,
            message.headers.as_ref(),
            message.payload.clone(),
            reason,
        ));
        self.inputs.push(message);
    }
}

fn read<I: Input>(message: &jetstream::Message, position: usize) -> Result<Delivered<I>, String> {
    let header =
        |name| message.headers.as_ref().and_then(|map| map.get(name)).map(|value| value.as_str());
    let meta = read_meta(&message.subject, header).map_err(|error| error.to_string())?;
    let body = I::decode(&meta.subject, &message.payload).map_err(|error| error.to_string())?;
    Ok(Delivered { position, meta, body })
}

async fn open(bus: &Bus, name: &str) -> Result<pull::Stream, String> {
    let consumer: PullConsumer = bus
        .context
        .get_consumer_from_stream(name, STREAM)
        .await
        .map_err(|error| error.to_string())?;
    consumer
        .stream()
        .max_messages_per_batch(BATCH_MAX)
        .expires(Duration::from_secs(PULL_EXPIRES_S))
        .heartbeat(Duration::from_secs(PULL_HEARTBEAT_S))
        .messages()
        .await
        .map_err(|error| error.to_string())
}

/// After a rest the next message and whatever is there behind it; `None` when the pull must be opened
/// anew. Nothing is in hand before it returns, so a stop may end it anywhere.
async fn next_batch(messages: &mut pull::Stream, rest_ms: u64) -> Option<Vec<jetstream::Message>> {
    let mut batch = Vec::new();
    if rest_ms > 0 {
        tokio::time::sleep(Duration::from_millis(rest_ms)).await;
    }
    let mut next = messages.next().await;
    loop {
        match next {
            Some(Ok(message)) => batch.push(message),
            Some(Err(error)) if batch.is_empty() => {
                tracing::warn!(%error, "the pull ended");
                return None;
            }
            None if batch.is_empty() => return None,
            // What is broken shows again at the next call; first this batch.
            Some(Err(_)) | None => return Some(batch),
        }
        if batch.len() == BATCH_MAX {
            return Some(batch);
        }
        match messages.next().now_or_never() {
            Some(ready) => next = ready,
            None => return Some(batch),
        }
    }
}

/// What lies in the client's buffer.
fn fetched_ahead(messages: &mut pull::Stream) -> Vec<jetstream::Message> {
    let ready = std::iter::from_fn(|| messages.next().now_or_never().flatten()?.ok());
    ready.take(BATCH_MAX).collect()
}

async fn finish<O: Outlet>(outlet: &O, handled: Handled) {
    if let Err(error) = outlet.publish(handled.wires).await {
        tracing::warn!(%error, "a batch is stored but not sent; its inputs come again");
        give_back(&handled.inputs).await;
        return;
    }
    for message in &handled.inputs {
        if let Err(error) = message.ack().await {
            tracing::warn!(%error, "an acknowledgement was not sent; the message comes again");
        }
    }
}

async fn give_back(messages: &[jetstream::Message]) {
    for message in messages {
        let delay = Duration::from_millis(FAULT_PAUSE_MIN_MS);
        if let Err(error) = message.ack_with(AckKind::Nak(Some(delay))).await {
            tracing::debug!(%error, "a message could not be given back; ack_wait does it");
        }
    }
}

async fn heal_every_minute(bus: Bus, name: &'static str, stop: CancellationToken) {
    let mut timer = tokio::time::interval(Duration::from_secs(HEAL_PERIOD_S));
    while stop.run_until_cancelled(timer.tick()).await.is_some() {
        if let Err(error) = heal(&bus.context, name).await {
            tracing::warn!(%error, "the consumer's position was not checked");
        }
    }
}

async fn sleep_ms(pause_ms: u64, stop: &CancellationToken) {
    stop.run_until_cancelled(tokio::time::sleep(Duration::from_millis(pause_ms))).await;
}
