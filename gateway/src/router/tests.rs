//! Requests through the whole router, to a gateway whose bus is away: what does not need the bus
//! is answered as ever, what does is a 503 at once. Who is not named is the operator.

mod admin;
mod asked;
mod fields;
mod guessing;
mod kitchen;
mod live;
mod mails;
mod menu;
mod ops;
mod orders;
mod people;
mod reports;
mod rights;
mod sessions;
mod shop;
mod smtp;
mod tokens;
mod users;
mod view;
mod webhooks;

use super::router;
use crate::app::App;
use crate::cache::Cache;
use crate::config::{Guard, Notifications, Webhooks};
use crate::input::BODY_BYTES_MAX;
use crate::live::{Bounds, Live};
use crate::rate::RateLimiter;
use crate::watch::Watch;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request};
use bakery_nats::connect::Bus;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

const ORDER: &str = "/api/v1/orders/0190c6a8-0000-7000-8000-000000000001";
const ANSWER_BYTES_MAX: usize = 100_000;
/// Nothing that a test waits for takes longer.
const WAIT_S: u64 = 30;
/// Between two looks at what is waited for: in all that time they are fewer than anybody may read.
const LOOK_PAUSE_MS: u64 = 50;

pub(crate) async fn offline() -> App {
    // Nobody listens on port 1.
    let options = async_nats::ConnectOptions::new().retry_on_initial_connect();
    let client = options.connect("127.0.0.1:1").await.unwrap();
    let bus = Bus { context: async_nats::jetstream::new(client.clone()), client };
    App {
        bus,
        cache: Arc::new(Cache::new(None)),
        watch: Arc::new(Watch::default()),
        live: Arc::new(Live::new(&Guard::default(), Bounds::default())),
        own_health: Arc::default(),
        health: Arc::default(),
        pipeline: Arc::default(),
        users: Arc::new(people::users().await),
        rate: Arc::new(RateLimiter::new(None)),
        guard: Arc::new(Guard::default()),
        notify: webhooks_on(),
        stop: CancellationToken::new(),
    }
}

/// Webhooks are called wherever they are.
fn webhooks_on() -> Arc<Notifications> {
    Arc::new(Notifications { webhooks: Webhooks::OnPrivate, ..Notifications::default() })
}

/// A token that opens every door.
pub(crate) async fn operator_token(app: &App) -> String {
    people::token(app, &people::operator().await)
}

struct Answered {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answered {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    fn fields(&self) -> Vec<String> {
        let json = self.json();
        let errors = json["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().map(|error| error["field"].as_str().unwrap().to_owned()).collect()
    }
}

async fn send(request: Request<Body>) -> Answered {
    send_to(offline().await, request).await
}

/// Sends a request as the operator, unless it says who sends it.
async fn send_to(app: App, request: Request<Body>) -> Answered {
    let request = people::signed(&app, request).await;
    send_bare(app, request).await
}

/// Sends a request as it is; whatever is refused must be a problem document.
async fn send_bare(app: App, request: Request<Body>) -> Answered {
    let what = format!("{} {}", request.method(), request.uri());
    let (parts, body) = router(app).oneshot(request).await.unwrap().into_parts();
    let body = to_bytes(body, ANSWER_BYTES_MAX).await.unwrap().to_vec();
    let answered = Answered { status: parts.status.as_u16(), headers: parts.headers, body };
    assert_eq!(answered.headers["cache-control"], "no-store", "{what}");
    assert!(answered.headers.contains_key("x-request-id"), "{what}");
    let content_type = answered.headers.get("content-type");
    assert_eq!(content_type.is_none(), answered.status == 204, "{what}");
    let is_problem = content_type.is_some_and(|name| name == "application/problem+json");
    let is_report = what.ends_with("/health") || what.ends_with("/readyz");
    assert!(is_problem || is_report || answered.status < 400, "{what}");
    if is_problem {
        let json = answered.json();
        assert_eq!(json["status"], answered.status, "{what}");
        for text in ["type", "title", "code", "detail"] {
            assert!(json[text].as_str().is_some_and(|text| !text.is_empty()), "{what}: {text}");
        }
    }
    answered
}

/// What is asked without the bus is answered at once: what waited for it would take 3 s each time, which
/// on a busy machine an answer may take once.
async fn at_once<T>(mut ask: impl AsyncFnMut() -> T) -> T {
    for _ in 0..4 {
        let start = Instant::now();
        let answered = ask().await;
        if start.elapsed() < Duration::from_secs(2) {
            return answered;
        }
    }
    panic!("it waits for the bus");
}

async fn get(path: &str) -> Answered {
    send(Request::get(path).body(Body::empty()).unwrap()).await
}

/// A request, with a body where there is one.
fn request(method: &str, path: &str, body: Option<&Value>) -> Request<Body> {
    let request = Request::builder().method(method).uri(path);
    let request = match body {
        Some(json) => {
            request.header("content-type", "application/json").body(json.to_string().into())
        }
        None => request.body(Body::empty()),
    };
    request.unwrap()
}

async fn post(path: &str, content_type: &str, body: impl Into<Body>) -> Answered {
    let request = Request::post(path).header("content-type", content_type);
    send(request.body(body.into()).unwrap()).await
}

fn good_order() -> Value {
    json!({
        "customer": {"name": "Ada"},
        "items": [{"product_id": "rye", "quantity": 1}],
    })
}

#[tokio::test]
async fn unknown_paths_and_ids_are_not_found() {
    for path in [
        "/nothing",
        "/api/v1",
        "/api/v1/nothing",
        "/api/v1/orders/17",
        "/api/v1/orders/%ff",
        "/api/v1/orders/17/events",
        "/api/v1/accounts/nobody",
        "/api/v1/products/Rye",
        "/api/v1/products/a.b",
    ] {
        let answered = get(path).await;
        assert_eq!(
            (answered.status, &answered.json()["code"]),
            (404, &json!("not_found")),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let cases = [
        (Method::DELETE, "/api/v1/orders", "POST,GET,HEAD"),
        (Method::POST, "/api/v1/menu", "GET,HEAD"),
        (Method::GET, &format!("{ORDER}/cancel"), "POST"),
        (Method::PUT, "/healthz", "GET,HEAD"),
    ];
    for (method, path, allow) in cases {
        let request = Request::builder().method(&method).uri(path).body(Body::empty()).unwrap();
        let answered = send(request).await;
        assert_eq!(answered.status, 405, "{method} {path}");
        assert_eq!(answered.headers["allow"], allow, "{method} {path}");
    }
}

#[tokio::test]
async fn wrong_query_fields_are_named() {
    let cases: [(&str, &[&str]); 11] = [
        ("/api/v1/menu?branch=Main", &["branch"]),
        ("/api/v1/menu?brnach=main", &["brnach"]),
        ("/api/v1/products/rye?branch=a&branch=b", &["branch"]),
        ("/api/v1/orders?status=lost", &["status"]),
        ("/api/v1/orders?limit=0", &["limit"]),
        ("/api/v1/orders?limit=101&before=x&page=2", &["before", "limit", "page"]),
        ("/api/v1/orders?limit=ten", &["limit"]),
        ("/api/v1/orders?number=%2B7&date=today&account=ada", &["account", "number", "date"]),
        ("/api/v1/orders?number=1234567890", &["number"]),
        ("/api/v1/accounts?after=first", &["after"]),
        ("/api/v1/accounts?branch=main", &["branch"]),
    ];
    for (path, fields) in cases {
        let answered = get(path).await;
        assert_eq!(
            (answered.status, answered.fields().as_slice()),
            (422, fields_of(fields).as_slice()),
            "{path}"
        );
    }
}

fn fields_of(fields: &[&str]) -> Vec<String> {
    fields.iter().map(|&field| field.to_owned()).collect()
}

#[tokio::test]
async fn wrong_bodies_are_refused_before_the_bus_is_asked() {
    let (path, json_type) = ("/api/v1/orders", "application/json");
    let long = format!("{{\"branch\":\"{}\"}}", "x".repeat(BODY_BYTES_MAX));
    assert_eq!(post(path, json_type, long).await.status, 413);
    assert_eq!(post(path, "text/plain", good_order().to_string()).await.status, 415);
    assert_eq!(send(Request::post(path).body("{}".into()).unwrap()).await.status, 415);
    assert_eq!(post(path, json_type, &b"{\"branch\":\"\xff\"}"[..]).await.status, 400);
    assert_eq!(post(path, json_type, "{\"branch\":").await.status, 400);
    let mut order = good_order();
    order["items"][0]["quantity"] = json!(-1);
    let answered = post(path, json_type, order.to_string()).await;
    assert_eq!((answered.status, answered.fields()), (422, fields_of(&["items[0].quantity"])));
    let deposits = "/api/v1/accounts/0190c6a8-0000-7000-8000-000000000001/deposits";
    let answered = post(deposits, json_type, r#"{"amount":{"amount":0,"currency":"EUR"}}"#).await;
    assert_eq!((answered.status, answered.fields()), (422, fields_of(&["amount.amount"])));
}

#[tokio::test]
async fn a_wrong_idempotency_key_is_named() {
    for key in ["", "a b", &"k".repeat(256)] {
        let request = Request::post("/api/v1/orders")
            .header("content-type", "application/json")
            .header("idempotency-key", key)
            .body(good_order().to_string().into())
            .unwrap();
        let answered = send(request).await;
        assert_eq!((answered.status, answered.fields()), (400, fields_of(&["Idempotency-Key"])));
    }
}

#[tokio::test]
async fn without_the_bus_everything_that_needs_it_is_unavailable_at_once() {
    let app = offline().await;
    for (method, path, body) in [
        ("GET", "/api/v1/menu", None),
        ("GET", "/api/v1/products/rye", None),
        ("GET", ORDER, None),
        ("GET", "/api/v1/orders", None),
        ("GET", "/api/v1/accounts", None),
        ("POST", "/api/v1/orders", Some(good_order())),
        ("POST", &format!("{ORDER}/cancel"), None),
        ("POST", "/api/v1/guests", Some(json!({"name": "Ada"}))),
    ] {
        let ask = async || send_to(app.clone(), request(method, path, body.as_ref())).await;
        let answered = at_once(ask).await;
        assert_eq!((answered.status, &answered.json()["code"]), (503, &json!("unavailable")));
        assert_eq!(answered.headers["retry-after"], "1");
    }
}

#[tokio::test]
async fn health_names_everything_also_when_it_is_down() {
    // On a busy machine the first connection to the database may come too late.
    let deadline = Instant::now() + Duration::from_secs(WAIT_S);
    let (answered, report) = loop {
        let answered = get("/api/v1/health").await;
        let report = answered.json();
        if report["dependencies"][1]["state"] == "up" || Instant::now() >= deadline {
            break (answered, report);
        }
        tokio::time::sleep(Duration::from_millis(LOOK_PAUSE_MS)).await;
    };
    assert_eq!((answered.status, &report["state"]), (503, &json!("down")));
    let states: Vec<_> = report["dependencies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["name"].as_str().unwrap(), one["state"].as_str().unwrap()))
        .collect();
    let down = ["inventory", "orders", "bank", "scheduler"].map(|name| (name, "down"));
    assert_eq!(states[..3], [("nats", "down"), ("postgres", "up"), ("redis", "off")]);
    assert_eq!(states[3..], down);
    assert!(
        report["dependencies"].as_array().unwrap().iter().all(|one| one["latency_ms"].is_u64())
    );
    assert_eq!(get("/healthz").await.status, 200);
    assert_eq!(get("/readyz").await.status, 503);
}

#[tokio::test]
async fn the_request_id_of_the_client_is_kept_where_it_is_harmless() {
    let ask = async |id: &str| {
        let request = Request::get("/healthz").header("x-request-id", id).body(Body::empty());
        send(request.unwrap()).await.headers["x-request-id"].to_str().unwrap().to_owned()
    };
    assert_eq!(ask("abc-1.2_3").await, "abc-1.2_3");
    for harmful in ["", "a b", "a\"b", &"x".repeat(65)] {
        assert_eq!(uuid::Uuid::parse_str(&ask(harmful).await).unwrap().get_version_num(), 7);
    }
}
