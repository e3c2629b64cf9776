//! Receipts in the API's document.

use crate::api::Op;
use crate::api::op::Form;
use bakery_nats::requests::receipts::Receipt;

/// Their operation.
pub(crate) fn ops() -> Vec<Op> {
    vec![
        Op::new(("GET", "/orders/{id}/receipt"), "Orders", "The receipt of an order")
            .about("As JSON, or with `Accept: text/plain` as a text of 40 columns for a printer.")
            .id(Form::Uuid, "id", "The order.", "0190c6a8-0000-7000-8000-000000000001")
            .answers::<Receipt>(200, "The receipt; the same for ever, but for refunds.")
            .or_text(200)
            .refuses(409, "`wrong_state`: it was not paid."),
    ]
}
