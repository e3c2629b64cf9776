//! Every path on one screen, and who may go there.

pub(crate) mod table;

use crate::app::App;
use crate::auth::guard::identify;
use crate::input::BODY_BYTES_MAX;
use crate::middleware::access::access;
use crate::middleware::client::client;
use crate::middleware::cors::cors;
use crate::middleware::encoding::encoding;
use crate::middleware::limits::{REQUESTS_MAX, limits};
use crate::middleware::rate::rate;
use crate::middleware::security::{Security, security};
use crate::problem::Problem;
use crate::routes::{
    accounts, admin, branches, docs, health, menu, orders, place, root, sessions, users,
};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use std::sync::Arc;
use table::{Table, Who};
use tokio::sync::Semaphore;

/// All routes, their limits around them.
pub(crate) fn router(app: App) -> Router {
    let room = Arc::new(Semaphore::new(REQUESTS_MAX));
    let headers = Security { tls: app.guard.tls.is_some() };
    let table = table(&app);
    let router = Router::new()
        .merge(docs::routes(table.rows))
        .nest("/api/v1", table.router)
        .route("/", get(root::page))
        .layer(from_fn_with_state(room, limits))
        .layer(from_fn_with_state(app.clone(), rate))
        .layer(from_fn_with_state(app.clone(), identify))
        // Outside the limits: a gateway that has much to do is alive.
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .fallback(unknown_path)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(from_fn(encoding));
    let router = match cors(&app.guard) {
        Some(layer) => router.layer(layer),
        None => router,
    };
    router
        .layer(from_fn_with_state(headers, security))
        .layer(from_fn_with_state(app.clone(), client))
        .layer(from_fn(access))
        .with_state(app)
}

/// Every path of the API, and who may.
pub(crate) fn table(app: &App) -> Table {
    use Who::{Anyone, Customer, Kitchen, Manager, Operator};
    Table::new(app)
        .get(Anyone, "/branches", branches::list)
        .get(Anyone, "/branches/{id}", branches::branch)
        .get(Anyone, "/menu", menu::menu)
        .get(Anyone, "/products/{id}", menu::product)
        .get(Anyone, "/health", health::health)
        .post(Anyone, "/users", users::register)
        .post(Anyone, "/guests", users::guest)
        .post(Anyone, "/sessions", sessions::sign_in)
        .post(Anyone, "/sessions/refresh", sessions::refresh)
        .delete(Customer, "/sessions/current", sessions::sign_out)
        .get(Customer, "/users/me", users::me)
        .put(Customer, "/users/me/password", users::password)
        .post(Customer, "/orders", place::place)
        .get(Customer, "/orders/{id}", orders::order)
        .get(Customer, "/orders/{id}/events", orders::events)
        .post(Customer, "/orders/{id}/cancel", orders::cancel)
        .get(Customer, "/accounts/{id}", accounts::account)
        .get(Kitchen, "/orders", orders::list)
        .post(Kitchen, "/orders/{id}/start", orders::start)
        .post(Kitchen, "/orders/{id}/ready", orders::ready)
        .post(Kitchen, "/orders/{id}/serve", orders::serve)
        .get(Manager, "/accounts", accounts::list)
        .post(Manager, "/accounts/{id}/deposits", accounts::deposit)
        .get(Manager, "/users", users::list)
        .get(Manager, "/users/{id}", users::user)
        .put(Operator, "/users/{id}/role", users::role)
        .put(Operator, "/users/{id}/disabled", users::disabled)
        .put(Manager, "/admin/branches/{id}", admin::branches::put)
        .put(Manager, "/admin/branches/{id}/switch", admin::branches::switch)
        .get(Manager, "/admin/branches/{id}/products", admin::products::catalogue)
        .put(Manager, "/admin/branches/{id}/products/{product}", admin::products::put)
        .delete(Manager, "/admin/branches/{id}/products/{product}", admin::products::retire)
        .put(Manager, "/admin/branches/{id}/products/{product}/sale", admin::products::sale)
        .get(Manager, "/admin/jobs", admin::jobs::list)
        .put(Manager, "/admin/jobs", admin::jobs::put)
        .delete(Manager, "/admin/jobs/{branch}/{name}", admin::jobs::delete)
        .post(Manager, "/admin/jobs/{branch}/{name}/run", admin::jobs::run)
        .post(Manager, "/admin/jobs/{branch}/{name}/pause", admin::jobs::pause)
        .post(Manager, "/admin/jobs/{branch}/{name}/resume", admin::jobs::resume)
        .get(Manager, "/admin/reports", admin::reports::office)
        .get(Manager, "/admin/reports/{branch}/{date}", admin::reports::branch)
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
pub(crate) mod tests;
