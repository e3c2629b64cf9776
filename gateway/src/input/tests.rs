//! What a body may look like, from outside in: bytes, syntax, shape. And what the tests of bodies
//! share.

use super::{BODY_TIMEOUT_S, Body, Object, is_json, parse};
use axum::extract::FromRequest;
use axum::http::{HeaderMap, Request};
use axum::response::IntoResponse;
use bakery_nats::refusal::Refusal;
use serde::Deserialize;
use serde_json::Value;
use std::fmt::Debug;

/// A body with one value set (or, where it is null, taken out).
pub(crate) fn with(mut body: Value, pointer: &str, value: Value) -> Value {
    let (above, name) = pointer.rsplit_once('/').unwrap();
    let map = body.pointer_mut(above).unwrap().as_object_mut().unwrap();
    if value.is_null() {
        map.remove(name);
    } else {
        map.insert(name.to_owned(), value);
    }
    body
}

/// The fields that a 422 names.
pub(crate) fn wrong_fields<T: Debug>(read: Result<T, Refusal>) -> Vec<String> {
    let refusal = read.unwrap_err();
    assert_eq!((refusal.status, refusal.code.as_str()), (422, "invalid_input"), "{refusal:?}");
    refusal.errors.into_iter().map(|error| error.field).collect()
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Basket {
    name: String,
    lines: Vec<Object<Line>>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Line {
    count: u8,
}

impl PartialEq for Object<Line> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

#[test]
fn a_good_body_is_read() {
    let basket = parse::<Basket>(br#" {"name":"Ada","lines":[{"count":2}]} "#).unwrap();
    assert_eq!(basket, Basket { name: "Ada".to_owned(), lines: vec![Object(Line { count: 2 })] });
}

#[test]
fn what_is_no_json_is_named_by_line_and_column() {
    let cases: [(&[u8], &str); 5] = [
        (b"", "line 1 column 0"),
        (b"{\"name\":", "line 1 column 8"),
        (b"{\n  \"name\": ,", "line 2 column 11"),
        (b"{\"name\":\"Ada\",\"lines\":[]} x", "line 1 column 27"),
        (b"{\n\"name\":\"\xff\"}", "invalid UTF-8 at line 2 column 9"),
    ];
    for (body, place) in cases {
        let refusal = parse::<Basket>(body).unwrap_err();
        let text = String::from_utf8_lossy(body);
        assert_eq!((refusal.status, refusal.code.as_str()), (400, "malformed"), "{text}");
        assert!(refusal.detail.contains(place), "{text}: {}", refusal.detail);
    }
}

#[test]
fn json_of_another_shape_is_named_by_the_path_of_the_field() {
    let cases = [
        (r#"[]"#, "body"),
        (r#"["Ada",[]]"#, "body"),
        (r#""Ada""#, "body"),
        (r#"{"name":7,"lines":[]}"#, "name"),
        (r#"{"name":"Ada"}"#, "lines"),
        (r#"{"name":"Ada","name":"Bo","lines":[]}"#, "name"),
        (r#"{"name":"Ada","lines":[],"admin":true}"#, "admin"),
        (r#"{"name":"Ada","lines":{}}"#, "lines"),
        (r#"{"name":"Ada","lines":[{"count":1},{"count":"two"}]}"#, "lines[1].count"),
        (r#"{"name":"Ada","lines":[{"count":256}]}"#, "lines[0].count"),
        (r#"{"name":"Ada","lines":[[1]]}"#, "lines[0]"),
        (r#"{"name":"Ada","lines":[{}]}"#, "lines[0].count"),
        (r#"{"name":"Ada","lines":[{"count":1,"count":1}]}"#, "lines[0].count"),
        (r#"{"name":"Ada","lines":[{"count":1,"price":0}]}"#, "lines[0].price"),
    ];
    for (body, field) in cases {
        let refusal = parse::<Basket>(body.as_bytes()).unwrap_err();
        assert_eq!((refusal.status, refusal.code.as_str()), (422, "invalid_input"), "{body}");
        let fields: Vec<_> = refusal.errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, [field], "{body}: {:?}", refusal.errors);
    }
}

/// S8: it is refused by a rule of its own, long before the stack is used up.
#[test]
fn json_that_is_too_deep_is_no_json() {
    for deep in ["{\"a\":".repeat(10_000), format!("{{\"a\":{}", "[".repeat(10_000))] {
        let refusal = parse::<Value>(deep.as_bytes()).unwrap_err();
        assert_eq!((refusal.status, refusal.code.as_str()), (400, "malformed"));
        assert!(refusal.detail.contains("recursion limit exceeded"), "{}", refusal.detail);
    }
}

/// S8.
#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let never = futures::stream::pending::<Result<&str, std::io::Error>>();
    let request = Request::post("/").header("content-type", "application/json");
    let request = request.body(axum::body::Body::from_stream(never)).unwrap();
    let start = tokio::time::Instant::now();
    let refused = Body::<Basket>::from_request(request, &()).await.unwrap_err().into_response();
    assert_eq!(start.elapsed().as_secs(), BODY_TIMEOUT_S);
    assert_eq!(
        (refused.status().as_u16(), &refused.headers()["connection"]),
        (408, &"close".parse().unwrap())
    );
}

#[test]
fn long_input_is_not_quoted_back_in_full() {
    let name = "x".repeat(10_000);
    let unknown = format!(r#"{{"{name}":1}}"#);
    let wrong = format!(r#"{{"name":"Ada","lines":"{name}"}}"#);
    for body in [unknown, wrong] {
        let refusal = parse::<Basket>(body.as_bytes()).unwrap_err();
        assert!(format!("{refusal:?}").len() < 1000);
    }
}

#[test]
fn only_json_is_taken_as_json() {
    let with = |value: &str| {
        is_json(&HeaderMap::from_iter([(super::CONTENT_TYPE, value.parse().unwrap())]))
    };
    for good in ["application/json", "Application/JSON; charset=utf-8", "application/a+json"] {
        assert!(with(good), "{good}");
    }
    for bad in ["", "text/json", "text/plain", "application/x-www-form-urlencoded", "json"] {
        assert!(!with(bad), "{bad}");
    }
    assert!(!is_json(&HeaderMap::new()));
}
