//! The row `delivery`: one thing that somebody is told, the outbox and its log in one.

use bakery_nats::prepared::prepared;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Whoever takes a row has it for so long; then somebody else may. It is longer than telling takes.
pub(crate) const LEASE_S: i32 = 60;
/// Calls at the same time to one webhook, by all gateways together, as long as it answers; one where
/// it does not.
const CALLS_PER_WEBHOOK_MAX: i64 = 4;
/// Rows that one statement ends or deletes.
const ROWS_MAX: i64 = 5000;
/// Such statements at the most when a webhook is deleted.
const FORGET_ROUNDS_MAX: u32 = 1000;

const COLUMNS: &str =
    "id, seq, event, order_id, state, attempt, due_at, created_at, ended_at, answer, reason";

/// A delivery as a manager sees it.
#[derive(Debug, QueryableByName, Serialize, ToSchema)]
pub(crate) struct Delivery {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) id: Uuid,
    /// Its place in the log.
    #[serde(skip)]
    #[diesel(sql_type = BigInt)]
    pub(crate) seq: i64,
    #[diesel(sql_type = Text)]
    pub(crate) event: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub(crate) order_id: Option<Uuid>,
    /// `due`, `delivered` or `failed`.
    #[diesel(sql_type = Text)]
    pub(crate) state: String,
    /// How often it was tried.
    #[diesel(sql_type = Integer)]
    pub(crate) attempt: i32,
    /// When it is, or was to be, tried.
    #[diesel(sql_type = Timestamptz)]
    pub(crate) due_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    pub(crate) created_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(crate) ended_at: Option<DateTime<Utc>>,
    /// The HTTP status of the last answer.
    #[diesel(sql_type = Nullable<Integer>)]
    pub(crate) answer: Option<i32>,
    /// What was wrong the last time.
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) reason: Option<String>,
}

/// What somebody has who took a row: only with this lease can they say what became of it.
#[derive(Clone, Debug, QueryableByName)]
pub(crate) struct Ticket {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) lease: Uuid,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub(crate) webhook_id: Option<Uuid>,
    /// Where the webhook was then; how it went says nothing of it once it is elsewhere.
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) url: Option<String>,
    #[diesel(sql_type = Integer)]
    pub(crate) attempt: i32,
    /// How long ago it was asked for.
    #[diesel(sql_type = BigInt)]
    pub(crate) age_s: i64,
}

/// What a webhook is to be told.
#[derive(QueryableByName)]
pub(crate) struct DueCall {
    #[diesel(embed)]
    pub(crate) ticket: Ticket,
    #[diesel(sql_type = Text)]
    pub(crate) url: String,
    #[diesel(sql_type = diesel::sql_types::Binary)]
    pub(crate) secret: Vec<u8>,
    #[diesel(sql_type = Nullable<diesel::sql_types::Binary>)]
    pub(crate) old_secret: Option<Vec<u8>>,
    #[diesel(sql_type = Text)]
    pub(crate) body: String,
}

/// What a customer is to be told.
#[derive(QueryableByName)]
pub(crate) struct DueMail {
    #[diesel(embed)]
    pub(crate) ticket: Ticket,
    #[diesel(sql_type = Text)]
    pub(crate) event: String,
    #[diesel(sql_type = Text)]
    pub(crate) body: String,
    /// What was wrong the last time.
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) reason: Option<String>,
}

/// Due, and nobody has it.
const IS_FREE: &str =
    "state = 'due' AND due_at <= now() AND (leased_until IS NULL OR leased_until <= now())";
/// Whoever is first has it; the others pass by.
const TAKE: &str = "lease = gen_random_uuid(), leased_until = now() + make_interval(secs => $1),
                    attempt = attempt + 1";
const TICKET: &str = "d.id, d.lease, d.webhook_id, d.attempt,
                      extract(epoch FROM now() - d.asked_at)::bigint AS age_s";

/// Takes calls that are due: of each webhook the oldest first, and of all webhooks in turn.
pub(crate) async fn take_calls(
    conn: &mut AsyncPgConnection,
    room: i64,
) -> QueryResult<Vec<DueCall>> {
    let sql = format!(
        "WITH room AS (
             SELECT id, CASE WHEN failing_since IS NULL THEN $2 ELSE 1 END - (
                 SELECT count(*) FROM delivery
                 WHERE webhook_id = webhook.id AND lease IS NOT NULL AND leased_until > now()) AS calls
             FROM webhook WHERE enabled),
         oldest AS (
             SELECT d.id, d.due_at, row_number() OVER (PARTITION BY room.id ORDER BY d.due_at) AS nth
             FROM room, LATERAL (
                 SELECT id, due_at FROM delivery WHERE webhook_id = room.id AND {IS_FREE}
                 ORDER BY due_at LIMIT greatest(room.calls, 0)) d),
         taken AS (
             SELECT id FROM delivery
             WHERE id IN (SELECT id FROM oldest ORDER BY nth, due_at LIMIT $3) AND {IS_FREE}
             FOR UPDATE SKIP LOCKED)
         UPDATE delivery d SET {TAKE} FROM taken, webhook w
         WHERE d.id = taken.id AND w.id = d.webhook_id
         RETURNING {TICKET}, d.body, w.url, w.secret,
             CASE WHEN w.old_secret_until > now() THEN w.old_secret END AS old_secret"
    );
    prepared(&sql)
        .bind::<diesel::sql_types::Double, _>(f64::from(LEASE_S))
        .bind::<BigInt, _>(CALLS_PER_WEBHOOK_MAX)
        .bind::<BigInt, _>(room)
        .load(conn)
        .await
}

/// Takes mails that are due, the oldest first.
pub(crate) async fn take_mails(
    conn: &mut AsyncPgConnection,
    room: i64,
) -> QueryResult<Vec<DueMail>> {
    let sql = format!(
        "WITH taken AS (
             SELECT id FROM delivery WHERE webhook_id IS NULL AND {IS_FREE}
             ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED)
         UPDATE delivery d SET {TAKE} FROM taken WHERE d.id = taken.id
         RETURNING {TICKET}, NULL::text AS url, d.event, d.body, d.reason"
    );
    prepared(&sql)
        .bind::<diesel::sql_types::Double, _>(f64::from(LEASE_S))
        .bind::<BigInt, _>(room)
        .load(conn)
        .await
}

/// The log of a webhook from before a place in it, the newest first.
pub(crate) async fn page(
    conn: &mut AsyncPgConnection,
    webhook_id: Uuid,
    before: Option<i64>,
    rows_max: i64,
) -> QueryResult<Vec<Delivery>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM delivery WHERE webhook_id = $1 AND seq < $2
         ORDER BY seq DESC LIMIT $3"
    );
    prepared(&sql)
        .bind::<SqlUuid, _>(webhook_id)
        .bind::<BigInt, _>(before.unwrap_or(i64::MAX))
        .bind::<BigInt, _>(rows_max)
        .load(conn)
        .await
}

/// A test of a webhook, due now.
pub(crate) async fn add_test(
    conn: &mut AsyncPgConnection,
    (id, webhook_id): (Uuid, Uuid),
    body: &str,
) -> QueryResult<Option<Delivery>> {
    let sql = format!(
        "INSERT INTO delivery (id, webhook_id, event, body, state, attempt, due_at, created_at,
                               asked_at)
         SELECT $1, id, $3, $4, 'due', 0, now(), now(), now() FROM webhook
         WHERE id = $2 AND enabled FOR KEY SHARE
         RETURNING {COLUMNS}"
    );
    prepared(&sql)
        .bind::<SqlUuid, _>(id)
        .bind::<SqlUuid, _>(webhook_id)
        .bind::<Text, _>(super::body::TEST)
        .bind::<Text, _>(body)
        .get_result(conn)
        .await
        .optional()
}

/// Has a delivery tried now, under its old id. One that somebody is trying just now stays as it is.
pub(crate) async fn resend(
    conn: &mut AsyncPgConnection,
    (id, webhook_id): (Uuid, Uuid),
) -> QueryResult<Option<Delivery>> {
    let sql = format!(
        "UPDATE delivery SET
             attempt = CASE WHEN leased_until > now() THEN attempt ELSE 0 END,
             due_at = CASE WHEN leased_until > now() THEN due_at ELSE now() END,
             asked_at = now(), state = 'due', ended_at = NULL
         WHERE id = $1 AND webhook_id = $2 RETURNING {COLUMNS}"
    );
    prepared(&sql)
        .bind::<SqlUuid, _>(id)
        .bind::<SqlUuid, _>(webhook_id)
        .get_result(conn)
        .await
        .optional()
}

/// Whoever tells this webhook something now does it in vain: others do it again.
pub(super) async fn take_back(conn: &mut AsyncPgConnection, webhook_id: Uuid) -> QueryResult<()> {
    let free = "UPDATE delivery SET lease = NULL, leased_until = NULL
                WHERE webhook_id = $1 AND lease IS NOT NULL";
    prepared(free).bind::<SqlUuid, _>(webhook_id).execute(conn).await.map(|_| ())
}

/// Nobody tells this webhook anything any more. Where that is much, the sweep goes on with it.
pub(super) async fn end_all(conn: &mut AsyncPgConnection, webhook_id: Uuid) -> QueryResult<()> {
    prepared(
        "UPDATE delivery SET state = 'failed', ended_at = now(), lease = NULL, leased_until = NULL,
             reason = 'the webhook was switched off'
         WHERE id IN (SELECT id FROM delivery WHERE webhook_id = $1 AND state = 'due' LIMIT $2)",
    )
    .bind::<SqlUuid, _>(webhook_id)
    .bind::<BigInt, _>(ROWS_MAX)
    .execute(conn)
    .await
    .map(|_| ())
}

/// Deletes the log of a webhook, a part at a time: a statement has seconds.
pub(super) async fn forget(conn: &mut AsyncPgConnection, webhook_id: Uuid) -> QueryResult<()> {
    for _ in 0..FORGET_ROUNDS_MAX {
        let part = "DELETE FROM delivery WHERE id IN (
                        SELECT id FROM delivery WHERE webhook_id = $1 LIMIT $2)";
        let part = prepared(part).bind::<SqlUuid, _>(webhook_id);
        if part.bind::<BigInt, _>(ROWS_MAX).execute(conn).await? == 0 {
            break;
        }
    }
    Ok(())
}
