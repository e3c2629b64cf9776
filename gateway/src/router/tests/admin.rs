//! What the baker gets wrong is refused before the bus is asked.

use super::{Answered, at_once, fields_of, get, offline, request, send, send_to};
use serde_json::{Value, json};

const BRANCH: &str = "/api/v1/admin/branches/main";
const PRODUCT: &str = "/api/v1/admin/branches/main/products/donut";
const JOBS: &str = "/api/v1/admin/jobs";
const REPORTS: &str = "/api/v1/admin/reports";

async fn put(path: &str, body: &Value) -> Answered {
    send(request("PUT", path, Some(body))).await
}

fn assert_wrong(answered: &Answered, fields: &[&str], what: &str) {
    assert_eq!(answered.status, 422, "{what}");
    assert_eq!(answered.fields(), fields_of(fields), "{what}");
}

#[tokio::test]
async fn ids_that_cannot_exist_are_not_found() {
    let cases = [
        ("GET", "/api/v1/branches/Main".to_owned()),
        ("PUT", "/api/v1/admin/branches/a.b".to_owned()),
        ("PUT", "/api/v1/admin/branches/-/switch".to_owned()),
        ("GET", "/api/v1/admin/branches/Main/products".to_owned()),
        ("GET", "/api/v1/admin/branches/Main/shelf".to_owned()),
        ("PUT", "/api/v1/admin/branches/main/products/Rye".to_owned()),
        ("DELETE", "/api/v1/admin/branches/Main/products/rye".to_owned()),
        ("PUT", "/api/v1/admin/branches/main/products/%ff/sale".to_owned()),
        ("DELETE", format!("{JOBS}/main/Sweep")),
        ("POST", format!("{JOBS}/main/Sweep/run")),
        ("POST", format!("{JOBS}/Main/sweep/pause")),
        ("POST", format!("{JOBS}/main/*/resume")),
        ("POST", format!("{JOBS}/main/sweep/stop")),
        ("GET", format!("{REPORTS}/Main/2026-11-24")),
        ("GET", format!("{REPORTS}/main")),
    ];
    for (method, path) in cases {
        let answered = send(request(method, &path, Some(&json!({})))).await;
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
        ("POST", "/api/v1/branches", "GET,HEAD"),
        ("GET", BRANCH, "PUT"),
        ("POST", PRODUCT, "PUT,DELETE"),
        ("DELETE", JOBS, "GET,HEAD,PUT"),
        ("GET", "/api/v1/admin/jobs/main/sweep/run", "POST"),
        ("PUT", REPORTS, "GET,HEAD"),
    ];
    for (method, path, allow) in cases {
        let answered = send(request(method, path, None)).await;
        assert_eq!(answered.status, 405, "{method} {path}");
        assert_eq!(answered.headers["allow"], allow, "{method} {path}");
    }
}

#[tokio::test]
async fn wrong_query_fields_are_named() {
    let cases: [(&str, &[&str]); 12] = [
        ("/api/v1/branches?limit=5", &["limit"]),
        ("/api/v1/admin/jobs?branch=Main&page=2", &["branch", "page"]),
        ("/api/v1/admin/jobs?after=sweep", &["after"]),
        ("/api/v1/admin/jobs?after=main/Sweep", &["after"]),
        ("/api/v1/admin/jobs?after=main/a/b", &["after"]),
        ("/api/v1/admin/reports", &["date"]),
        ("/api/v1/admin/reports?date=today&branch=main", &["date", "branch"]),
        ("/api/v1/admin/reports?date=2026-11-24&date=2026-11-25", &["date"]),
        ("/api/v1/admin/reports?date=2026-11-24&format=xml", &["format"]),
        ("/api/v1/admin/reports/main/2026-02-29", &["date"]),
        ("/api/v1/admin/reports/main/yesterday?format=CSV", &["date", "format"]),
        ("/api/v1/admin/reports/main/2026-11-24?date=2026-11-24", &["date"]),
    ];
    for (path, fields) in cases {
        assert_wrong(&get(path).await, fields, path);
    }
}

#[tokio::test]
async fn a_date_has_one_form() {
    for date in
        ["2026-1-1", "+2026-01-01", "%202026-01-01", "2026-01-01T00:00:00Z", "20260101", "1"]
    {
        let answered = get(&format!("{REPORTS}/main/{date}")).await;
        assert_wrong(&answered, &["date"], date);
        let reason = &answered.json()["errors"][0]["reason"];
        assert_eq!(reason, "must be a date such as 2026-11-24", "{date}");
    }
}

#[tokio::test]
async fn wrong_bodies_are_named_by_their_fields() {
    let branch = ["name", "address", "time_zone", "hours", "currency"];
    let product = ["name", "description", "price", "image", "shelf_life_s", "discount_percent"];
    let cases: [(&str, Value, &[&str]); 10] = [
        (BRANCH, json!({}), &branch),
        (BRANCH, json!({"closed": true}), &["closed"]),
        ("/api/v1/admin/branches/main/switch", json!({}), &["closed"]),
        ("/api/v1/admin/branches/main/switch", json!({"closed": "yes"}), &["closed"]),
        (PRODUCT, json!({}), &product),
        (PRODUCT, json!({"id": "donut"}), &["id"]),
        (&format!("{PRODUCT}/sale"), json!({}), &["on_sale"]),
        (&format!("{PRODUCT}/sale"), json!({"on_sale": 1}), &["on_sale"]),
        (JOBS, json!({}), &["jobs"]),
        (JOBS, json!({"jobs": {}}), &["jobs"]),
    ];
    for (path, body, fields) in cases {
        assert_wrong(&put(path, &body).await, fields, path);
    }
    assert_eq!(send(request("PUT", BRANCH, None)).await.status, 415);
    let no_json = axum::http::Request::put(BRANCH).header("content-type", "application/json");
    assert_eq!(send(no_json.body("{".into()).unwrap()).await.status, 400);
}

#[tokio::test]
async fn a_wrong_idempotency_key_of_a_run_is_named() {
    let run = axum::http::Request::post("/api/v1/admin/jobs/main/sweep/run");
    let run = run.header("idempotency-key", "a b").body("".into()).unwrap();
    let answered = send(run).await;
    assert_eq!((answered.status, answered.fields()), (400, fields_of(&["Idempotency-Key"])));
}

#[tokio::test]
async fn without_the_bus_everything_is_unavailable_at_once() {
    let app = offline().await;
    for (method, path, body) in [
        ("GET", "/api/v1/branches", None),
        ("GET", "/api/v1/branches/main", None),
        ("GET", "/api/v1/admin/branches/main/products", None),
        ("GET", "/api/v1/admin/branches/main/shelf", None),
        ("GET", JOBS, None),
        ("GET", "/api/v1/admin/reports?date=2026-11-24", None),
        ("GET", "/api/v1/admin/reports/main/2026-11-24", None),
        ("PUT", "/api/v1/admin/branches/main/switch", Some(json!({"closed": true}))),
        ("PUT", &format!("{PRODUCT}/sale"), Some(json!({"on_sale": true}))),
        ("PUT", JOBS, Some(json!({"jobs": []}))),
        ("DELETE", PRODUCT, None),
        ("DELETE", "/api/v1/admin/jobs/a/b", None),
        ("POST", "/api/v1/admin/jobs/main/sweep/run", None),
        ("POST", "/api/v1/admin/jobs/main/sweep/pause", None),
        ("POST", "/api/v1/admin/jobs/main/sweep/resume", None),
    ] {
        let ask = async || send_to(app.clone(), request(method, path, body.as_ref())).await;
        let answered = at_once(ask).await;
        assert_eq!((answered.status, &answered.json()["code"]), (503, &json!("unavailable")));
    }
}
