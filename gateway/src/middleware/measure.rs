//! How long each route takes to answer, by method and status: `bakery_http_seconds`.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use std::time::Instant;

/// Takes the time of a request to the route of this path, as it is written in the table: never the
/// path that was asked for, of which there is no end.
pub(crate) async fn measure(
    State(path): State<&'static str>,
    request: Request,
    next: Next,
) -> Response {
    let (start, method) = (Instant::now(), request.method().clone());
    let response = next.run(request).await;
    let status = response.status().as_u16().to_string();
    let took = start.elapsed();
    let labels = [("method", method.to_string()), ("path", path.to_owned()), ("status", status)];
    metrics::histogram!("bakery_http_seconds", &labels).record(took);
    response
}
