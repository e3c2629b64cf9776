//! Orders in the API's document.

use crate::api::Op;
use crate::api::op::{Form, parameter};
use bakery_nats::messages::orders::Status;
use bakery_nats::requests::orders::{Order, OrderPage, Timeline};
use serde_json::json;
use utoipa::PartialSchema;

const TAG: &str = "Orders";

/// Their operations.
pub(crate) fn ops() -> Vec<Op> {
    let digits = json!({ "type": "string", "pattern": "^[0-9]{1,9}$", "examples": ["014"] });
    let number = parameter("query", "number", "Only those that are called out by it.", digits);
    let status = parameter("query", "status", "Only those with it.", json!(Status::schema()));
    vec![
        Op::new(("GET", "/orders/{id}"), TAG, "One order as it stands")
            .id(Form::Uuid, "id", "The order.", ORDER)
            .answers::<Order>(200, "The order."),
        Op::new(("GET", "/orders/{id}/events"), TAG, "Every message of one order")
            .id(Form::Uuid, "id", "The order.", ORDER)
            .answers::<Timeline>(200, "What the orders service took and sent for it."),
        action(
            TAG,
            "/orders/{id}/cancel",
            "Call an order off",
            "It is called off; what was paid goes back.",
        ),
        Op::new(("GET", "/orders"), TAG, "Orders")
            .about(
                "Customers see their own, at all branches. Who works here sees those of a branch (the \
                 first one where none is named), or of one account. A number begins anew each day at \
                 each branch, so `date` belongs to it.",
            )
            .query(Form::Slug, "branch", "Only of this branch.")
            .parameter(status)
            .query(Form::Uuid, "account", "Only of this account.")
            .query(Form::Date, "date", "Only of this business day.")
            .parameter(number)
            .page("before")
            .answers::<OrderPage>(200, "A page of orders, newest first, without their units."),
    ]
}

const ORDER: &str = "0190c6a8-0000-7000-8000-000000000001";

/// Something that is done with an order, where it may be.
pub(crate) fn action(
    tag: &'static str,
    path: &'static str,
    summary: &'static str,
    done: &str,
) -> Op {
    Op::new(("POST", path), tag, summary)
        .id(Form::Uuid, "id", "The order.", ORDER)
        .answers::<Order>(200, done)
        .refuses(409, "`wrong_state`: this cannot be done with an order that is where it is.")
}
