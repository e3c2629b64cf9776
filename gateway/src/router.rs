//! Every path on one screen.

use crate::app::App;
use crate::input::BODY_BYTES_MAX;
use crate::middleware::access::access;
use crate::middleware::limits::{REQUESTS_MAX, limits};
use crate::problem::Problem;
use crate::routes::{accounts, admin, branches, health, menu, orders, place, root};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{delete, get, post, put};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// All routes, their limits around them.
pub(crate) fn router(app: App) -> Router {
    let api = Router::new()
        .route("/branches", get(branches::list))
        .route("/branches/{id}", get(branches::branch))
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
        .route("/health", get(health::health))
        .nest("/admin", admin());
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

/// What the baker may do.
fn admin() -> Router<App> {
    Router::new()
        .route("/branches/{id}", put(admin::branches::put))
        .route("/branches/{id}/switch", put(admin::branches::switch))
        .route("/branches/{id}/products", get(admin::products::catalogue))
        .route(
            "/branches/{id}/products/{product}",
            put(admin::products::put).delete(admin::products::retire),
        )
        .route("/branches/{id}/products/{product}/sale", put(admin::products::sale))
        .route("/jobs", get(admin::jobs::list).put(admin::jobs::put))
        .route("/jobs/{branch}/{name}", delete(admin::jobs::delete))
        .route("/jobs/{branch}/{name}/run", post(admin::jobs::run))
        .route("/jobs/{branch}/{name}/pause", post(admin::jobs::pause))
        .route("/jobs/{branch}/{name}/resume", post(admin::jobs::resume))
        .route("/reports", get(admin::reports::office))
        .route("/reports/{branch}/{date}", get(admin::reports::branch))
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
