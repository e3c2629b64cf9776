//! Webhooks as a manager makes, sees, changes and tries them.

use super::people::{person, strangers, token, with_token};
use super::{Answered, offline, request, send_bare};
use crate::app::App;
use crate::auth::caller::Caller;
use crate::config::{Notifications, Webhooks};
use bakery_nats::requests::gateway::Role;
use bakery_testbed::database::{execute, number};
use serde_json::{Value, json};
use std::sync::Arc;

const WEBHOOKS: &str = "/api/v1/admin/webhooks";

/// A gateway with a database of its own, and its manager.
struct Office {
    app: App,
    manager: Caller,
}

impl Office {
    async fn open(webhooks: Webhooks) -> Self {
        let users = Arc::new(strangers().await);
        let notify = Arc::new(Notifications { webhooks, mail: None });
        let manager = person(&users, Role::Manager).await;
        Self { app: App { users, notify, ..offline().await }, manager }
    }

    async fn send(&self, method: &str, path: &str, body: Option<Value>) -> Answered {
        let request = request(method, path, body.as_ref());
        let request = with_token(request, &token(&self.app, &self.manager));
        send_bare(self.app.clone(), request).await
    }

    /// A new webhook: where it is, and what was answered.
    async fn add(&self) -> (String, Value) {
        let answered = self.send("POST", WEBHOOKS, Some(wanted())).await;
        assert_eq!(answered.status, 201);
        let path = answered.headers["location"].to_str().unwrap().to_owned();
        (path, answered.json())
    }

    async fn count(&self, what: &str) -> i64 {
        let sql = format!("SELECT count(*) AS number FROM {what}");
        number(&self.app.users.pool, &sql).await
    }
}

fn wanted() -> Value {
    json!({"url": "https://shop.example/hook", "events": ["order.ready", "order.refunded"],
           "branch": "main"})
}

fn is_secret(text: &Value) -> bool {
    text.as_str().unwrap().strip_prefix("whsec_").is_some_and(|rest| rest.len() == 44)
}

#[tokio::test]
async fn a_webhook_is_made_seen_changed_switched_and_deleted() {
    let office = Office::open(Webhooks::On).await;
    let (path, mut made) = office.add().await;
    let secret = made.as_object_mut().unwrap().remove("secret").unwrap();
    assert!(is_secret(&secret));
    assert_eq!(path, format!("{WEBHOOKS}/{}", made["id"].as_str().unwrap()));
    for (name, value) in wanted().as_object().unwrap() {
        assert_eq!(made[name], *value);
    }
    assert_eq!((&made["enabled"], &made["off_reason"]), (&json!(true), &Value::Null));
    let seen = office.send("GET", &path, None).await;
    assert_eq!((seen.status, seen.json()), (200, made.clone()), "or a secret is shown twice");
    let all = office.send("GET", WEBHOOKS, None).await;
    assert_eq!((all.status, all.json()), (200, json!({"webhooks": [made]})));

    let other = json!({"url": "https://other.example/", "events": ["order.placed"]});
    let changed = office.send("PUT", &path, Some(other.clone())).await;
    assert_eq!((changed.status, &changed.json()["url"]), (200, &other["url"]));
    assert_eq!(changed.json()["branch"], Value::Null);
    for (enabled, reason) in [(false, json!("by_hand")), (true, Value::Null)] {
        let body = Some(json!({"enabled": enabled}));
        let switched = office.send("PUT", &format!("{path}/enabled"), body).await;
        let json = switched.json();
        assert_eq!((switched.status, &json["enabled"]), (200, &json!(enabled)));
        assert_eq!(json["off_reason"], reason);
    }
    let rotated = office.send("POST", &format!("{path}/secret"), None).await;
    assert_eq!(rotated.status, 200);
    let rotated = rotated.json();
    assert!(is_secret(&rotated["secret"]) && rotated["secret"] != secret);
    assert!(rotated["old_secret_until"].is_string());

    assert_eq!(office.send("DELETE", &path, None).await.status, 204);
    for (method, below, body) in [
        ("GET", "", None),
        ("PUT", "", Some(wanted())),
        ("DELETE", "", None),
        ("PUT", "/enabled", Some(json!({"enabled": true}))),
        ("POST", "/secret", None),
        ("POST", "/test", None),
        ("GET", "/deliveries", None),
        ("POST", "/deliveries/0190c6a8-0000-7000-8000-000000000002/resend", None),
    ] {
        let missing = office.send(method, &format!("{path}{below}"), body).await;
        assert_eq!((missing.status, &missing.json()["code"]), (404, &json!("not_found")));
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_webhook_is_named_and_changes_nothing() {
    let office = Office::open(Webhooks::On).await;
    let (path, _) = office.add().await;
    let cases: [(Value, &[&str]); 6] = [
        (json!({}), &["url", "events"]),
        (json!({"url": "http://shop.example/", "events": ["order.ready"]}), &["url"]),
        (json!({"url": "https://10.0.0.1/", "events": ["order.ready"]}), &["url"]),
        (json!({"url": "https://shop.example/", "events": ["order.eaten"]}), &["events[0]"]),
        (json!({"url": "https://a.example/", "events": [], "branch": "X"}), &["events", "branch"]),
        (json!({"url": 1}), &["url"]),
    ];
    for (body, fields) in cases {
        for (method, path) in [("POST", WEBHOOKS), ("PUT", path.as_str())] {
            let answered = office.send(method, path, Some(body.clone())).await;
            assert_eq!((answered.status, answered.fields()), (422, super::fields_of(fields)));
        }
    }
    let enabled = office.send("PUT", &format!("{path}/enabled"), Some(json!({}))).await;
    assert_eq!((enabled.status, enabled.fields()), (422, super::fields_of(&["enabled"])));
    let page = office.send("GET", &format!("{path}/deliveries?before=x&limit=0&a=b"), None).await;
    assert_eq!((page.status, page.fields()), (422, super::fields_of(&["before", "limit", "a"])));
    let kept = "webhook WHERE url = 'https://shop.example/hook' AND enabled";
    assert_eq!((office.count(kept).await, office.count("webhook").await), (1, 1));
    let private = Office::open(Webhooks::OnPrivate).await;
    let body = json!({"url": "http://10.0.0.1:8080/hook", "events": ["order.ready"]});
    assert_eq!(private.send("POST", WEBHOOKS, Some(body)).await.status, 201);
}

#[tokio::test]
async fn there_is_an_end_to_how_many_there_are() {
    let office = Office::open(Webhooks::On).await;
    for _ in 0..24 {
        office.add().await;
    }
    let more = office.send("POST", WEBHOOKS, Some(wanted())).await;
    assert_eq!((more.status, &more.json()["code"]), (409, &json!("too_many_webhooks")));
    assert_eq!(office.count("webhook").await, 24);
}

#[tokio::test]
async fn a_test_is_written_seen_in_the_log_and_asked_for_again() {
    let office = Office::open(Webhooks::On).await;
    let (path, _) = office.add().await;
    let mut made = Vec::new();
    for _ in 0..5 {
        let answered = office.send("POST", &format!("{path}/test"), None).await;
        assert_eq!((answered.status, &answered.json()["state"]), (202, &json!("due")));
        made.insert(0, answered.json()["id"].clone());
    }
    let (mut seen, mut query) = (Vec::new(), "limit=2".to_owned());
    loop {
        let page = office.send("GET", &format!("{path}/deliveries?{query}"), None).await.json();
        let deliveries = page["deliveries"].as_array().unwrap();
        assert!(deliveries.iter().all(|one| one["event"] == "webhook.test"));
        seen.extend(deliveries.iter().map(|one| one["id"].clone()));
        let Some(next) = page["next"].as_i64() else { break };
        query = format!("limit=2&before={next}");
    }
    assert_eq!(seen, made);
    let ended = "UPDATE delivery SET state = 'failed', ended_at = now(), attempt = 9";
    execute(&office.app.users.pool, ended).await;
    let resend = format!("{path}/deliveries/{}/resend", made[0].as_str().unwrap());
    let again = office.send("POST", &resend, None).await;
    assert_eq!((again.status, &again.json()["state"]), (202, &json!("due")));
    assert_eq!(office.count("delivery WHERE state = 'due' AND attempt = 0").await, 1);

    office.send("PUT", &format!("{path}/enabled"), Some(json!({"enabled": false}))).await;
    assert_eq!(office.count("delivery WHERE state = 'due'").await, 0);
    for path in [&resend, &format!("{path}/test")] {
        let refused = office.send("POST", path, None).await;
        assert_eq!((refused.status, &refused.json()["code"]), (409, &json!("webhook_off")));
    }
    office.send("DELETE", &path, None).await;
    assert_eq!(office.count("delivery").await, 0);
}

#[tokio::test]
async fn where_webhooks_are_off_every_path_says_so() {
    let office = Office::open(Webhooks::Off).await;
    let one = format!("{WEBHOOKS}/0190c6a8-0000-7000-8000-000000000001");
    let resend = format!("{one}/deliveries/0190c6a8-0000-7000-8000-000000000002/resend");
    for (method, path, body) in [
        ("GET", WEBHOOKS.to_owned(), None),
        ("POST", WEBHOOKS.to_owned(), Some(wanted())),
        ("GET", one.clone(), None),
        ("PUT", one.clone(), Some(wanted())),
        ("DELETE", one.clone(), None),
        ("PUT", format!("{one}/enabled"), Some(json!({"enabled": true}))),
        ("POST", format!("{one}/secret"), None),
        ("POST", format!("{one}/test"), None),
        ("GET", format!("{one}/deliveries"), None),
        ("POST", resend, None),
    ] {
        let answered = office.send(method, &path, body).await;
        assert_eq!((answered.status, &answered.json()["code"]), (409, &json!("webhooks_off")));
    }
    assert_eq!(office.count("webhook").await, 0);
}
