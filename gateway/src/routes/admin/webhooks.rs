//! Programs outside that are told of orders, and the log of what they were told.

mod body;
pub(crate) mod docs;

use crate::app::{Answer, App};
use crate::config::Webhooks;
use crate::input::Body;
use crate::notify::delivery::{self, Delivery};
use crate::notify::webhook::{self, WEBHOOKS_MAX, Webhook};
use crate::notify::{body as payload, sign};
use crate::params::{Id, Params};
use crate::problem::Problem;
use crate::users::unavailable;
use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use bakery_nats::refusal::Refusal;
use body::{EnabledBody, WebhookBody};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Deliveries of a page where nothing is said.
const PAGE: u16 = 20;
const PLACE: &str = "must be the value of next of the page before";

/// Webhooks are on; where they are not, nothing here is done.
pub(crate) struct On {
    /// Also by HTTP, and in this network.
    private: bool,
}

impl FromRequestParts<App> for On {
    type Rejection = Problem;

    async fn from_request_parts(_: &mut Parts, app: &App) -> Result<Self, Problem> {
        match app.notify.webhooks {
            Webhooks::On => Ok(Self { private: false }),
            Webhooks::OnPrivate => Ok(Self { private: true }),
            Webhooks::Off => {
                let detail = "webhooks are off; an operator switches them on with WEBHOOKS=on";
                Err(Problem::new(StatusCode::CONFLICT, "webhooks_off", detail))
            }
        }
    }
}

/// All webhooks.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Webhooks)]
pub(crate) struct All {
    webhooks: Vec<Webhook>,
}

/// A webhook and its secret, which is not shown again.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookWithSecret)]
pub(crate) struct Secret {
    #[serde(flatten)]
    webhook: Webhook,
    secret: String,
}

/// A page of the log.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeliveryPage)]
pub(crate) struct Page {
    /// The newest first.
    deliveries: Vec<Delivery>,
    /// For `before`; null on the last page.
    next: Option<i64>,
}

/// `GET /admin/webhooks`.
pub(crate) async fn list(State(app): State<App>, _: On) -> Answer<All> {
    let mut conn = app.users.connection().await?;
    let webhooks = webhook::list(&mut conn).await.map_err(unavailable)?;
    Ok(Json(All { webhooks }))
}

/// `GET /admin/webhooks/{id}`.
pub(crate) async fn get(State(app): State<App>, _: On, Id(id): Id<Uuid>) -> Answer<Webhook> {
    Ok(Json(found(&app, id).await?))
}

/// `POST /admin/webhooks`: it is told of what happens from now on.
pub(crate) async fn create(
    State(app): State<App>,
    on: On,
    Body(body): Body<WebhookBody>,
) -> Result<Response, Problem> {
    let (wanted, id, secret) = (body.read(on.private)?, Uuid::now_v7(), new_secret()?);
    let mut conn = app.users.connection().await?;
    let added = webhook::add(&mut conn, id, &wanted, &secret).await.map_err(unavailable)?;
    let Some(webhook) = added else {
        let detail = format!("there are {WEBHOOKS_MAX} webhooks, and there cannot be more");
        return Err(Problem::new(StatusCode::CONFLICT, "too_many_webhooks", detail));
    };
    tracing::info!(webhook.id = %id, "a webhook was added");
    let location = format!("/api/v1/admin/webhooks/{id}");
    let shown = Secret { webhook, secret: sign::secret_text(&secret) };
    Ok((StatusCode::CREATED, [(LOCATION, location)], Json(shown)).into_response())
}

/// `PUT /admin/webhooks/{id}`: it is changed to this; its secret and its log stay.
pub(crate) async fn change(
    State(app): State<App>,
    on: On,
    Id(id): Id<Uuid>,
    Body(body): Body<WebhookBody>,
) -> Answer<Webhook> {
    let wanted = body.read(on.private)?;
    let mut conn = app.users.connection().await?;
    let changed = webhook::change(&mut conn, id, &wanted).await.map_err(unavailable)?;
    Ok(Json(changed.ok_or_else(|| not_found(id))?))
}

/// `PUT /admin/webhooks/{id}/enabled`: off, or on again for what happens from then on.
pub(crate) async fn enabled(
    State(app): State<App>,
    _: On,
    Id(id): Id<Uuid>,
    Body(body): Body<EnabledBody>,
) -> Answer<Webhook> {
    let enabled = body.read()?;
    let mut conn = app.users.connection().await?;
    let changed = webhook::set_enabled(&mut conn, id, enabled).await.map_err(unavailable)?;
    let webhook = changed.ok_or_else(|| not_found(id))?;
    tracing::info!(webhook.id = %id, enabled, "a webhook was switched on or off");
    Ok(Json(webhook))
}

/// `DELETE /admin/webhooks/{id}`: with its log.
pub(crate) async fn delete(
    State(app): State<App>,
    _: On,
    Id(id): Id<Uuid>,
) -> Result<StatusCode, Problem> {
    let mut conn = app.users.connection().await?;
    if !webhook::delete(&mut conn, id).await.map_err(unavailable)? {
        return Err(not_found(id).into());
    }
    tracing::info!(webhook.id = %id, "a webhook was deleted");
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /admin/webhooks/{id}/secret`: another secret; the one before signs as well for a day.
pub(crate) async fn rotate(State(app): State<App>, _: On, Id(id): Id<Uuid>) -> Answer<Secret> {
    let secret = new_secret()?;
    let mut conn = app.users.connection().await?;
    let changed = webhook::rotate(&mut conn, id, &secret).await.map_err(unavailable)?;
    let webhook = changed.ok_or_else(|| not_found(id))?;
    tracing::info!(webhook.id = %id, "a webhook has another secret");
    Ok(Json(Secret { webhook, secret: sign::secret_text(&secret) }))
}

/// `POST /admin/webhooks/{id}/test`: it is told something that means nothing.
pub(crate) async fn test(
    State(app): State<App>,
    _: On,
    Id(id): Id<Uuid>,
) -> Result<(StatusCode, Json<Delivery>), Problem> {
    let body = payload::test((app.users.clock)()).map_err(|error| {
        tracing::error!(%error, "a test of a webhook cannot be written");
        Problem::internal()
    })?;
    found(&app, id).await?;
    let mut conn = app.users.connection().await?;
    let added = delivery::add_test(&mut conn, (Uuid::now_v7(), id), &body).await;
    let added = added.map_err(unavailable)?.ok_or_else(switched_off)?;
    Ok((StatusCode::ACCEPTED, Json(added)))
}

/// `GET /admin/webhooks/{id}/deliveries?before=&limit=`.
pub(crate) async fn deliveries(
    State(app): State<App>,
    _: On,
    Id(id): Id<Uuid>,
    mut params: Params,
) -> Answer<Page> {
    let wanted = (params.parsed("before", PLACE), params.limit().unwrap_or(PAGE));
    let (before, limit) = params.finish(Some(wanted))?;
    found(&app, id).await?;
    let mut conn = app.users.connection().await?;
    // One more than is shown tells whether there is a next page.
    let rows = delivery::page(&mut conn, id, before, i64::from(limit) + 1).await;
    let mut deliveries = rows.map_err(unavailable)?;
    let more = deliveries.len() > usize::from(limit);
    deliveries.truncate(usize::from(limit));
    let next = deliveries.last().filter(|_| more).map(|last| last.seq);
    Ok(Json(Page { deliveries, next }))
}

/// `POST /admin/webhooks/{id}/deliveries/{delivery}/resend`: now, under its old id.
pub(crate) async fn resend(
    State(app): State<App>,
    _: On,
    Id((id, delivery)): Id<(Uuid, Uuid)>,
) -> Result<(StatusCode, Json<Delivery>), Problem> {
    if !found(&app, id).await?.enabled {
        return Err(switched_off());
    }
    let mut conn = app.users.connection().await?;
    let due = delivery::resend(&mut conn, (delivery, id)).await.map_err(unavailable)?;
    let due = due.ok_or_else(|| Refusal::not_found("delivery", delivery))?;
    Ok((StatusCode::ACCEPTED, Json(due)))
}

async fn found(app: &App, id: Uuid) -> Result<Webhook, Refusal> {
    let mut conn = app.users.connection().await?;
    webhook::get(&mut conn, id).await.map_err(unavailable)?.ok_or_else(|| not_found(id))
}

fn new_secret() -> Result<Vec<u8>, Problem> {
    sign::new_secret().map_err(|_| {
        tracing::error!("this machine gives no random numbers");
        Problem::internal()
    })
}

fn not_found(id: Uuid) -> Refusal {
    Refusal::not_found("webhook", id)
}

fn switched_off() -> Problem {
    let detail = "this webhook is off, and is told nothing";
    Problem::new(StatusCode::CONFLICT, "webhook_off", detail)
}
