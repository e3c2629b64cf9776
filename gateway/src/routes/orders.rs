//! Orders that are placed: reading them, and calling them off. A body sent with that is not looked
//! at: the path says it all. What the kitchen does is in `kitchen`.

pub(crate) mod docs;

use crate::app::{Answer, App};
use crate::auth::caller::Caller;
use crate::checks::BRANCH;
use crate::params::{Id, Params};
use axum::Json;
use axum::extract::State;
use bakery_nats::requests::orders::{
    Action, Advance, GetTimeline, ListOrders, Order, OrderPage, Timeline,
};
use uuid::Uuid;

/// What the status of an order can be.
const STATUS: &str = "must be placed, reserved, confirmed, preparing, ready, served, rejected, \
                      declined or cancelled";

/// `GET /orders?branch=&status=&number=&date=&account=&before=&limit=`: the caller's own orders, and
/// for who works on them all.
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    mut params: Params,
) -> Answer<OrderPage> {
    let wanted = ListOrders {
        branch: params.only_branch(),
        status: params.parsed("status", STATUS),
        account_id: params.account(),
        number: params.order_number(),
        date: params.only_date(),
        before: params.cursor("before"),
        limit: params.limit(),
    };
    let wanted = params.finish(Some(wanted))?;
    match allowed(&caller, wanted) {
        Some(wanted) => app.answer(&wanted).await,
        None => Ok(Json(OrderPage { orders: Vec::new(), next: None })),
    }
}

/// What the caller may look for: of everybody else's orders there are none. Staff look at one
/// branch, the first one where none is named, or at all orders of one account.
fn allowed(caller: &Caller, wanted: ListOrders) -> Option<ListOrders> {
    if !caller.sees_all_orders() {
        let own = wanted.account_id.is_none_or(|account_id| account_id == caller.account_id);
        let account_id = Some(caller.account_id);
        return own.then_some(ListOrders { account_id, ..wanted });
    }
    let everywhere = wanted.branch.is_some() || wanted.account_id.is_some();
    let branch = if everywhere { wanted.branch } else { BRANCH.parse().ok() };
    Some(ListOrders { branch, ..wanted })
}

/// `GET /orders/{id}`.
pub(crate) async fn order(
    State(app): State<App>,
    caller: Caller,
    Id(order_id): Id<Uuid>,
) -> Answer<Order> {
    Ok(Json(app.order(&caller, order_id).await?))
}

/// `GET /orders/{id}/events`.
pub(crate) async fn events(
    State(app): State<App>,
    caller: Caller,
    Id(order_id): Id<Uuid>,
) -> Answer<Timeline> {
    app.order(&caller, order_id).await?;
    app.answer(&GetTimeline { order_id }).await
}

/// `POST /orders/{id}/cancel`.
pub(crate) async fn cancel(
    State(app): State<App>,
    caller: Caller,
    Id(order_id): Id<Uuid>,
) -> Answer<Order> {
    app.order(&caller, order_id).await?;
    app.change_order(order_id, &Advance { order_id, action: Action::Cancel }).await
}
