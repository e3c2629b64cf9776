//! S11: hostile text in every field that a person can fill in. It is refused by field, or it is
//! text and nothing else: no subject of the bus, no answer and no table is changed by it.

use crate::shop::{Shop, answer, random_key};
use bakery_nats::connect::Bus;
use futures::StreamExt;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use uuid::Uuid;

const HOSTILE: [&str; 12] = [
    "main.>",
    "*",
    ">",
    "a.b",
    "evt.bank\r\nNats-Msg-Id: forged",
    "x\nHTTP/1.1 200 OK",
    "'; DROP TABLE unit; --",
    "\" OR 1=1 --",
    "{{7*7}}${jndi:ldap://x}",
    "<script>alert(1)</script>",
    "\u{202e}gnp.exe",
    "../../etc/passwd",
];
/// What no answer may say, besides passwords: how it is made, where it is, and tokens.
const LEAKS: [&str; 8] =
    ["panicked", "stack", "src/", ".rs", "SELECT", "postgres:", "nats:", "eyJ"];

/// A request: method, path and body with `@` where the hostile text goes.
type Case = (&'static str, &'static str, Value);

fn cases() -> Vec<Case> {
    let order = |pointer: &str| {
        let mut body = json!({
            "branch": "main",
            "customer": {"name": "Ada", "email": "ada@example.org"},
            "items": [{"product_id": "bread", "quantity": 1}],
        });
        *body.pointer_mut(pointer).unwrap() = json!("@");
        body
    };
    let bake = |product: &str| json!({"bake": {"product_id": product, "quantity": 1}});
    let job = |branch: &str, name: &str, when: Value, product: &str| json!({"jobs": [{"branch": branch, "name": name, "when": when, "action": bake(product)}]});
    let noon = || json!({"cron": "0 0 12 * * *"});
    vec![
        ("POST", "/orders", order("/branch")),
        ("POST", "/orders", order("/customer/name")),
        ("POST", "/orders", order("/customer/email")),
        ("POST", "/orders", order("/items/0/product_id")),
        ("POST", "/guests", json!({"name": "@"})),
        ("POST", "/guests", json!({"name": "Ada", "currency": "@"})),
        ("POST", "/users", json!({"username": "@", "password": "a long one", "name": "Ada"})),
        (
            "POST",
            "/users",
            json!({"username": "ada", "password": "a long one", "name": "@", "email": "@"}),
        ),
        ("POST", "/sessions", json!({"username": "@", "password": "@"})),
        ("POST", "/sessions/refresh", json!({"refresh_token": "@"})),
        ("PUT", "/admin/branches/main/products/@", json!({})),
        ("PUT", "/admin/branches/@/switch", json!({"closed": true})),
        ("PUT", "/admin/jobs", job("@", "noon", noon(), "bread")),
        ("PUT", "/admin/jobs", job("main", "@", noon(), "bread")),
        ("PUT", "/admin/jobs", job("main", "noon", json!({"cron": "@"}), "bread")),
        ("PUT", "/admin/jobs", job("main", "noon", noon(), "@")),
        ("POST", "/admin/jobs/@/@/run", Value::Null),
        ("GET", "/orders?branch=@", Value::Null),
        ("GET", "/orders?status=@", Value::Null),
        ("GET", "/orders?before=@", Value::Null),
        ("GET", "/orders/@", Value::Null),
        ("GET", "/menu?branch=@", Value::Null),
        ("GET", "/menu?@=@", Value::Null),
        ("GET", "/products/@?branch=main", Value::Null),
        ("GET", "/branches/@", Value::Null),
        ("GET", "/admin/reports/@/@", Value::Null),
        ("GET", "/@", Value::Null),
    ]
}

/// Percent-encoded, as it stands in a path or a query.
fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// Puts the text where `@` is.
fn filled(body: &Value, text: &str) -> Value {
    match body {
        Value::String(mark) if mark == "@" => json!(text),
        Value::Array(all) => all.iter().map(|one| filled(one, text)).collect(),
        Value::Object(all) => {
            all.iter().map(|(name, one)| (name.clone(), filled(one, text))).collect()
        }
        other => other.clone(),
    }
}

/// The subjects of all that is said on the bus from now on, but for inboxes.
async fn subjects(bus: &Bus) -> Arc<Mutex<BTreeSet<String>>> {
    let mut said = bus.client.subscribe("bakery.>").await.expect("a subscription");
    bus.client.flush().await.expect("flushed");
    let heard = Arc::new(Mutex::new(BTreeSet::new()));
    let subjects = heard.clone();
    tokio::spawn(async move {
        while let Some(message) = said.next().await {
            // The server's signs of life have a status, and what anybody says has none.
            if message.status.is_none() {
                subjects.lock().unwrap().insert(message.subject.to_string());
            }
        }
    });
    heard
}

fn is_plain(subject: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (3..=6).contains(&subject.split('.').count())
        && subject.split('.').all(|token| !token.is_empty() && token.bytes().all(plain))
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_text_is_refused_by_field_or_is_text_and_nothing_else() {
    let shop = Shop::open(&[("bread", 100, 1000)], &[(1, 1_000_000)]).await;
    let bus = shop.ground.bus().await;
    let heard = subjects(&bus).await;
    let secrets = &shop.ground.site.secrets;
    let passwords = secrets.nats.values().chain(secrets.postgres.values()).cloned();
    let confidential: Vec<String> =
        LEAKS.iter().map(|leak| leak.to_string()).chain(passwords).collect();
    let mut accepted: Vec<Uuid> = Vec::new();
    for (method, path, body) in cases() {
        for text in HOSTILE {
            let path = path.replace('@', &encoded(text));
            let mut request = shop.counter.request(method, &path);
            if !body.is_null() {
                request = request.json(&filled(&body, text));
            }
            if path == "/orders" {
                request = request.header("Idempotency-Key", random_key());
            }
            let (status, said) = answer(request).await;
            let what = format!("{method} {path} {text:?}: {status} {said}");
            assert!((200..500).contains(&status), "{what}");
            if status >= 400 {
                let words = said.to_string();
                let told = confidential.iter().find(|leak| words.contains(leak.as_str()));
                assert!(told.is_none(), "{what} tells {told:?}");
            }
            if path == "/orders" && status == 202 {
                accepted.push(said["id"].as_str().unwrap().parse().unwrap());
            }
        }
    }
    assert!(!accepted.is_empty(), "a name may be any text");
    let (status, order) = answer(shop.counter.get(&format!("/orders/{}", accepted[0]))).await;
    assert_eq!(status, 200);
    assert!(HOSTILE.contains(&order["customer"]["name"].as_str().unwrap()), "{order}");
    shop.close(&accepted).await;
    let heard = heard.lock().unwrap();
    assert!(heard.len() > 10, "{heard:?}");
    let odd: Vec<_> = heard.iter().filter(|subject| !is_plain(subject)).collect();
    assert!(odd.is_empty(), "{odd:?}");
}
