//! The bank's way to the stream, with its misbehaviour in front: answers that come late, twice, or
//! not at all. What is in the ledger and in the records is right all the same, and asking again is
//! what mends it.

#[cfg(test)]
mod tests;

use crate::manners::{Manners, Rules};
use bakery_nats::envelope::{MESSAGE_ID, Wire};
use bakery_nats::message::{Kind, Message};
use bakery_nats::messages::bank::{Charged, Declined, PaidBack, Refunded};
use bakery_nats::publish::{Outlet, PublishError};
use bakery_nats::requests::bank::Behaviour;
use bakery_nats::slug::Slug;
use bakery_nats::subject::Subject;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

/// Answers kept back at the same time; while there are more, the next ones hold up their batch.
const LATE_MAX: u32 = 10_000;

/// An outlet that does to answers what the rules say. Everything but the answers to charges,
/// refunds and what is paid back passes untouched.
///
/// A late answer is not waited for: it would keep one of the few places for batches in flight, and
/// so hold up everybody. Its input is therefore acknowledged before it is in the stream. If the
/// process dies in between, or the answer is silenced, only asking again brings it: the record
/// answers then.
pub struct Misbehaving<O> {
    inner: Arc<O>,
    manners: Manners,
    room: Arc<Semaphore>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl<O: Outlet> Misbehaving<O> {
    /// Puts the misbehaviour in front of an outlet. Late answers wait in `tasks`; at the stop they
    /// leave at once, so that nothing in hand is lost.
    pub fn new(
        inner: Arc<O>,
        manners: Manners,
        (tasks, stop): (TaskTracker, CancellationToken),
    ) -> Self {
        let room = Arc::new(Semaphore::new(LATE_MAX as usize));
        Self { inner, manners, room, tasks, stop }
    }

    async fn publish_later(&self, latency_ms: u32, messages: Vec<Wire>) {
        let count = u32::try_from(messages.len()).map_or(LATE_MAX, |count| count.min(LATE_MAX));
        let place = self.room.clone().acquire_many_owned(count).await;
        let (inner, stop) = (self.inner.clone(), self.stop.clone());
        self.tasks.spawn(async move {
            let latency = Duration::from_millis(latency_ms.into());
            stop.run_until_cancelled(tokio::time::sleep(latency)).await;
            if let Err(error) = inner.publish(messages).await {
                tracing::warn!(%error, "late answers are lost; whoever asks again gets them");
            }
            drop(place);
        });
    }
}

impl<O: Outlet> Outlet for Misbehaving<O> {
    async fn publish(&self, messages: Vec<Wire>) -> Result<(), PublishError> {
        let rules = self.manners.rules();
        if rules.is_empty() {
            return self.inner.publish(messages).await;
        }
        let mut by_latency = misbehave(&rules, messages);
        // If these fail the inputs come again, and with them all the answers.
        self.inner.publish(by_latency.remove(&0).unwrap_or_default()).await?;
        for (latency_ms, late) in by_latency {
            self.publish_later(latency_ms, late).await;
        }
        Ok(())
    }
}

/// What is really published, by how many milliseconds later.
fn misbehave(rules: &Rules, messages: Vec<Wire>) -> BTreeMap<u32, Vec<Wire>> {
    let mut by_latency: BTreeMap<u32, Vec<Wire>> = BTreeMap::new();
    for message in messages {
        let Behaviour { latency_ms, silent, doubled, .. } = match about(&message) {
            Some((branch, account_id)) => rules.of(&branch, account_id).clone(),
            None => Behaviour::default(),
        };
        if silent {
            continue;
        }
        let second = doubled.then(|| second(&message));
        by_latency.entry(latency_ms).or_default().extend([message].into_iter().chain(second));
    }
    by_latency
}

/// Whom an answer is about; `None` for everything that is not an answer.
fn about(message: &Wire) -> Option<(Slug, Uuid)> {
    #[derive(Deserialize)]
    struct About {
        account_id: Uuid,
    }
    const ANSWERS: [&str; 4] = [Charged::NAME, Declined::NAME, PaidBack::NAME, Refunded::NAME];
    let subject: Subject = message.subject.parse().ok()?;
    let answer = subject.kind == Kind::Evt
        && subject.service == Charged::SERVICE
        && ANSWERS.contains(&subject.name.as_str());
    let About { account_id } = answer.then(|| serde_json::from_slice(&message.payload).ok())??;
    Some((subject.branch, account_id))
}

/// The same message under another transport id, so that the stream takes it for a new one.
fn second(message: &Wire) -> Wire {
    let mut second = message.clone();
    for (name, value) in &mut second.headers {
        if name == MESSAGE_ID {
            // In front, because the attempt is read from the end.
            value.insert_str(0, "second-");
        }
    }
    second
}
