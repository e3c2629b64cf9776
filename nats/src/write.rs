//! Requests that change something: those that wait are answered together, after one commit.

use crate::Pool;
use crate::envelope::{Outgoing, Wire};
use crate::error::HandlerError;
use crate::process::{in_parts, keep_if_well};
use crate::record::{Key, Origin, Record, Records, hash};
use crate::refusal::Refusal;
use crate::request::{Asked, Request};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;
use uuid::Uuid;

/// What a service does with a batch of one kind of request, inside a transaction it does not open
/// or commit.
pub trait Writer: Send + Sync + 'static {
    /// The request.
    type Request: Request + Clone;

    /// Decides and writes; gives one result a request, in their order. A refusal changes nothing.
    fn write(
        &self,
        conn: &mut AsyncPgConnection,
        batch: &[Asked<Self::Request>],
    ) -> impl Future<Output = Result<Vec<WriteResult<Self::Request>>, HandlerError>> + Send;

    /// The reply to a request that an earlier try has done, although its answer was lost: as it was
    /// then. `now` is what the writer says now, which is the same where it tells how things stand.
    ///
    /// # Errors
    /// A record that cannot be read.
    fn recorded(
        &self,
        now: <Self::Request as Request>::Reply,
        _record: &Record,
    ) -> Result<<Self::Request as Request>::Reply, HandlerError> {
        Ok(now)
    }

    /// Whether [`Writer::mend`] could remove the cause of a refusal. Most writers have nothing to
    /// mend; only what they have takes one of the few places for it.
    fn can_mend(&self, _refusal: &Refusal) -> bool {
        false
    }

    /// A chance to remove the cause of a refusal, outside any transaction: `true` to have the
    /// request decided once more.
    ///
    /// # Errors
    /// Another refusal, which takes the place of the first.
    fn mend(
        &self,
        _asked: &Asked<Self::Request>,
        _refusal: &Refusal,
    ) -> impl Future<Output = Result<bool, Refusal>> + Send {
        async { Ok(false) }
    }
}

/// The result of one request.
pub type WriteResult<R> = Result<Written<<R as Request>::Reply>, Refusal>;

/// A request that was done, now or before.
#[derive(Debug)]
pub struct Written<T> {
    /// What the asker is told after the commit.
    pub reply: T,
    /// The step it took; `None` where it was done before and this is the same answer again.
    pub step: Option<Step>,
}

/// A step taken by a request, to be recorded in the same transaction.
#[derive(Debug)]
pub struct Step {
    /// What it is about.
    pub business_id: Uuid,
    /// Which step of that.
    pub name: String,
    /// What is to be sent. It is owed until it is known to be in the stream.
    pub outgoing: Vec<Outgoing>,
}

/// What the asker is told.
pub type Done<R> = Result<<R as Request>::Reply, Refusal>;

/// A committed batch.
pub struct Batch<R: Request> {
    /// One for each request, in their order.
    pub replies: Vec<Done<R>>,
    /// What is to be published now.
    pub wires: Vec<Wire>,
    /// The steps that owe it.
    pub keys: Vec<Key>,
}

/// How often a batch of writes is tried when a passing fault stops it. Writers are idempotent by
/// natural key, so it does no harm if the first try was committed after all (W2): what it has recorded
/// is the answer.
const WRITE_TRIES: u32 = 2;

/// Decides and commits a batch, and tries again after a passing fault.
pub async fn commit<W: Writer>(
    pool: &Pool,
    writer: &Arc<W>,
    batch: &[Asked<W::Request>],
) -> Result<Batch<W::Request>, HandlerError> {
    for tried in 0..WRITE_TRIES - 1 {
        match process(pool.clone(), writer.clone(), batch.to_vec(), tried > 0).await {
            Err(error) => tracing::info!(error = error.chain(), "writes are tried again"),
            done => return done,
        }
    }
    process(pool.clone(), writer.clone(), batch.to_vec(), true).await
}

/// Decides a batch and commits it. Where one request spoils the transaction, or makes the writer
/// panic, the batch is halved; alone, it is refused. A batch that takes longer than a statement may is done
/// in smaller parts as well.
async fn process<W: Writer>(
    pool: Pool,
    writer: Arc<W>,
    batch: Vec<Asked<W::Request>>,
    again: bool,
) -> Result<Batch<W::Request>, HandlerError> {
    let mut all = Batch { replies: Vec::new(), wires: Vec::new(), keys: Vec::new() };
    let mut parts = vec![Arc::new(batch)];
    while let Some(part) = parts.pop() {
        let (pool, writer, batch) = (pool.clone(), writer.clone(), part.clone());
        // In a task of its own: a caller that goes away cannot cut a transaction in half (W2).
        let done = tokio::spawn(async move { transact(&pool, &*writer, &batch, again).await });
        match done.await.unwrap_or_else(|ended| Err(HandlerError::from(ended))) {
            Ok(done) => {
                all.replies.extend(done.replies);
                all.wires.extend(done.wires);
                all.keys.extend(done.keys);
            }
            Err(error) => match (in_parts(&part, &error), error) {
                (Some(smaller), _) => parts.extend(smaller),
                (None, HandlerError::Passing(source)) => return Err(HandlerError::Passing(source)),
                (None, error) => {
                    tracing::error!(error = error.chain(), "a request can never succeed");
                    let detail = "the request cannot be carried out; see the service's log";
                    all.replies.push(Err(Refusal::new(500, "internal", detail)));
                }
            },
        }
    }
    Ok(all)
}

async fn transact<W: Writer>(
    pool: &Pool,
    writer: &W,
    batch: &[Asked<W::Request>],
    again: bool,
) -> Result<Batch<W::Request>, HandlerError> {
    let mut conn = pool.get().await.map_err(|error| HandlerError::Passing(Box::new(error)))?;
    let done = conn.transaction(async |conn| {
        let results = writer.write(conn, batch).await?;
        // Read behind the writer's locks: an earlier try may have been on its way until then.
        let ids = if again { stepped::<W::Request>(&results) } else { BTreeSet::new() };
        let known =
            if ids.is_empty() { Records::default() } else { Record::load(conn, &ids).await? };
        let (mut rows, mut old) = (Vec::with_capacity(batch.len()), Vec::new());
        let mut replies = Vec::with_capacity(batch.len());
        for (asked, result) in batch.iter().zip(results) {
            let Written { mut reply, step } = match result {
                Ok(written) => written,
                Err(refusal) => {
                    replies.push(Err(refusal));
                    continue;
                }
            };
            match step.map(|step| (own(&known, asked, &step), step)) {
                Some((Some(record), _)) => {
                    reply = writer.recorded(reply, record)?;
                    old.push(record.clone());
                }
                Some((None, step)) => rows.push(record(asked, &step)),
                None => {}
            }
            replies.push(Ok(reply));
        }
        Record::insert(conn, &rows).await?;
        rows.extend(old);
        sendable(replies, &rows)
    });
    let done = done.await;
    keep_if_well(conn, &done);
    done
}

/// What requests took a step of.
fn stepped<R: Request>(results: &[WriteResult<R>]) -> BTreeSet<Uuid> {
    let step = |result: &WriteResult<R>| Some(result.as_ref().ok()?.step.as_ref()?.business_id);
    results.iter().filter_map(step).collect()
}

/// The record that an earlier try of a request has left of its step.
fn own<'k, R>(known: &'k Records, asked: &Asked<R>, step: &Step) -> Option<&'k Record> {
    let record = known.get(step.business_id, &step.name)?;
    (record.message_id == asked.request_id.to_string()).then_some(record)
}

fn record<R: Request>(asked: &Asked<R>, step: &Step) -> Record {
    let origin = Origin::request(asked, step.business_id);
    let owed = !step.outgoing.is_empty();
    Record::new((step.business_id, &step.name), hash(&asked.body), &origin, &step.outgoing, owed)
}

fn sendable<R: Request>(replies: Vec<Done<R>>, rows: &[Record]) -> Result<Batch<R>, HandlerError> {
    let mut wires = Vec::new();
    let mut keys = Vec::new();
    for row in rows.iter().filter(|row| row.owed) {
        let own = row.wires(R::SERVICE, &row.message_id, 1);
        wires.extend(own.map_err(|error| HandlerError::Permanent(Box::new(error)))?);
        keys.push((row.business_id, row.step.clone()));
    }
    Ok(Batch { replies, wires, keys })
}
