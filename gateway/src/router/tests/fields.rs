//! S3: fields that are ours to fill in are refused, wherever a body is read.

use super::people::{operator, token, uncounted, with_token};
use super::rights::sample;
use super::{offline, request, send_bare};
use crate::router::table;
use axum::http::HeaderValue;
use serde_json::{Map, Value, json};

/// What nobody may say of themselves, their orders and their money.
const OURS: [&str; 12] = [
    "role",
    "price",
    "total",
    "status",
    "account",
    "account_id",
    "balance",
    "id",
    "user_id",
    "disabled",
    "password_hash",
    "is_admin",
];
/// Rows where one of them is what the path is about.
const MEANT: [(&str, &str); 3] = [
    ("/users/{id}/role", "role"),
    ("/users/{id}/disabled", "disabled"),
    ("/admin/branches/{id}/products/{product}", "price"),
];
/// Rows whose path says it all: their bodies are not read.
const WITHOUT_BODY: [&str; 7] =
    ["/cancel", "/start", "/ready", "/serve", "/secret", "/test", "/resend"];

#[tokio::test]
async fn what_is_ours_to_say_is_refused_in_every_body() {
    let app = uncounted(offline().await);
    let token = token(&app, &operator().await);
    let mut bodies = 0;
    for (method, path, _) in table(&app).rows {
        let acts = path.starts_with("/admin/jobs/")
            || WITHOUT_BODY.iter().any(|action| path.ends_with(action));
        if !matches!(method, "POST" | "PUT") || acts {
            continue;
        }
        for field in OURS {
            if MEANT.contains(&(path, field)) {
                continue;
            }
            for value in [json!("operator"), json!(0), json!(-1), json!({"amount": 1}), json!(null)]
            {
                let body = Value::Object(Map::from_iter([(field.to_owned(), value)]));
                let mut request = with_token(request(method, &sample(path), Some(&body)), &token);
                // A refund is refused without one before its body is looked at.
                request.headers_mut().insert("idempotency-key", HeaderValue::from_static("k"));
                let answered = send_bare(app.clone(), request).await;
                assert_eq!(answered.status, 422, "{method} {path}: {body}");
                assert_eq!(answered.fields(), [field], "{method} {path}: {body}");
                bodies += 1;
            }
        }
    }
    assert!(bodies > 500, "{bodies}");
}

/// What is not read changes nothing.
#[tokio::test]
async fn a_body_that_is_not_wanted_changes_nothing() {
    let app = uncounted(offline().await);
    let token = token(&app, &operator().await);
    for action in ["cancel", "start", "ready", "serve"] {
        let kitchen = if action == "cancel" { "orders" } else { "kitchen/orders" };
        let path = super::ORDER.replace("orders", kitchen) + "/" + action;
        let body = json!({"status": "served", "total": 0});
        let request = with_token(request("POST", &path, Some(&body)), &token);
        assert_eq!(send_bare(app.clone(), request).await.status, 503, "{action}");
    }
}
