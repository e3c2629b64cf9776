//! The record (reliability rule R2): the stored answer to one step of one business id, written
//! in the same transaction as its effect. A repeat is answered from it.

use crate::envelope::{Cause, Meta, Outgoing, Wire};
use crate::prepared::prepared;
use crate::request::Asked;
use crate::schema::record;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Bytea, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use sha2::{Digest, Sha256};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// Steps of one business id: an order has about ten, and one for each time it was asked again.
const STEPS_MAX: i64 = 100_000;

/// A step: of what, and which.
pub type Key = (Uuid, String);

/// The columns of a [`Record`].
pub const COLUMNS: &str = "business_id, step, request_hash, subject, message_id, causation_id, \
    correlation_id, traceparent, at, outgoing, owed, committed_at";

/// One stored step.
#[derive(Clone, Debug, Queryable, QueryableByName, Selectable)]
#[diesel(table_name = record, check_for_backend(diesel::pg::Pg))]
pub struct Record {
    /// What it is about.
    pub business_id: Uuid,
    /// Which step of it.
    pub step: String,
    /// SHA-256 of the request's meaning.
    pub request_hash: Vec<u8>,
    /// The subject of the first request.
    pub subject: String,
    /// Its transport id.
    pub message_id: String,
    /// The transport id of what caused it.
    pub causation_id: Option<String>,
    /// The conversation.
    pub correlation_id: Uuid,
    /// The trace.
    pub traceparent: String,
    /// The shop's time of the step: what its messages carry.
    pub at: DateTime<Utc>,
    /// What was answered: JSON array of [`Outgoing`].
    pub outgoing: String,
    /// See the table.
    pub owed: bool,
    /// When it was committed, by the database's clock.
    pub committed_at: DateTime<Utc>,
}

/// The meaning of a request, for telling a repeat from an impostor.
pub fn hash(request: &impl serde::Serialize) -> Vec<u8> {
    let bytes = serde_json::to_vec(request).unwrap_or_default();
    Sha256::digest(bytes).to_vec()
}

/// Where a step began: a message of the stream or a request.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The subject it came on.
    pub subject: String,
    /// Its transport id, or the id of the request.
    pub message_id: String,
    /// The transport id of what caused it.
    pub causation_id: Option<String>,
    /// The conversation.
    pub correlation_id: Uuid,
    /// The trace.
    pub traceparent: String,
    /// The shop's time.
    pub at: DateTime<Utc>,
    /// The attempt its answer takes.
    pub attempt: u32,
}

impl From<&Meta> for Origin {
    fn from(meta: &Meta) -> Self {
        Self {
            subject: meta.subject.to_string(),
            message_id: meta.message_id.clone(),
            causation_id: meta.causation_id.clone(),
            correlation_id: meta.correlation_id,
            traceparent: meta.traceparent.clone(),
            at: meta.at,
            attempt: meta.attempt(),
        }
    }
}

impl Origin {
    /// A request that begins a conversation about `correlation_id`.
    pub fn request<R: crate::request::Request>(asked: &Asked<R>, correlation_id: Uuid) -> Self {
        Self {
            subject: crate::request::subject::<R>(),
            message_id: asked.request_id.to_string(),
            causation_id: None,
            correlation_id,
            traceparent: crate::envelope::new_trace(correlation_id, &asked.request_id.to_string()),
            at: asked.at,
            attempt: 1,
        }
    }
}

impl Record {
    /// A record about to be written.
    pub fn new(
        (business_id, step): (Uuid, &str),
        request_hash: Vec<u8>,
        origin: &Origin,
        outgoing: &[Outgoing],
        owed: bool,
    ) -> Self {
        Self {
            business_id,
            step: step.to_owned(),
            request_hash,
            subject: origin.subject.clone(),
            message_id: origin.message_id.clone(),
            causation_id: origin.causation_id.clone(),
            correlation_id: origin.correlation_id,
            traceparent: origin.traceparent.clone(),
            at: origin.at,
            outgoing: serde_json::to_string(outgoing).unwrap_or_default(),
            owed,
            committed_at: origin.at,
        }
    }

    /// The stored messages. A row that cannot be read is a damaged database and is said aloud.
    pub fn outgoing(&self) -> Result<Vec<Outgoing>, serde_json::Error> {
        serde_json::from_str(&self.outgoing)
    }

    /// The stored messages as they go over the wire to one asker: with its attempt and its
    /// message as the cause, and everything else as it was the first time.
    pub fn wires(
        &self,
        service: &str,
        asker: &str,
        attempt: u32,
    ) -> Result<Vec<Wire>, serde_json::Error> {
        let cause = Cause {
            message_id: asker.to_owned(),
            correlation_id: self.correlation_id,
            traceparent: self.traceparent.clone(),
            at: self.at,
            attempt,
        };
        Ok(self.outgoing()?.iter().map(|outgoing| Wire::of(service, outgoing, &cause)).collect())
    }

    /// Makes this transaction the only one that works on these business ids until it ends, so
    /// that an action and its undo can never pass each other. Locks are taken in sorted order.
    pub async fn lock(conn: &mut AsyncPgConnection, ids: &BTreeSet<Uuid>) -> QueryResult<()> {
        let ids: Vec<Uuid> = ids.iter().copied().collect();
        prepared(
            "SELECT pg_advisory_xact_lock(key) FROM (
                 SELECT DISTINCT hashtextextended(id::text, 0) AS key
                 FROM unnest($1) AS id ORDER BY key
             ) AS sorted",
        )
        .bind::<Array<SqlUuid>, _>(ids)
        .execute(conn)
        .await
        .map(|_| ())
    }

    /// Every record of these business ids, whatever the step.
    pub async fn load(conn: &mut AsyncPgConnection, ids: &BTreeSet<Uuid>) -> QueryResult<Records> {
        // Joined like this the planner must use the key: until the first ANALYZE it takes a part
        // of a key for hardly selective, and would read the whole table.
        let rows: Vec<Self> = prepared(&format!(
            "SELECT {COLUMNS} FROM unnest($1) AS wanted (id) CROSS JOIN LATERAL (
                 SELECT * FROM record WHERE business_id = wanted.id
                 ORDER BY business_id, step LIMIT $2
             ) AS r"
        ))
        .bind::<Array<SqlUuid>, _>(ids.iter().copied().collect::<Vec<_>>())
        .bind::<BigInt, _>(STEPS_MAX)
        .load(conn)
        .await?;
        Ok(Records(rows.into_iter().map(|r| ((r.business_id, r.step.clone()), r)).collect()))
    }

    /// Writes all records of a batch in one statement. `committed_at` is the database's clock.
    pub async fn insert(conn: &mut AsyncPgConnection, rows: &[Self]) -> QueryResult<()> {
        if rows.is_empty() {
            return Ok(());
        }
        prepared(
            "INSERT INTO record (business_id, step, request_hash, subject, message_id, causation_id,
                                 correlation_id, traceparent, at, outgoing, owed, committed_at)
             SELECT r.*, clock_timestamp()
             FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) AS r",
        )
        .bind::<Array<SqlUuid>, _>(column(rows, |r| r.business_id))
        .bind::<Array<Text>, _>(column(rows, |r| r.step.as_str()))
        .bind::<Array<Bytea>, _>(column(rows, |r| r.request_hash.as_slice()))
        .bind::<Array<Text>, _>(column(rows, |r| r.subject.as_str()))
        .bind::<Array<Text>, _>(column(rows, |r| r.message_id.as_str()))
        .bind::<Array<Nullable<Text>>, _>(column(rows, |r| r.causation_id.as_deref()))
        .bind::<Array<SqlUuid>, _>(column(rows, |r| r.correlation_id))
        .bind::<Array<Text>, _>(column(rows, |r| r.traceparent.as_str()))
        .bind::<Array<Timestamptz>, _>(column(rows, |r| r.at))
        .bind::<Array<Text>, _>(column(rows, |r| r.outgoing.as_str()))
        .bind::<Array<Bool>, _>(column(rows, |r| r.owed))
        .execute(conn)
        .await
        .map(|_| ())
    }

    /// Records whose messages are still owed `older_than_s` seconds after their commit, oldest
    /// first.
    pub async fn owed(
        conn: &mut AsyncPgConnection,
        older_than_s: i64,
        rows_max: i64,
    ) -> QueryResult<Vec<Self>> {
        prepared(&format!(
            "SELECT {COLUMNS} FROM record
             WHERE owed AND committed_at < clock_timestamp() - make_interval(secs => $1::float8)
             ORDER BY committed_at LIMIT $2"
        ))
        .bind::<BigInt, _>(older_than_s)
        .bind::<BigInt, _>(rows_max)
        .load(conn)
        .await
    }

    /// The messages of these steps are in the stream.
    pub async fn settle(conn: &mut AsyncPgConnection, keys: &[Key]) -> QueryResult<usize> {
        prepared(
            "UPDATE record SET owed = false
             FROM unnest($1, $2) AS k (business_id, step)
             WHERE record.business_id = k.business_id AND record.step = k.step AND record.owed",
        )
        .bind::<Array<SqlUuid>, _>(keys.iter().map(|(id, _)| *id).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(keys.iter().map(|(_, step)| step.as_str()).collect::<Vec<_>>())
        .execute(conn)
        .await
    }
}

fn column<'r, T>(rows: &'r [Record], f: impl Fn(&'r Record) -> T) -> Vec<T> {
    rows.iter().map(f).collect()
}

/// The records of a batch's business ids.
#[derive(Debug, Default)]
pub struct Records(HashMap<Key, Record>);

impl Records {
    /// The record of a step.
    pub fn get(&self, business_id: Uuid, step: &str) -> Option<&Record> {
        self.0.get(&(business_id, step.to_owned()))
    }

    /// True if the step was done, or a tombstone stands in its place.
    pub fn has(&self, business_id: Uuid, step: &str) -> bool {
        self.get(business_id, step).is_some()
    }
}
