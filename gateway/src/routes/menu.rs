//! What can be bought now. The menu may be a second old, a single product is always fresh.

pub(crate) mod docs;

use crate::app::{Answer, App};
use crate::params::{Id, Params};
use crate::problem::Problem;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use bakery_nats::requests::inventory::{GetProduct, Menu, MenuEntry};
use bakery_nats::slug::Slug;

/// `GET /menu?branch=`.
pub(crate) async fn menu(State(app): State<App>, mut params: Params) -> Result<Response, Problem> {
    let branch = params.branch();
    let branch = params.finish(branch)?;
    if let Some(known) = app.cache.menu(&branch).await {
        return Ok(json(known));
    }
    let menu = app.ask(&Menu { branch: branch.clone() }).await?;
    let bytes = Bytes::from(serde_json::to_vec(&menu).map_err(|error| {
        tracing::error!(%error, "the menu cannot be written as JSON");
        Problem::internal()
    })?);
    app.cache.keep_menu(&branch, bytes.clone()).await;
    Ok(json(bytes))
}

/// `GET /products/{id}?branch=`.
pub(crate) async fn product(
    State(app): State<App>,
    Id(id): Id<Slug>,
    mut params: Params,
) -> Answer<MenuEntry> {
    let branch = params.branch();
    let branch = params.finish(branch)?;
    app.answer(&GetProduct { branch, id }).await
}

fn json(bytes: Bytes) -> Response {
    ([(CONTENT_TYPE, "application/json")], bytes).into_response()
}
