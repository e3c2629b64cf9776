//! `GET /orders/{id}/receipt`: as JSON, or as a text for a printer where that is preferred.

pub(crate) mod docs;
mod text;

use crate::app::App;
use crate::auth::caller::Caller;
use crate::headers::PrefersText;
use crate::params::Id;
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, VARY};
use axum::response::{IntoResponse, Response};
use bakery_nats::requests::receipts::GetReceipt;
use uuid::Uuid;

/// The receipt of a paid order that is the caller's to see.
pub(crate) async fn receipt(
    State(app): State<App>,
    caller: Caller,
    Id(order_id): Id<Uuid>,
    PrefersText(as_text): PrefersText,
) -> Result<Response, Problem> {
    app.order(&caller, order_id).await?;
    let receipt = app.ask(&GetReceipt { order_id }).await?;
    let vary = [(VARY, "accept")];
    Ok(if as_text {
        let plain = [(CONTENT_TYPE, "text/plain; charset=utf-8")];
        (vary, plain, text::of(&receipt)).into_response()
    } else {
        (vary, Json(receipt)).into_response()
    })
}
