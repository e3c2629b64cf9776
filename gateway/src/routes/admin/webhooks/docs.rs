//! Webhooks in the API's document.

use super::body::{EnabledBody, WebhookBody};
use super::{All, Page, Secret};
use crate::api::Op;
use crate::api::op::{Form, parameter};
use crate::notify::delivery::Delivery;
use crate::notify::webhook::Webhook;
use serde_json::{Value, json};

const TAG: &str = "Webhooks";
const WEBHOOK: &str = "0190c6a8-0000-7000-8000-000000000004";
const OFF: &str = "`webhooks_off`: an operator switches them on.";

/// Their operations.
pub(crate) fn ops() -> Vec<Op> {
    let ready = json!({
        "url": "https://shop.example/hook",
        "events": ["order.ready", "order.refunded"],
        "branch": "main",
    });
    vec![
        Op::new(("GET", "/admin/webhooks"), TAG, "All webhooks")
            .answers::<All>(200, "The oldest first.")
            .refuses(409, OFF),
        Op::new(("POST", "/admin/webhooks"), TAG, "Have a program told of orders")
            .about(
                "Calls and their signatures follow the Standard Webhooks specification. It is told of \
                 what happens from now on.",
            )
            .body::<WebhookBody>(&ready)
            .answers::<Secret>(201, "The webhook, and its secret, which is not shown again.")
            .located(201)
            .refuses(409, "`webhooks_off`; `too_many_webhooks`."),
        webhook("GET", "/admin/webhooks/{id}", "One webhook")
            .answers::<Webhook>(200, "The webhook."),
        webhook("PUT", "/admin/webhooks/{id}", "Change a webhook")
            .about("Its secret and its log stay.")
            .body::<WebhookBody>(&ready)
            .answers::<Webhook>(200, "The webhook."),
        webhook("PUT", "/admin/webhooks/{id}/enabled", "Switch a webhook off or on")
            .about("What happens while it is off it is never told.")
            .body::<EnabledBody>(&json!({ "enabled": true }))
            .answers::<Webhook>(200, "The webhook."),
        webhook("POST", "/admin/webhooks/{id}/secret", "Give a webhook another secret")
            .about("The one before signs as well for a day.")
            .answers::<Secret>(200, "The webhook, and its new secret."),
        webhook("POST", "/admin/webhooks/{id}/test", "Tell a webhook something that means nothing")
            .answers::<Delivery>(202, "It is told at once.")
            .refuses(409, "`webhooks_off`; `webhook_off`."),
        webhook("GET", "/admin/webhooks/{id}/deliveries", "What a webhook was told")
            .parameter(parameter("query", "before", "`next` of the page before.", place()))
            .limit()
            .answers::<Page>(200, "A page of its log, the newest first."),
        webhook(
            "POST",
            "/admin/webhooks/{id}/deliveries/{delivery}/resend",
            "Tell a webhook something once more",
        )
        .id(Form::Uuid, "delivery", "The delivery.", WEBHOOK)
        .answers::<Delivery>(202, "It is told at once, under its old id.")
        .refuses(409, "`webhooks_off`; `webhook_off`."),
        webhook("DELETE", "/admin/webhooks/{id}", "Delete a webhook, and its log")
            .done("It is gone."),
    ]
}

fn webhook(method: &'static str, path: &'static str, summary: &'static str) -> Op {
    Op::new((method, path), TAG, summary)
        .id(Form::Uuid, "id", "The webhook.", WEBHOOK)
        .refuses(409, OFF)
}

fn place() -> Value {
    json!({ "type": "integer", "minimum": i64::MIN, "maximum": i64::MAX })
}
