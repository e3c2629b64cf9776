//! What becomes of a delivery, and of its webhook, in one transaction. The webhook's row comes first:
//! whoever switches it off takes them in the same order.

use super::delivery::{self, Ticket};
use super::retry::{self, Outcome, Verdict};
use bakery_nats::Pool;
use bakery_nats::prepared::prepared;
use diesel::prelude::*;
use diesel::result::Error as DieselError;
use diesel::sql_types::{Bool, Double, Integer, Nullable, Text, Uuid as SqlUuid};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// A webhook to which everything has failed for so long is switched off. A failure a day after the
/// one before begins a new run: there was nothing to fail between them.
const FAILING_DAYS_MAX: i32 = 5;
const RUN_BREAK_DAYS: i32 = 1;
/// Tries to write down what became of a delivery; after them it is told once more.
const TRIES: u32 = 3;

#[derive(QueryableByName)]
struct Switch {
    #[diesel(sql_type = Bool)]
    enabled: bool,
}

/// Writes down how it went. Where the lease is another one by now, somebody else does, and where the
/// webhook is at another URL, it is told there once the lease has ended.
pub(crate) async fn settle(pool: &Pool, ticket: &Ticket, outcome: &Outcome) -> Result<(), String> {
    let mut failed = String::new();
    for _ in 0..TRIES {
        match once(pool, ticket, outcome).await {
            Ok(()) => return Ok(()),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

async fn once(pool: &Pool, ticket: &Ticket, outcome: &Outcome) -> Result<(), String> {
    let mut conn = pool.get().await.map_err(|error| error.to_string())?;
    let done = conn.transaction(async |conn| -> Result<(), DieselError> {
        if !hold(conn, ticket).await? {
            return Ok(());
        }
        let off = match ticket.webhook_id {
            Some(id) => note(conn, id, outcome.verdict).await?,
            None => false,
        };
        end_or_wait(conn, ticket, outcome).await?;
        if let Some(id) = ticket.webhook_id.filter(|_| off) {
            delivery::end_all(conn, id).await?;
        }
        Ok(())
    });
    done.await.map_err(|error| error.to_string())
}

/// Takes the rows; false where what became of it is no longer this one's to say.
async fn hold(conn: &mut AsyncPgConnection, ticket: &Ticket) -> QueryResult<bool> {
    if let Some(webhook_id) = ticket.webhook_id {
        // A statement of its own: the next one sees what was changed while this one waited.
        let webhook = prepared("SELECT FROM webhook WHERE id = $1 FOR NO KEY UPDATE");
        webhook.bind::<SqlUuid, _>(webhook_id).execute(conn).await?;
    }
    let held = prepared(
        "SELECT FROM delivery d LEFT JOIN webhook w ON w.id = d.webhook_id
         WHERE d.id = $1 AND d.lease = $2 AND w.url IS NOT DISTINCT FROM $3 FOR UPDATE OF d",
    )
    .bind::<SqlUuid, _>(ticket.id)
    .bind::<SqlUuid, _>(ticket.lease)
    .bind::<Nullable<Text>, _>(&ticket.url);
    Ok(held.execute(conn).await? > 0)
}

/// What it says of the webhook; true where that is off now.
async fn note(conn: &mut AsyncPgConnection, id: Uuid, verdict: Verdict) -> QueryResult<bool> {
    match verdict {
        Verdict::Delivered | Verdict::Skipped => {
            let well = "UPDATE webhook SET failing_since = NULL, failed_at = NULL
                        WHERE id = $1 AND failing_since IS NOT NULL";
            prepared(well).bind::<SqlUuid, _>(id).execute(conn).await?;
            Ok(false)
        }
        Verdict::Gone => {
            let off = "UPDATE webhook SET enabled = false, off_reason = 'gone'
                       WHERE id = $1 AND enabled";
            let off = prepared(off).bind::<SqlUuid, _>(id).execute(conn).await? > 0;
            if off {
                tracing::warn!(webhook.id = %id, "a webhook is gone, and was switched off");
            }
            Ok(off)
        }
        Verdict::Later | Verdict::Never => failed(conn, id).await,
    }
}

async fn failed(conn: &mut AsyncPgConnection, id: Uuid) -> QueryResult<bool> {
    let known: Option<Switch> = prepared(
        "UPDATE webhook SET failed_at = now(),
             failing_since = CASE WHEN failed_at > now() - make_interval(days => $2)
                                  THEN coalesce(failing_since, now()) ELSE now() END
         WHERE id = $1 AND enabled
         RETURNING failing_since > now() - make_interval(days => $3) AS enabled",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<Integer, _>(RUN_BREAK_DAYS)
    .bind::<Integer, _>(FAILING_DAYS_MAX)
    .get_result(conn)
    .await
    .optional()?;
    if known.is_none_or(|switch| switch.enabled) {
        return Ok(false);
    }
    let off = "UPDATE webhook SET enabled = false, off_reason = 'failing' WHERE id = $1";
    prepared(off).bind::<SqlUuid, _>(id).execute(conn).await?;
    tracing::warn!(webhook.id = %id, "a webhook failed for {FAILING_DAYS_MAX} days, and is off");
    Ok(true)
}

/// The row of the delivery: it has ended, or waits for its next attempt.
async fn end_or_wait(
    conn: &mut AsyncPgConnection,
    ticket: &Ticket,
    outcome: &Outcome,
) -> QueryResult<()> {
    let pause = match outcome.verdict {
        Verdict::Later => retry::pause(ticket.attempt, ticket.age_s, fastrand::u64(..)),
        Verdict::Delivered | Verdict::Skipped | Verdict::Never | Verdict::Gone => None,
    };
    let state = match outcome.verdict {
        Verdict::Delivered => "delivered",
        Verdict::Skipped => "skipped",
        Verdict::Later if pause.is_some() => "due",
        Verdict::Later | Verdict::Never | Verdict::Gone => "failed",
    };
    prepared(
        "UPDATE delivery SET state = $3, answer = $4, reason = $5, lease = NULL, leased_until = NULL,
             due_at = CASE WHEN $3 = 'due' THEN now() + make_interval(secs => $6) ELSE due_at END,
             ended_at = CASE WHEN $3 = 'due' THEN NULL ELSE now() END
         WHERE id = $1 AND lease = $2",
    )
    .bind::<SqlUuid, _>(ticket.id)
    .bind::<SqlUuid, _>(ticket.lease)
    .bind::<Text, _>(state)
    .bind::<Nullable<Integer>, _>(outcome.answer.map(i32::from))
    .bind::<Nullable<Text>, _>(outcome.reason)
    .bind::<Double, _>(pause.unwrap_or_default().as_secs_f64())
    .execute(conn)
    .await
    .map(|_| ())
}
