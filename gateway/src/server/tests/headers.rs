//! What every answer says, and what the client's own words are good for.

use super::{House, short};
use crate::app::App;
use crate::config::Guard;
use crate::router::router;
use crate::router::tests::{offline, operator_token};
use axum::http::HeaderValue;
use std::sync::Arc;

/// Counted, and answered 503 without a bus.
const COUNTED: &str = "/api/v1/menu";

fn limited(reads: u32) -> Guard {
    Guard {
        rate_limit_per_minute: Some(reads),
        trusted_proxies: vec!["127.0.0.0/8".parse().unwrap()],
        ..Guard::default()
    }
}

#[tokio::test]
async fn every_answer_tells_browsers_what_not_to_do() {
    let house = House::open(Guard::default(), short()).await;
    let mut client = house.client().await;
    for path in ["/", "/healthz", "/nothing", "/api/v1/menu", "/api/v1/nothing"] {
        let answer = client.get(path, "Origin: https://shop.example\r\n").await;
        // A page may be kept, and is asked for again.
        let kept = if path == "/" { "no-cache" } else { "no-store" };
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("x-frame-options", "DENY"),
            ("cross-origin-resource-policy", "same-origin"),
            ("cache-control", kept),
        ] {
            assert_eq!(answer.headers[name], value, "{path}");
        }
        let policy = &answer.headers["content-security-policy"];
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
        let more = answer.headers.keys().find(|name| {
            name.starts_with("access-control") || *name == "strict-transport-security"
        });
        assert_eq!(more, None, "{path}");
    }
    house.close().await;
}

#[tokio::test]
async fn only_the_pages_of_the_named_origins_may_call() {
    let cors_origins = vec![HeaderValue::from_static("https://shop.example")];
    let house = House::open(Guard { cors_origins, ..Guard::default() }, short()).await;
    let mut client = house.client().await;
    let answer = client.get("/api/v1/menu", "Origin: https://shop.example\r\n").await;
    assert_eq!(answer.headers["access-control-allow-origin"], "https://shop.example");
    assert_eq!(answer.headers["access-control-allow-credentials"], "true");
    assert!(answer.headers["access-control-expose-headers"].contains("ratelimit"));
    assert!(answer.headers["vary"].contains("origin"));
    for other in
        ["https://shop.example.evil", "https://evil.example", "http://shop.example", "null"]
    {
        let answer = client.get("/api/v1/menu", &format!("Origin: {other}\r\n")).await;
        assert!(!answer.headers.contains_key("access-control-allow-origin"), "{other}");
    }
    let preflight = "OPTIONS /api/v1/orders HTTP/1.1\r\nHost: bakery\r\n\
        Origin: https://shop.example\r\nAccess-Control-Request-Method: POST\r\n\
        Access-Control-Request-Headers: content-type,idempotency-key\r\n\r\n";
    let answer = client.ask(preflight).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["access-control-allow-origin"], "https://shop.example");
    assert!(answer.headers["access-control-allow-methods"].contains("POST"));
    assert!(answer.headers["access-control-allow-headers"].contains("idempotency-key"));
    assert!(!answer.headers.values().any(|value| value == "*"));
    house.close().await;
}

#[tokio::test]
async fn each_client_behind_a_trusted_proxy_has_its_own_limit() {
    let house = House::open(limited(3), short()).await;
    let mut proxy = house.client().await;
    for left in [2, 1, 0] {
        let answer = proxy.get(COUNTED, "X-Forwarded-For: 1.1.1.1, 192.0.2.7\r\n").await;
        assert_eq!(answer.status, 503);
        assert_eq!(answer.headers["ratelimit-policy"], "\"default\";q=3;w=60");
        let told = &answer.headers["ratelimit"];
        assert!(told.starts_with(&format!("\"default\";r={left};t=")), "{told}");
    }
    // Whatever the client has written before it is not believed.
    let answer = proxy.get(COUNTED, "X-Forwarded-For: 2.2.2.2, 192.0.2.7\r\n").await;
    assert_eq!((answer.status, answer.code().as_str()), (429, "too_many_requests"));
    assert_eq!(answer.headers["x-frame-options"], "DENY");
    let wait_s: u64 = answer.headers["retry-after"].parse().unwrap();
    assert!((1..=65).contains(&wait_s));
    assert_eq!(answer.headers["ratelimit"], format!("\"default\";r=0;t={wait_s}"));
    assert_eq!(proxy.get(COUNTED, "X-Forwarded-For: 192.0.2.8\r\n").await.status, 503);
    assert_eq!(proxy.get(COUNTED, "Forwarded: for=192.0.2.7\r\n").await.status, 429);
    // Nor is what shows that we are there, or the many files of a page.
    assert_eq!(proxy.get("/", "X-Forwarded-For: 192.0.2.7\r\n").await.status, 200);
    assert_eq!(proxy.get("/healthz", "X-Forwarded-For: 192.0.2.7\r\n").await.status, 200);
    house.close().await;
}

/// Users are counted wherever they are, and not for each other behind one address.
#[tokio::test]
async fn each_user_has_an_own_limit_and_nobody_elses() {
    let app = App { guard: Arc::new(limited(2)), ..offline().await };
    let token = operator_token(&app).await;
    let house = House::open_with(router(app), limited(2), short()).await;
    let mut client = house.client().await;
    let signed = format!("Authorization: Bearer {token}\r\n");
    for address in ["192.0.2.1", "192.0.2.2"] {
        let lines = format!("{signed}X-Forwarded-For: {address}\r\n");
        assert_eq!(client.get(COUNTED, &lines).await.status, 503);
    }
    assert_eq!(client.get(COUNTED, &signed).await.status, 429);
    assert_eq!(client.get(COUNTED, "").await.status, 503);
    // Who only says that it is somebody is counted by its address.
    assert_eq!(client.get(COUNTED, &signed.replace("Bearer ", "Bearer x")).await.status, 503);
    assert_eq!(client.get(COUNTED, "").await.status, 429);
    house.close().await;
}

#[tokio::test]
async fn writes_have_a_limit_of_their_own() {
    let guard = Guard { rate_limit_writes_per_minute: Some(1), ..limited(100) };
    let house = House::open(guard, short()).await;
    let mut client = house.client().await;
    let write = "POST /api/v1/orders HTTP/1.1\r\nHost: bakery\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(client.ask(write).await.headers["ratelimit"].split(';').nth(1), Some("r=0"));
    let answer = client.ask(write).await;
    assert_eq!((answer.status, answer.code().as_str()), (429, "too_many_requests"));
    assert!(answer.headers["ratelimit-policy"].starts_with("\"writes\";q=1;"));
    assert_eq!(client.get("/", "").await.status, 200);
    house.close().await;
}

/// S11, as far as headers go: nothing of a request comes back in a header, and no line can be
/// smuggled into one.
#[tokio::test]
async fn s11_what_the_client_says_adds_no_header() {
    let app = offline().await;
    let token = operator_token(&app).await;
    let house = House::open_with(router(app), Guard::default(), short()).await;
    for attack in [
        "%0d%0aX-Evil:%20yes",
        "%0D%0A%0D%0A<script>",
        "a%00b",
        "..%2f..%2fetc%2fpasswd",
        "%E2%80%A8X-Evil:yes",
    ] {
        for path in [
            format!("/{attack}"),
            format!("/api/v1/orders/{attack}"),
            format!("/api/v1/products/{attack}"),
            format!("/api/v1/menu?branch={attack}"),
            format!("/api/v1/branches/{attack}"),
            format!("/api/v1/admin/reports/{attack}/2026-11-24"),
            format!("/api/v1/admin/reports?date={attack}"),
        ] {
            let lines = format!(
                "Authorization: Bearer {token}\r\nX-Request-Id: {attack}\r\nAccept: text/csv\r\nPrefer: wait={attack}\r\n\
                 Idempotency-Key: {attack}\r\n"
            );
            let answer = house.client().await.get(&path, &lines).await;
            assert!((400..=503).contains(&answer.status), "{path}: {}", answer.status);
            assert!(!answer.headers.contains_key("x-evil"), "{path}");
            let echoed = answer.headers.values().any(|value| {
                let value = value.to_ascii_lowercase();
                value.contains("evil") || value.contains("script") || value.contains("passwd")
            });
            assert!(!echoed, "{path}: {:?}", answer.headers);
        }
    }
    house.close().await;
}
