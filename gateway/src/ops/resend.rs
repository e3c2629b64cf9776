//! Having a dead letter handled once more. The gateway only names it to the service that had refused
//! it: it has no right to send what others send.

use super::letters::owner;
use super::tries::{self, TryOutcome};
use crate::app::App;
use crate::users::news::News;
use crate::users::unavailable;
use bakery_chassis::{StartError, clock};
use bakery_nats::consume::Consumer;
use bakery_nats::dead;
use bakery_nats::publish::Stream;
use bakery_nats::refusal::Refusal;
use bakery_nats::requests::dead::{
    BankRetryDead, GatewayRetryDead, InventoryRetryDead, OrdersRetryDead, Retried, RetryDead,
    RetryOutcome, SchedulerRetryDead,
};
use bakery_nats::retry::STILL_DEAD;
use bakery_nats::serve::Desk;
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;
use uuid::Uuid;

/// A letter that was handled.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeadLetterResent)]
pub(crate) struct Resent {
    sequence: u64,
    /// Who handled it.
    service: &'static str,
    outcome: RetryOutcome,
    /// How many messages followed from it.
    messages: u64,
    /// When it was asked for.
    at: DateTime<Utc>,
}

/// The gateway's own dead letters are answered for like those of every service.
pub(crate) async fn desk(desk: &Desk, app: &App) -> Result<(), StartError> {
    Ok(Arc::new(own(app)).answer_retries::<GatewayRetryDead>(desk).await?)
}

fn own(app: &App) -> Consumer<News, Stream> {
    Consumer {
        bus: app.bus.clone(),
        pool: app.users.pool.clone(),
        handler: Arc::new(News),
        outlet: Arc::new(Stream { context: app.bus.context.clone() }),
        clock: clock::wall(),
    }
}

/// Has the owner handle a letter, and notes who wanted that and what became of it.
///
/// # Errors
/// 404 where there is no such letter, 409 where nobody can handle it, 503 where the owner does not
/// answer.
pub(crate) async fn resend(app: &App, by: Uuid, sequence: u64) -> Result<Resent, Refusal> {
    app.bus_is_there()?;
    let letter = dead::get(&app.bus.context, sequence).await?;
    let letter = letter.ok_or_else(|| Refusal::not_found("dead letter", sequence))?;
    let Some(service) = owner(&letter) else {
        let detail = "the letter lies below the name of no service, so nobody can be asked";
        return Err(Refusal::new(409, "no_owner", detail));
    };
    let (id, at) = (Uuid::now_v7(), (app.users.clock)());
    let mut conn = app.users.connection().await?;
    tries::begin(&mut conn, id, &letter, (by, at)).await.map_err(unavailable)?;
    drop(conn);
    // What was begun is noted, also where who asked for it does not wait.
    let app = app.clone();
    let asked = tokio::spawn(async move {
        let answer = ask(&app, service, sequence).await;
        let (outcome, reason) = outcome(&answer);
        tracing::info!(sequence, service, user.id = %by, ?outcome, reason, "a dead letter was resent");
        note(&app, id, outcome, reason).await;
        answer
    });
    let Retried { outcome, messages } = asked.await.map_err(unavailable)??;
    Ok(Resent { sequence, service, outcome, messages, at })
}

async fn ask(app: &App, service: &str, sequence: u64) -> Result<Retried, Refusal> {
    match service {
        "inventory" => app.ask(&InventoryRetryDead::of(sequence)).await,
        "orders" => app.ask(&OrdersRetryDead::of(sequence)).await,
        "bank" => app.ask(&BankRetryDead::of(sequence)).await,
        "scheduler" => app.ask(&SchedulerRetryDead::of(sequence)).await,
        _ => own(app).retry(sequence, Uuid::now_v7()).await,
    }
}

fn outcome(answer: &Result<Retried, Refusal>) -> (TryOutcome, Option<&str>) {
    match answer {
        Ok(Retried { outcome: RetryOutcome::Done, .. }) => (TryOutcome::Done, None),
        Ok(Retried { outcome: RetryOutcome::AlreadyDone, .. }) => (TryOutcome::AlreadyDone, None),
        Err(refusal) if refusal.code == STILL_DEAD => (TryOutcome::Refused, Some(&refusal.detail)),
        Err(refusal) => (TryOutcome::Unknown, Some(&refusal.detail)),
    }
}

/// What was done is done, also where it cannot be noted.
async fn note(app: &App, id: Uuid, outcome: TryOutcome, reason: Option<&str>) {
    let noted = async {
        let mut conn = app.users.connection().await?;
        tries::end(&mut conn, id, outcome, reason).await.map_err(unavailable)
    };
    if let Err(refusal) = noted.await {
        tracing::warn!(%refusal, "what became of a dead letter is not noted: it reads as unknown");
    }
}
