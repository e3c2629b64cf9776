//! Every path on one screen, and who may go there.

pub(crate) mod table;

use crate::app::App;
use crate::auth::guard::identify;
use crate::input::BODY_BYTES_MAX;
use crate::middleware::access::access;
use crate::middleware::client::client;
use crate::middleware::cors::cors;
use crate::middleware::encoding::encoding;
use crate::middleware::limits::{Room, limits};
use crate::middleware::rate::rate;
use crate::middleware::security::{Security, security};
use crate::problem::Problem;
use crate::routes::{
    accounts, admin, branches, docs, health, kitchen, live, menu, metrics, ops, orders, place,
    receipt, refunds, sessions, users, web,
};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use std::sync::Arc;
use table::{Table, Who};

/// All routes, their limits around them.
pub(crate) fn router(app: App) -> Router {
    let room = Arc::new(Room::new(&app.guard));
    let headers = Security { tls: app.guard.tls.is_some() };
    let table = table(&app);
    // Many small files make a page: they are not counted as requests.
    let still = Router::new()
        .merge(docs::routes(table.rows))
        .merge(web::routes())
        .layer(from_fn_with_state(room.clone(), limits));
    let router = Router::new()
        .nest("/api/v1", table.router)
        .layer(from_fn_with_state(room, limits))
        // They go on for as long as somebody looks, within bounds of their own.
        .nest("/api/v1", table.live)
        .layer(from_fn_with_state(app.clone(), rate))
        .layer(from_fn_with_state(app.clone(), identify))
        .merge(still)
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
    webhooks(Table::new(app))
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
        .get(Customer, "/orders", orders::list)
        .get(Customer, "/orders/{id}", orders::order)
        .get(Customer, "/orders/{id}/events", orders::events)
        .get(Customer, "/orders/{id}/receipt", receipt::receipt)
        .post(Customer, "/orders/{id}/cancel", orders::cancel)
        .get(Customer, "/accounts/{id}", accounts::account)
        .post(Manager, "/orders/{id}/refunds", refunds::refund)
        .get(Kitchen, "/kitchen/orders", kitchen::orders)
        .post(Kitchen, "/kitchen/orders/{id}/start", kitchen::start)
        .post(Kitchen, "/kitchen/orders/{id}/ready", kitchen::ready)
        .post(Kitchen, "/kitchen/orders/{id}/serve", kitchen::serve)
        .get(Kitchen, "/kitchen/bake-list", kitchen::bake_list)
        .get(Kitchen, "/kitchen/stats", kitchen::stats)
        .get(Anyone, "/display", kitchen::display)
        .live(Customer, "/orders/{id}/live", live::order)
        .live(Kitchen, "/kitchen/live", live::kitchen)
        .live(Anyone, "/display/live", live::display)
        .live(Anyone, "/shelf/live", live::shelf)
        .get(Manager, "/accounts", accounts::list)
        .post(Manager, "/accounts/{id}/deposits", accounts::deposit)
        .get(Manager, "/users", users::list)
        .get(Manager, "/users/{id}", users::user)
        .get(Operator, "/metrics", metrics::metrics)
        .get(Operator, "/ops/pipeline", ops::pipeline)
        .get(Operator, "/ops/dead-letters", ops::letters)
        .post(Operator, "/ops/dead-letters/{sequence}/resend", ops::resend)
        .put(Operator, "/users/{id}/role", users::role)
        .put(Operator, "/users/{id}/disabled", users::disabled)
        .put(Manager, "/admin/branches/{id}", admin::branches::put)
        .put(Manager, "/admin/branches/{id}/switch", admin::branches::switch)
        .get(Manager, "/admin/branches/{id}/shelf", admin::shelf::shelf)
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

/// Who outside is told of orders.
fn webhooks(table: Table) -> Table {
    use Who::Manager;
    use admin::webhooks;
    table
        .get(Manager, "/admin/webhooks", webhooks::list)
        .post(Manager, "/admin/webhooks", webhooks::create)
        .get(Manager, "/admin/webhooks/{id}", webhooks::get)
        .put(Manager, "/admin/webhooks/{id}", webhooks::change)
        .delete(Manager, "/admin/webhooks/{id}", webhooks::delete)
        .put(Manager, "/admin/webhooks/{id}/enabled", webhooks::enabled)
        .post(Manager, "/admin/webhooks/{id}/secret", webhooks::rotate)
        .post(Manager, "/admin/webhooks/{id}/test", webhooks::test)
        .get(Manager, "/admin/webhooks/{id}/deliveries", webhooks::deliveries)
        .post(Manager, "/admin/webhooks/{id}/deliveries/{delivery}/resend", webhooks::resend)
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
