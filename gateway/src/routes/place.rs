//! `POST /orders`: hands an order to the orders service, and waits for its end where the customer
//! would like that. Everybody orders for themselves: the account is the caller's.

pub(crate) mod body;
pub(crate) mod docs;

use crate::app::App;
use crate::auth::caller::Caller;
use crate::headers::{IdempotencyKey, Wait};
use crate::input::Body;
use crate::problem::Problem;
use crate::watch::Waiter;
use axum::Json;
use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use bakery_nats::requests::orders::{GetOrder, Order};
use body::OrderBody;
use std::time::Duration;
use tokio::time::Instant;
use uuid::Uuid;

const PREFERENCE_APPLIED: &str = "Preference-Applied";

/// 202 with the order as it was accepted; with `Prefer: wait` 200 once it is settled, or 202 when
/// the wait is over. The status of the order tells how it ended: also a rejected one is 200.
pub(crate) async fn place(
    State(app): State<App>,
    caller: Caller,
    IdempotencyKey(idempotency_key): IdempotencyKey,
    Wait(wait_s): Wait,
    Body(body): Body<OrderBody>,
) -> Result<Response, Problem> {
    let start = Instant::now();
    let place = body.read((Uuid::now_v7(), caller.account_id), idempotency_key)?;
    // Before the request goes out: the event may overtake the answer.
    let waiter = wait_s.and_then(|_| app.watch.register(place.order_id));
    let order = app.ask(&place).await?;
    let (Some(wait_s), Some(waiter)) = (wait_s, waiter) else {
        return Ok(answer(StatusCode::ACCEPTED, &order));
    };
    let deadline = start + Duration::from_secs(wait_s);
    let order = settled(&app, waiter, order, deadline).await;
    // Somebody may have read it meanwhile; the customer has seen it further on.
    app.cache.drop_order(order.id).await;
    let is_settled = order.status.is_settled();
    let status = if is_settled { StatusCode::OK } else { StatusCode::ACCEPTED };
    let mut response = answer(status, &order);
    if let Ok(applied) = HeaderValue::try_from(format!("wait={wait_s}")) {
        response.headers_mut().insert(PREFERENCE_APPLIED, applied);
    }
    Ok(response)
}

async fn settled(app: &App, waiter: Waiter, order: Order, deadline: Instant) -> Order {
    let order_id = order.id;
    let waiter = if waiter.order_id() == order_id {
        waiter
    } else {
        // A repeat of an older order. Its event may have passed already; the re-reading tells.
        match app.watch.register(order_id) {
            Some(waiter) => waiter,
            None => return order,
        }
    };
    let read = || async { app.ask(&GetOrder { order_id }).await.ok() };
    waiter.settled(order, deadline, &app.stop, read).await
}

fn answer(status: StatusCode, order: &Order) -> Response {
    let location = format!("/api/v1/orders/{}", order.id);
    (status, [(LOCATION, location)], Json(order)).into_response()
}
