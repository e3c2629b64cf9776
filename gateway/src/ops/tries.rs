//! The row `letter_try`: that somebody had a dead letter handled once more, and what became of it.
//!
//! It is written before the owner is asked, so what was done is never unsaid: where the gateway dies in
//! between, or the owner does not answer, the outcome is unknown.

use bakery_nats::dead::Letter;
use bakery_nats::prepared::prepared;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// The newest try of a letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DeadLetterTry)]
pub(crate) struct Try {
    at: DateTime<Utc>,
    /// The user who asked for it.
    by: Uuid,
    outcome: TryOutcome,
    /// Why it was refused, or why nothing is known.
    reason: Option<String>,
    /// How often it was tried by now.
    tries: i64,
}

/// What became of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TryOutcome {
    /// It took effect.
    Done,
    /// It had taken effect before.
    AlreadyDone,
    /// It cannot be handled, still.
    Refused,
    /// There was no answer: it may have taken effect. It does so once, however often it is tried.
    Unknown,
}

impl TryOutcome {
    const ALL: [Self; 4] = [Self::Done, Self::AlreadyDone, Self::Refused, Self::Unknown];

    fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::AlreadyDone => "already_done",
            Self::Refused => "refused",
            Self::Unknown => "unknown",
        }
    }
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    sequence: i64,
    #[diesel(sql_type = Timestamptz)]
    parked_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    asked_at: DateTime<Utc>,
    #[diesel(sql_type = SqlUuid)]
    asked_by: Uuid,
    #[diesel(sql_type = Text)]
    outcome: String,
    #[diesel(sql_type = Nullable<Text>)]
    reason: Option<String>,
    #[diesel(sql_type = BigInt)]
    tries: i64,
}

/// Somebody is about to have a letter handled.
pub(crate) async fn begin(
    conn: &mut AsyncPgConnection,
    id: Uuid,
    letter: &Letter,
    (by, at): (Uuid, DateTime<Utc>),
) -> QueryResult<()> {
    let insert = prepared(
        "INSERT INTO letter_try (id, sequence, parked_at, asked_by, asked_at, outcome)
         VALUES ($1, $2, $3, $4, $5, 'unknown')",
    );
    let insert = insert.bind::<SqlUuid, _>(id).bind::<BigInt, _>(stored(letter.sequence));
    let insert = insert.bind::<Timestamptz, _>(letter.at).bind::<SqlUuid, _>(by);
    insert.bind::<Timestamptz, _>(at).execute(conn).await.map(|_| ())
}

/// What became of it.
pub(crate) async fn end(
    conn: &mut AsyncPgConnection,
    id: Uuid,
    outcome: TryOutcome,
    reason: Option<&str>,
) -> QueryResult<()> {
    prepared("UPDATE letter_try SET outcome = $2, reason = $3 WHERE id = $1")
        .bind::<SqlUuid, _>(id)
        .bind::<Text, _>(outcome.as_str())
        .bind::<Nullable<Text>, _>(reason)
        .execute(conn)
        .await
        .map(|_| ())
}

/// The newest try of each of these letters that was tried. A letter is known by its number and its
/// time: after the stream was lost numbers begin anew.
pub(crate) async fn newest(
    conn: &mut AsyncPgConnection,
    letters: &[(u64, DateTime<Utc>)],
) -> QueryResult<HashMap<(u64, DateTime<Utc>), Try>> {
    let rows: Vec<Row> = prepared(
        "SELECT DISTINCT ON (sequence, parked_at) sequence, parked_at, asked_at, asked_by, outcome,
                reason, count(*) OVER (PARTITION BY sequence, parked_at) AS tries
         FROM letter_try JOIN unnest($1, $2) AS l (sequence, parked_at) USING (sequence, parked_at)
         ORDER BY sequence, parked_at, asked_at DESC, id DESC",
    )
    .bind::<Array<BigInt>, _>(letters.iter().map(|(number, _)| stored(*number)).collect::<Vec<_>>())
    .bind::<Array<Timestamptz>, _>(letters.iter().map(|(_, at)| *at).collect::<Vec<_>>())
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(Row::read).collect())
}

impl Row {
    fn read(self) -> ((u64, DateTime<Utc>), Try) {
        let Self { sequence, parked_at, asked_at: at, asked_by: by, outcome, reason, tries } = self;
        let outcome = TryOutcome::ALL.into_iter().find(|known| known.as_str() == outcome);
        // The table takes no other word.
        let outcome = outcome.unwrap_or(TryOutcome::Unknown);
        let key = (u64::try_from(sequence).unwrap_or_default(), parked_at);
        (key, Try { at, by, outcome, reason, tries })
    }
}

/// A stream would be full for ever before it came to such a number.
fn stored(sequence: u64) -> i64 {
    i64::try_from(sequence).unwrap_or(i64::MAX)
}
