//! Refunds in the API's document.

use super::body::RefundBody;
use crate::api::Op;
use crate::api::op::Form;
use bakery_nats::requests::orders::Order;
use serde_json::json;

/// Their operation.
pub(crate) fn ops() -> Vec<Op> {
    let burnt = json!({
        "lines": [{ "product_id": "rye", "quantity": 1 }],
        "reason": "One loaf was burnt",
    });
    vec![
        Op::new(("POST", "/orders/{id}/refunds"), "Orders", "Give money back for an order")
            .about(
                "While it is preparing, ready or served; before that it is called off. The goods \
                 stay with the customer, and the order keeps its status. What is given back is what \
                 was paid, of the dearest units first.",
            )
            .id(Form::Uuid, "id", "The order.", "0190c6a8-0000-7000-8000-000000000001")
            .idempotent_always("burnt-1")
            .body::<RefundBody>(&burnt)
            .answers::<Order>(202, "The order with the refund; the bank is asked until it has paid.")
            .refuses(
                409,
                "`wrong_state`; `nothing_to_refund`: all of it was given back; `too_many_refunds`.",
            ),
    ]
}
