//! Every path on one screen.

use crate::app::App;
use crate::input::BODY_BYTES_MAX;
use crate::middleware::access::access;
use crate::middleware::limits::{REQUESTS_MAX, limits};
use crate::problem::Problem;
use crate::routes::{accounts, health, menu, orders, place, root};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// All routes, their limits around them.
pub(crate) fn router(app: App) -> Router {
    let api = Router::new()
        .route("/menu", get(menu::menu))
        .route("/products/{id}", get(menu::product))
        .route("/orders", get(orders::list).post(place::place))
        .route("/orders/{id}", get(orders::order))
        .route("/orders/{id}/events", get(orders::events))
        .route("/orders/{id}/cancel", post(orders::cancel))
        .route("/orders/{id}/start", post(orders::start))
        .route("/orders/{id}/ready", post(orders::ready))
        .route("/orders/{id}/serve", post(orders::serve))
        .route("/accounts", get(accounts::list))
        .route("/accounts/{id}", get(accounts::account))
        .route("/accounts/{id}/deposits", post(accounts::deposit))
        .route("/health", get(health::health));
    let room = Arc::new(Semaphore::new(REQUESTS_MAX));
    Router::new()
        .nest("/api/v1", api)
        .route("/", get(root::page))
        .layer(from_fn_with_state(room, limits))
        // Outside the limits: a gateway that has much to do is alive.
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .fallback(unknown_path)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(from_fn(access))
        .with_state(app)
}

async fn unknown_path() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "not_found", "there is nothing at this path")
}

/// axum adds the header `Allow`.
async fn wrong_method() -> Problem {
    let detail = "this path does not know this method; the header Allow names those it knows";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail)
}

#[cfg(test)]
mod tests;
