//! Orders that are placed: reading them, and moving them on. A body sent to the four actions is
//! not looked at: the path says it all.

use crate::app::{Answer, App};
use crate::params::{Id, Params};
use axum::extract::State;
use bakery_nats::requests::orders::{
    Action, Advance, GetOrder, GetTimeline, ListOrders, Order, OrderPage, Timeline,
};
use uuid::Uuid;

/// What the status of an order can be.
const STATUS: &str = "must be placed, reserved, confirmed, preparing, ready, served, rejected, \
                      declined or cancelled";

/// `GET /orders?status=&branch=&before=&limit=`.
pub(crate) async fn list(State(app): State<App>, mut params: Params) -> Answer<OrderPage> {
    let wanted = ListOrders {
        branch: params.branch(),
        status: params.parsed("status", STATUS),
        before: params.cursor("before"),
        limit: params.limit(),
    };
    let wanted = params.finish(Some(wanted))?;
    app.answer(&wanted).await
}

/// `GET /orders/{id}`.
pub(crate) async fn order(State(app): State<App>, Id(order_id): Id<Uuid>) -> Answer<Order> {
    app.answer(&GetOrder { order_id }).await
}

/// `GET /orders/{id}/events`.
pub(crate) async fn events(State(app): State<App>, Id(order_id): Id<Uuid>) -> Answer<Timeline> {
    app.answer(&GetTimeline { order_id }).await
}

/// `POST /orders/{id}/cancel`.
pub(crate) async fn cancel(State(app): State<App>, Id(order_id): Id<Uuid>) -> Answer<Order> {
    app.answer(&Advance { order_id, action: Action::Cancel }).await
}

/// `POST /orders/{id}/start`.
pub(crate) async fn start(State(app): State<App>, Id(order_id): Id<Uuid>) -> Answer<Order> {
    app.answer(&Advance { order_id, action: Action::Start }).await
}

/// `POST /orders/{id}/ready`.
pub(crate) async fn ready(State(app): State<App>, Id(order_id): Id<Uuid>) -> Answer<Order> {
    app.answer(&Advance { order_id, action: Action::Ready }).await
}

/// `POST /orders/{id}/serve`.
pub(crate) async fn serve(State(app): State<App>, Id(order_id): Id<Uuid>) -> Answer<Order> {
    app.answer(&Advance { order_id, action: Action::Serve }).await
}
