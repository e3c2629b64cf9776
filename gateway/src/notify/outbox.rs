//! What is written into the outbox, in the transaction that keeps the news: who is told of which event
//! is a plain function, and the id of each row follows from both. So an event that comes again, at
//! any time, makes no second row.

use super::event::{Event, Fact};
use super::{body, channel, webhook};
use bakery_nats::error::HandlerError;
use bakery_nats::id::derived;
use bakery_nats::prepared::prepared;
use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, Nullable, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// A program that wants to be told.
#[derive(Clone, Debug)]
pub(crate) struct Listener {
    pub(crate) id: Uuid,
    pub(crate) events: Vec<String>,
    /// Only of this branch.
    pub(crate) branch: Option<String>,
    /// Of what happened later than this.
    pub(crate) since: DateTime<Utc>,
}

/// Everybody who wants to be told.
#[derive(Clone, Debug, Default)]
pub(crate) struct Listeners {
    pub(crate) webhooks: Vec<Listener>,
    /// Mails go out for what happened later than this.
    pub(crate) mail_since: Option<DateTime<Utc>>,
}

/// One row of the outbox.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    pub(crate) id: Uuid,
    /// `None` for a mail.
    pub(crate) webhook_id: Option<Uuid>,
    pub(crate) event: Event,
    pub(crate) order_id: Uuid,
    pub(crate) body: String,
}

/// Writes what these events mean to those who want to be told.
pub(crate) async fn write(
    conn: &mut AsyncPgConnection,
    facts: &[Fact],
) -> Result<(), HandlerError> {
    let Some(newest) = facts.iter().map(|fact| fact.at).max() else { return Ok(()) };
    let open = channel::open(conn).await?;
    let webhooks = match open.webhooks_since {
        Some(since) => webhook::lock_listeners(conn, since).await?,
        None => Vec::new(),
    };
    let listeners = Listeners { webhooks, mail_since: open.mail_since };
    let rows = rows(&listeners, facts).map_err(|e| HandlerError::Permanent(Box::new(e)))?;
    insert(conn, &rows).await?;
    channel::keep_newest(conn, newest).await?;
    Ok(())
}

/// Who is told of what.
pub(crate) fn rows(listeners: &Listeners, facts: &[Fact]) -> Result<Vec<Row>, serde_json::Error> {
    let mut rows = Vec::new();
    for fact in facts {
        let body = body::of(fact)?;
        let row = |whom: &str, webhook_id| {
            let order = fact.order_id().to_string();
            let id = derived(&["delivery", whom, fact.event.as_str(), &order, &fact.which]);
            let (event, order_id) = (fact.event, fact.order_id());
            Row { id, webhook_id, event, order_id, body: body.clone() }
        };
        let wanting = listeners.webhooks.iter().filter(|listener| wants(listener, fact));
        rows.extend(wanting.map(|listener| row(&listener.id.to_string(), Some(listener.id))));
        if listeners.mail_since.is_some_and(|since| fact.at > since) && is_mailed(fact) {
            rows.push(row("mail", None));
        }
    }
    Ok(rows)
}

fn wants(listener: &Listener, fact: &Fact) -> bool {
    let branch = listener.branch.as_deref();
    fact.at > listener.since
        && listener.events.iter().any(|event| event == fact.event.as_str())
        && branch.is_none_or(|branch| branch == fact.data.branch.as_str())
}

/// What a customer wants to know. Of a cancelled order that is only whether money goes back; whether
/// it was paid is asked when the mail is written, but without a price it was not.
fn is_mailed(fact: &Fact) -> bool {
    match fact.event {
        Event::Confirmed | Event::Ready | Event::Refunded => true,
        Event::Cancelled => fact.data.total.is_some(),
        Event::Placed | Event::Preparing | Event::Served | Event::Rejected | Event::Declined => {
            false
        }
    }
}

async fn insert(conn: &mut AsyncPgConnection, rows: &[Row]) -> Result<(), HandlerError> {
    if rows.is_empty() {
        return Ok(());
    }
    prepared(
        "INSERT INTO delivery (id, webhook_id, event, order_id, body, state, attempt, due_at,
                               created_at, asked_at)
         SELECT id, webhook_id, event, order_id, body, 'due', 0, now(), now(), now()
         FROM unnest($1, $2, $3, $4, $5) AS row (id, webhook_id, event, order_id, body)
         ON CONFLICT (id) DO NOTHING",
    )
    .bind::<Array<SqlUuid>, _>(rows.iter().map(|row| row.id).collect::<Vec<_>>())
    .bind::<Array<Nullable<SqlUuid>>, _>(rows.iter().map(|row| row.webhook_id).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(rows.iter().map(|row| row.event.as_str()).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(rows.iter().map(|row| row.order_id).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(rows.iter().map(|row| row.body.as_str()).collect::<Vec<_>>())
    .execute(conn)
    .await?;
    Ok(())
}
