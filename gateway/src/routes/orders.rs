//! Orders that are placed: reading them, and moving them on. A body sent to the four actions is
//! not looked at: the path says it all.

pub(crate) mod docs;

use crate::app::{Answer, App};
use crate::auth::caller::Caller;
use crate::params::{Id, Params};
use axum::Json;
use axum::extract::State;
use bakery_nats::refusal::Refusal;
use bakery_nats::requests::orders::{
    Action, Advance, GetOrder, GetTimeline, ListOrders, Order, OrderPage, Timeline,
};
use uuid::Uuid;

/// What the status of an order can be.
const STATUS: &str = "must be placed, reserved, confirmed, preparing, ready, served, rejected, \
                      declined or cancelled";

/// `GET /orders?status=&branch=&before=&limit=`: the orders of all.
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
pub(crate) async fn order(
    State(app): State<App>,
    caller: Caller,
    Id(order_id): Id<Uuid>,
) -> Answer<Order> {
    Ok(Json(visible(&app, &caller, order_id).await?))
}

/// `GET /orders/{id}/events`.
pub(crate) async fn events(
    State(app): State<App>,
    caller: Caller,
    Id(order_id): Id<Uuid>,
) -> Answer<Timeline> {
    visible(&app, &caller, order_id).await?;
    app.answer(&GetTimeline { order_id }).await
}

/// `POST /orders/{id}/cancel`.
pub(crate) async fn cancel(
    State(app): State<App>,
    caller: Caller,
    Id(order_id): Id<Uuid>,
) -> Answer<Order> {
    visible(&app, &caller, order_id).await?;
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

/// An order that is the caller's to see. Another one is asked for all the same, and refused in the
/// words in which the orders service refuses what is not there.
async fn visible(app: &App, caller: &Caller, order_id: Uuid) -> Result<Order, Refusal> {
    let order = app.ask(&GetOrder { order_id }).await?;
    let visible = caller.may_see_orders_of(order.account_id);
    visible.then_some(order).ok_or_else(|| Refusal::not_found("order", order_id))
}
