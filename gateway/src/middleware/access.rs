//! A request id on every answer, and one line in the log for every request: its route, never its
//! path, query, headers or body, which may hold personal data.

use axum::extract::{MatchedPath, Request};
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use std::time::Instant;
use uuid::Uuid;

/// The header that names a request.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const REQUEST_ID_LENGTH_MAX: usize = 64;

/// Names, logs, and keeps caches on the way from keeping answers.
pub(crate) async fn access(request: Request, next: Next) -> Response {
    let id = request_id(request.headers());
    let mut line = Line {
        start: Instant::now(),
        method: known(request.method()),
        route: request.extensions().get().cloned(),
        request_id: id.clone(),
        status: None,
    };
    let mut response = next.run(request).await;
    line.status = Some(response.status());
    response.headers_mut().insert(REQUEST_ID, id);
    response.headers_mut().entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// The client's own id where it is harmless, else a new one.
fn request_id(headers: &HeaderMap) -> HeaderValue {
    let harmless = |id: &&HeaderValue| {
        let known = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        (1..=REQUEST_ID_LENGTH_MAX).contains(&id.len()) && id.as_bytes().iter().all(known)
    };
    headers.get(REQUEST_ID).filter(harmless).cloned().unwrap_or_else(new_id)
}

/// A new name for a request.
pub(crate) fn new_id() -> HeaderValue {
    // A uuid is always a header value; the text stands in for the impossible.
    let id = HeaderValue::from_str(&Uuid::now_v7().to_string());
    id.unwrap_or(HeaderValue::from_static("none"))
}

/// A method of the client's own invention could be anything, and of any length.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// Written when it is dropped: also for a client that went away before its answer.
struct Line {
    start: Instant,
    method: &'static str,
    route: Option<MatchedPath>,
    request_id: HeaderValue,
    status: Option<StatusCode>,
}

impl Drop for Line {
    fn drop(&mut self) {
        tracing::info!(
            method = self.method,
            route = self.route.as_ref().map_or("unknown", MatchedPath::as_str),
            status = self.status.map(|status| status.as_u16()),
            duration_ms = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX),
            request_id = self.request_id.to_str().unwrap_or_default(),
            "{}",
            if self.status.is_some() { "request answered" } else { "client gone" },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::known;
    use axum::http::Method;

    #[test]
    fn a_method_that_nobody_knows_is_not_written_into_the_log() {
        assert_eq!(known(&Method::DELETE), "DELETE");
        let own = "ada@example.com".replace('@', "-");
        assert_eq!(known(&Method::from_bytes(own.as_bytes()).unwrap()), "other");
    }
}
