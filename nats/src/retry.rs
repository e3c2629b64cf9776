//! A dead letter handled once more by the service that had refused it, after its cause was mended.
//!
//! It goes through the same [`process`] as everything that the service takes from the stream, and so
//! takes effect at most once, however often it is asked for. The asker only names the letter: what is
//! handled is what lies in the stream `DEAD` below the service's own name, where nobody else can put
//! anything.

use crate::consume::Consumer;
use crate::dead::{self, DEAD_SUBJECT, Letter};
use crate::envelope::{Delivered, MESSAGE_ID, Wire, read_meta};
use crate::process::{Handler, Input, Outcome, process};
use crate::publish::Outlet;
use crate::record::Record;
use crate::refusal::Refusal;
use crate::relay;
use crate::request::Asked;
use crate::requests::dead::{Retried, RetryDead, RetryOutcome};
use crate::serve::{Desk, ServeError};
use std::collections::BTreeSet;
use std::fmt::Display;
use std::sync::Arc;
use uuid::Uuid;

/// Why a letter is refused once more.
pub const STILL_DEAD: &str = "still_dead";

impl<H: Handler, O: Outlet> Consumer<H, O> {
    /// Answers the service's own kind of this question.
    pub async fn answer_retries<R: RetryDead>(
        self: &Arc<Self>,
        desk: &Desk,
    ) -> Result<(), ServeError> {
        let shared = self.clone();
        let answer = move |asked: Asked<R>| {
            let consumer = shared.clone();
            async move { consumer.retry(asked.body.sequence(), asked.request_id).await }
        };
        desk.query::<R, _, _>(answer).await
    }

    /// Handles a letter; what follows from it is in the stream when this returns.
    ///
    /// # Errors
    /// 404 where this service has no such letter, 409 with the reason where it is refused again, 503
    /// where the bus or the database fails: the same may be asked again.
    pub async fn retry(&self, sequence: u64, request_id: Uuid) -> Result<Retried, Refusal> {
        let letter = dead::get(&self.bus.context, sequence).await?;
        let letter = letter.filter(|letter| letter.service == H::SERVICE);
        let letter = letter.ok_or_else(|| Refusal::not_found("dead letter", sequence))?;
        let at = (self.clock)();
        // As a number behind the id it is the attempt of the answers: none that was given before has it.
        let message_id = format!("retry:{sequence}:{request_id}:{}", at.timestamp());
        let message =
            read::<H::Input>(&letter, &message_id).map_err(|reason| still_dead(&reason))?;
        let key = message.body.key();
        let (pool, handler) = (self.pool.clone(), self.handler.clone());
        let outcome = process(pool, handler, vec![message], (at, true)).await;
        let wires = match outcome.map_err(|error| unavailable::<H>(error.chain()))?.pop() {
            Some(Outcome::Send(wires)) => wires,
            Some(Outcome::Dead(reason)) => return Err(still_dead(&reason)),
            None => return Err(unavailable::<H>("the letter has no outcome")),
        };
        let messages = self.publish(wires).await?;
        let keys = [(key.0, key.1.to_owned())];
        relay::settle(&self.pool, &keys).await.map_err(unavailable::<H>)?;
        let outcome = self.outcome(key, &message_id).await?;
        tracing::info!(sequence, outcome = outcome.as_str(), messages, "a dead letter was handled");
        Ok(Retried { outcome, messages })
    }

    /// Whose record it is tells who took the step.
    async fn outcome(
        &self,
        (business_id, step): (Uuid, &str),
        message_id: &str,
    ) -> Result<RetryOutcome, Refusal> {
        let mut conn = self.pool.get().await.map_err(unavailable::<H>)?;
        let records = Record::load(&mut conn, &BTreeSet::from([business_id])).await;
        let records = records.map_err(unavailable::<H>)?;
        let own = records.get(business_id, step).is_some_and(|row| row.message_id == message_id);
        Ok(if own { RetryOutcome::Done } else { RetryOutcome::AlreadyDone })
    }

    async fn publish(&self, wires: Vec<Wire>) -> Result<u64, Refusal> {
        let messages = wires.len().try_into().unwrap_or(u64::MAX);
        self.outlet.publish(wires).await.map_err(|error| {
            tracing::warn!(%error, "a dead letter is done, but what follows from it is not sent");
            Refusal::unavailable("the message bus")
        })?;
        Ok(messages)
    }
}

/// Reads a letter as the message that it was, under an id of its own.
fn read<I: Input>(letter: &Letter, message_id: &str) -> Result<Delivered<I>, String> {
    if letter.header(DEAD_SUBJECT).is_some_and(|subject| subject != letter.subject) {
        return Err(format!("its header {DEAD_SUBJECT} names another subject than its own"));
    }
    let header = |name| if name == MESSAGE_ID { Some(message_id) } else { letter.header(name) };
    let meta = read_meta(&letter.subject, header).map_err(|error| error.to_string())?;
    let body = I::decode(&meta.subject, &letter.payload).map_err(|error| error.to_string())?;
    Ok(Delivered { position: 0, meta, body })
}

fn still_dead(reason: &str) -> Refusal {
    Refusal::new(409, STILL_DEAD, dead::line(reason))
}

fn unavailable<H: Handler>(error: impl Display) -> Refusal {
    tracing::warn!(%error, service = H::SERVICE, "a dead letter must wait");
    Refusal::unavailable(&format!("the {} database", H::SERVICE))
}
