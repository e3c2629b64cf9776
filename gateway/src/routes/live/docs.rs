//! Looking on, in the API's document.

use crate::api::Op;
use crate::api::op::{Form, parameter};
use serde_json::json;

const ABOUT: &str = "\
    Server-sent events, or a WebSocket (subprotocol `bakery.v1`) with messages such as \
    `{\"id\":\"42\",\"event\":\"order\",\"data\":{…}}`. A browser's WebSocket names its token as the second \
    subprotocol, `bearer.<token>`. First comes how things stand (`snapshot`), then what changes; \
    `reset` is a new snapshot where something was missed.";

/// Its operations.
pub(crate) fn ops() -> Vec<Op> {
    vec![
        live("/orders/{id}/live", "Look at one order").id(
            Form::Uuid,
            "id",
            "The order.",
            "0190c6a8-0000-7000-8000-000000000001",
        ),
        live("/kitchen/live", "Look at the kitchen").branch(),
        live("/display/live", "Look at the board at the counter").branch(),
        live("/shelf/live", "Look at the shelf").branch().refuses(404, "There is no such branch."),
    ]
}

fn live(path: &'static str, summary: &'static str) -> Op {
    let id = || json!({ "type": "integer", "minimum": 0, "maximum": u64::MAX });
    let says = "Goes on behind this event.";
    Op::new(("GET", path), "Live", summary)
        .about(ABOUT)
        .parameter(parameter("query", "last_event_id", says, id()))
        .parameter(parameter("header", "Last-Event-ID", says, json!({ "type": "string" })))
        .text(200, "Events without end.", "text/event-stream")
        .refuses(400, "`invalid_header`: the header `Last-Event-ID` is wrong; `malformed`.")
}
