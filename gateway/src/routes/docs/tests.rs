//! The page and the document as a browser gets them.

use super::PAGE;
use crate::router::router;
use crate::router::tests::offline;
use axum::body::{Body, to_bytes};
use axum::http::{Request, Response};
use serde_json::Value;
use tower::ServiceExt;

const ANSWER_BYTES_MAX: usize = 1_000_000;

async fn get(path: &str, known: Option<&str>) -> Response<Body> {
    let mut request = Request::get(path);
    if let Some(tag) = known {
        request = request.header("if-none-match", tag);
    }
    router(offline().await).oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
}

#[tokio::test]
async fn the_document_and_each_file_of_the_page_are_served_and_known_again() {
    let paths = PAGE.map(|(path, _, _)| path);
    for path in paths.iter().chain(&["/openapi.json"]) {
        let answer = get(path, None).await;
        assert_eq!(answer.status(), 200, "{path}");
        assert_eq!(answer.headers()["cache-control"], "no-cache", "{path}");
        let tag = answer.headers()["etag"].to_str().unwrap().to_owned();
        for known in [tag.clone(), format!("\"other\", W/{tag}"), "*".to_owned()] {
            let again = get(path, Some(&known)).await;
            assert_eq!(again.status(), 304, "{path}");
            let body = to_bytes(again.into_body(), ANSWER_BYTES_MAX).await.unwrap();
            assert!(body.is_empty(), "{path}");
        }
        assert_eq!(get(path, Some("\"other\"")).await.status(), 200, "{path}");
    }
}

#[tokio::test]
async fn the_page_runs_nothing_that_is_not_its_own() {
    for (path, _, text) in PAGE {
        let answer = get(path, None).await;
        let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        for outside in ["http://", "https://", "innerHTML", "<style", " style=", " onclick="] {
            assert!(!text.contains(outside), "{path}: {outside}");
        }
    }
}

#[tokio::test]
async fn the_document_is_openapi_3_1() {
    let answer = get("/openapi.json", None).await;
    assert_eq!(answer.headers()["content-type"], "application/json");
    let body = to_bytes(answer.into_body(), ANSWER_BYTES_MAX).await.unwrap();
    let document: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["servers"][0]["url"], "/api/v1");
}
