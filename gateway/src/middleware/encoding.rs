//! A body comes as it is. A compressed one could be a thousand times larger than it looks.

use crate::problem::Problem;
use axum::extract::Request;
use axum::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Refuses what is encoded, before anybody reads it.
pub(crate) async fn encoding(request: Request, next: Next) -> Response {
    if is_plain(request.headers()) {
        return next.run(request).await;
    }
    let detail = "the body must not be compressed: no Content-Encoding but identity is known";
    let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
    Problem::new(status, "unsupported_encoding", detail)
        .with(ACCEPT_ENCODING, HeaderValue::from_static("identity"))
        .into_response()
}

fn is_plain(headers: &HeaderMap) -> bool {
    let identity = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"identity");
    headers.get_all(CONTENT_ENCODING).iter().all(identity)
}
