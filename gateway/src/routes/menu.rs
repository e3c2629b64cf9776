//! What can be bought now. The menu may be a second old, a single product is always fresh.

pub(crate) mod docs;

use crate::app::{Answer, App};
use crate::params::{Id, Params};
use crate::problem::Problem;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use bakery_nats::requests::inventory::{GetProduct, Menu, MenuEntry};
use bakery_nats::slug::Slug;

/// `GET /menu?branch=`.
pub(crate) async fn menu(State(app): State<App>, mut params: Params) -> Result<Response, Problem> {
    let branch = params.branch();
    let branch = params.finish(branch)?;
    let (owner, wanted) = (app.clone(), Menu { branch: branch.clone() });
    let menu = app.cache.menu(&branch, async move { owner.ask(&wanted).await }).await?;
    Ok(([(CONTENT_TYPE, "application/json")], menu).into_response())
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
