//! `POST /orders/{id}/refunds`: a manager gives money back for an order that stays as it is.

mod body;
pub(crate) mod docs;

use crate::app::App;
use crate::headers::RequiredKey;
use crate::input::Body;
use crate::params::Id;
use crate::problem::Problem;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use body::RefundBody;
use uuid::Uuid;

/// 202 with the order: the refund is among its `refunds`, and the bank is asked until it has paid.
pub(crate) async fn refund(
    State(app): State<App>,
    Id(order_id): Id<Uuid>,
    RequiredKey(key): RequiredKey,
    Body(body): Body<RefundBody>,
) -> Result<Response, Problem> {
    let refund = body.read((Uuid::now_v7(), order_id), Some(key))?;
    let order = app.change_order(order_id, &refund).await?;
    Ok((StatusCode::ACCEPTED, order).into_response())
}
