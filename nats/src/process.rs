//! One batch of messages, one transaction (reliability rules R2, R9, R10).
//!
//! Doubles are answered from the record, the rest goes to the handler, and its answers are stored
//! with the effect. Nothing is published or acknowledged here, so the same code runs under
//! JetStream and under a test's own bus.

use crate::Pool;
use crate::envelope::{BODY_SIZE_MAX, Delivered, Meta, Outgoing, Wire};
use crate::error::HandlerError;
use crate::message::DecodeError;
use crate::record::{Origin, Record, Records, hash};
use crate::subject::Subject;
use chrono::{DateTime, Utc};
use diesel_async::pooled_connection::deadpool::Object;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use serde::Serialize;
use std::collections::{BTreeSet, HashMap};
use std::future::Future;
use std::sync::Arc;
use uuid::Uuid;

/// Everything one service takes from the stream, as one type.
pub trait Input: Clone + Serialize + Send + Sync + 'static {
    /// Reads the body of the message that the subject names.
    fn decode(subject: &Subject, payload: &[u8]) -> Result<Self, DecodeError>;

    /// What it is about, and which step of that: the key of its record.
    fn key(&self) -> (Uuid, &'static str);
}

/// What a service does with a batch, inside a transaction it does not open or commit.
pub trait Handler: Send + Sync + 'static {
    /// The service's name, as in subjects.
    const SERVICE: &'static str;
    /// What it takes.
    type Input: Input;
    /// A rest before a batch, in milliseconds, but not while there are full ones: it makes one
    /// transaction of many. Nobody shall notice it who waits for what is done.
    const REST_MS: u64 = 0;

    /// Handles messages of which none has a record yet and no two have the same key. `known`
    /// holds the other steps recorded for the same business ids: the tombstones.
    fn handle(
        &self,
        conn: &mut AsyncPgConnection,
        batch: Vec<Delivered<Self::Input>>,
        known: &Records,
    ) -> impl Future<Output = Result<Answers, HandlerError>> + Send;
}

/// What is to be done with each message of a batch, by its position.
#[derive(Debug, Default)]
pub struct Answers {
    sent: HashMap<usize, Vec<Outgoing>>,
    buried: HashMap<usize, String>,
}

impl Answers {
    /// One more message caused by the one at `position`.
    pub fn push(&mut self, position: usize, outgoing: Outgoing) {
        self.sent.entry(position).or_default().push(outgoing);
    }

    /// The message at `position` breaks a rule and must have changed nothing: to the dead
    /// letters, without a record.
    pub fn bury(&mut self, position: usize, reason: impl Into<String>) {
        self.buried.insert(position, reason.into());
    }

    /// The answers of another kind of message in the same batch.
    pub fn extend(&mut self, other: Self) {
        self.sent.extend(other.sent);
        self.buried.extend(other.buried);
    }
}

/// What became of one message.
#[derive(Debug, PartialEq)]
pub enum Outcome {
    /// Done, now or earlier: these are to be published, then the message is acknowledged.
    Send(Vec<Wire>),
    /// It can never succeed: to the dead letters, with this reason.
    Dead(String),
}

/// Handles a batch and commits it. Gives one outcome a message, in the order of the batch.
///
/// Where one message spoils the transaction, or makes the handler panic, the batch is halved until
/// it stands alone; only then is it called dead. A batch that takes longer than a statement may is done in
/// smaller parts as well: it would take as long whenever it came. Any other passing fault, and one message
/// alone that takes too long, comes back as the error: what was committed before it is answered from the
/// records when the batch comes again.
///
/// `now` is the shop's time that the answers carry; a handler sees only the time of its messages.
/// What follows is said to be `owed` where nobody redelivers the messages.
pub async fn process<H: Handler>(
    pool: Pool,
    handler: Arc<H>,
    batch: Vec<Delivered<H::Input>>,
    (now, owed): (DateTime<Utc>, bool),
) -> Result<Vec<Outcome>, HandlerError> {
    let mut outcomes: HashMap<usize, Outcome> = HashMap::with_capacity(batch.len());
    let positions: Vec<usize> = batch.iter().map(|message| message.position).collect();
    let mut parts = vec![Arc::new(batch)];
    while let Some(part) = parts.pop() {
        let (pool, handler, batch) = (pool.clone(), handler.clone(), part.clone());
        // In a task of its own: a caller that goes away cannot cut a transaction in half (W2).
        let done =
            tokio::spawn(async move { transact(&pool, &*handler, &batch, (now, owed)).await });
        match done.await.unwrap_or_else(|ended| Err(HandlerError::from(ended))) {
            Ok(done) => outcomes.extend(done),
            Err(error) => match (in_parts(&part, &error), error) {
                (Some(smaller), _) => parts.extend(smaller),
                (None, HandlerError::Passing(source)) => return Err(HandlerError::Passing(source)),
                (None, error) => outcomes.extend(
                    part.iter().map(|message| (message.position, Outcome::Dead(error.chain()))),
                ),
            },
        }
    }
    Ok(positions.iter().filter_map(|position| outcomes.remove(position)).collect())
}

/// The parts in which a batch is tried again that failed so, the last first; `None` where fewer at once
/// fail as well.
pub(crate) fn in_parts<M: Clone>(batch: &[M], error: &HandlerError) -> Option<Vec<Arc<Vec<M>>>> {
    let count = error.parts().filter(|_| batch.len() > 1)?;
    tracing::warn!(batch = batch.len(), error = error.chain(), "a batch is done in parts");
    let parts = batch.chunks(batch.len().div_ceil(count)).rev();
    Some(parts.map(|part| Arc::new(part.to_vec())).collect())
}

async fn transact<H: Handler>(
    pool: &Pool,
    handler: &H,
    batch: &[Delivered<H::Input>],
    when: (DateTime<Utc>, bool),
) -> Result<Vec<(usize, Outcome)>, HandlerError> {
    let mut conn = pool.get().await.map_err(|error| HandlerError::Passing(Box::new(error)))?;
    let done =
        conn.transaction(async |conn| in_transaction(conn, handler, batch, when).await).await;
    keep_if_well(conn, &done);
    done
}

/// A connection on which something failed in passing is not used again: what it keeps (statements, or
/// one that is still under way) may be the cause.
pub(crate) fn keep_if_well<T>(conn: Object<AsyncPgConnection>, done: &Result<T, HandlerError>) {
    if matches!(done, Err(HandlerError::Passing(_))) {
        drop(Object::take(conn));
    }
}

async fn in_transaction<H: Handler>(
    conn: &mut AsyncPgConnection,
    handler: &H,
    batch: &[Delivered<H::Input>],
    (now, owed): (DateTime<Utc>, bool),
) -> Result<Vec<(usize, Outcome)>, HandlerError> {
    let ids: BTreeSet<Uuid> = batch.iter().map(|message| message.body.key().0).collect();
    Record::lock(conn, &ids).await?;
    let known = Record::load(conn, &ids).await?;
    let sorted = sort_out(H::SERVICE, batch, &known);

    let fresh = sorted.fresh.iter().map(|fresh| fresh.message.clone()).collect();
    let mut answers = handler.handle(conn, fresh, &known).await?;

    let mut outcomes = sorted.settled;
    let mut rows = Vec::with_capacity(sorted.fresh.len());
    for fresh in sorted.fresh {
        if let Some(reason) = answers.buried.remove(&fresh.message.position) {
            let dead = |(position, _)| (position, Outcome::Dead(reason.clone()));
            outcomes.extend(fresh.askers().map(dead));
            continue;
        }
        let meta = &fresh.message.meta;
        let outgoing = answers.sent.remove(&fresh.message.position).unwrap_or_default();
        fits(&outgoing)?;
        let key = fresh.message.body.key();
        let hash = fresh.hash.clone();
        // Never before its cause, whatever two machines' clocks say.
        let origin = Origin { at: now.max(meta.at), ..Origin::from(meta) };
        let record = Record::new(key, hash, &origin, &outgoing, owed && !outgoing.is_empty());
        for (position, asker) in fresh.askers() {
            outcomes.push((position, answer(H::SERVICE, &record, asker)));
        }
        rows.push(record);
    }
    Record::insert(conn, &rows).await?;
    Ok(outcomes)
}

/// What the stream would never take must not be committed: its input would come again for ever and
/// hold up the others (W24).
fn fits(outgoing: &[Outgoing]) -> Result<(), HandlerError> {
    let too_large = |message: &&Outgoing| message.body.get().len() > BODY_SIZE_MAX;
    outgoing.iter().find(too_large).map_or(Ok(()), |Outgoing { subject, body, .. }| {
        let size = body.get().len();
        Err(HandlerError::permanent(format!(
            "{subject} of {size} bytes is more than a message can hold"
        )))
    })
}

/// A message the handler shall see, and its doubles in the same batch.
struct Fresh<'b, I> {
    message: &'b Delivered<I>,
    hash: Vec<u8>,
    doubles: Vec<&'b Delivered<I>>,
}

impl<'b, I> Fresh<'b, I> {
    fn askers(&self) -> impl Iterator<Item = (usize, &'b Meta)> + use<'_, 'b, I> {
        let all = std::iter::once(self.message).chain(self.doubles.iter().copied());
        all.map(|message| (message.position, &message.meta))
    }
}

struct Sorted<'b, I> {
    fresh: Vec<Fresh<'b, I>>,
    settled: Vec<(usize, Outcome)>,
}

/// Tells the new from the known. A repeat with other content is refused, whether the first one is
/// in the database or in this very batch (W14).
fn sort_out<'b, I: Input>(
    service: &str,
    batch: &'b [Delivered<I>],
    known: &Records,
) -> Sorted<'b, I> {
    let mut sorted = Sorted { fresh: Vec::new(), settled: Vec::new() };
    let mut leaders: HashMap<(Uuid, &'static str), usize> = HashMap::new();
    for message in batch {
        let key = message.body.key();
        let hash = hash(&message.body);
        let settled = if let Some(record) = known.get(key.0, key.1) {
            if record.request_hash == hash {
                answer(service, record, &message.meta)
            } else {
                Outcome::Dead(impostor(key))
            }
        } else if let Some(leader) = leaders.get(&key).and_then(|i| sorted.fresh.get_mut(*i)) {
            if leader.hash == hash {
                leader.doubles.push(message);
                continue;
            }
            Outcome::Dead(impostor(key))
        } else {
            leaders.insert(key, sorted.fresh.len());
            sorted.fresh.push(Fresh { message, hash, doubles: Vec::new() });
            continue;
        };
        sorted.settled.push((message.position, settled));
    }
    sorted
}

fn impostor((business_id, step): (Uuid, &str)) -> String {
    format!("the step {step:?} of {business_id} was asked before with other content")
}

fn answer(service: &str, record: &Record, asker: &Meta) -> Outcome {
    match record.wires(service, &asker.message_id, asker.attempt()) {
        Ok(wires) => Outcome::Send(wires),
        Err(error) => Outcome::Dead(format!("its record cannot be read: {error}")),
    }
}
