//! How much the gateway takes on: requests at once, time for each, and no panic goes further.

use crate::problem::Problem;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// Requests at the same time; more are refused at once.
pub(crate) const REQUESTS_MAX: usize = 1024;
/// Longer than the longest wait for an order with its last reading.
const REQUEST_TIMEOUT_S: u64 = 30;

/// Bounds one request.
pub(crate) async fn limits(
    State(room): State<Arc<Semaphore>>,
    request: Request,
    next: Next,
) -> Response {
    let Ok(_place) = room.try_acquire() else {
        let detail = "the gateway has too much to do; try again";
        let status = StatusCode::SERVICE_UNAVAILABLE;
        return Problem::new(status, "overloaded", detail).into_response();
    };
    // What requests share are locks, and whoever takes one copes with a panic under it.
    let answer = AssertUnwindSafe(next.run(request)).catch_unwind();
    match tokio::time::timeout(Duration::from_secs(REQUEST_TIMEOUT_S), answer).await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => {
            tracing::error!("a request panicked; the panic is above");
            Problem::internal().into_response()
        }
        Err(_) => {
            let detail = format!("there was no answer within {REQUEST_TIMEOUT_S} s; try again");
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "timeout", detail).into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{REQUEST_TIMEOUT_S, limits};
    use axum::body::Body;
    use axum::http::Request;
    use axum::middleware::from_fn_with_state;
    use axum::response::Response;
    use axum::{Router, routing::get};
    use std::sync::Arc;
    use std::time::Duration;
    use tokio::sync::Semaphore;
    use tower::ServiceExt;

    async fn ask(router: &Router, path: &str) -> Response {
        let request = Request::get(path).body(Body::empty()).unwrap();
        router.clone().oneshot(request).await.unwrap()
    }

    fn router(room: usize) -> Router {
        let slow = async || tokio::time::sleep(Duration::from_secs(REQUEST_TIMEOUT_S * 2)).await;
        let broken = async || -> () { panic!("on purpose") };
        Router::new()
            .route("/slow", get(slow))
            .route("/broken", get(broken))
            .layer(from_fn_with_state(Arc::new(Semaphore::new(room)), limits))
    }

    fn assert_problem(response: &Response, status: u16) {
        assert_eq!(response.status(), status);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
    }

    #[tokio::test(start_paused = true)]
    async fn slowness_and_panics_end_as_problems() {
        let router = router(1);
        assert_problem(&ask(&router, "/slow").await, 503);
        assert_problem(&ask(&router, "/broken").await, 500);
        assert_problem(&ask(&router, "/broken").await, 500);
    }

    #[tokio::test(start_paused = true)]
    async fn too_many_at_once_are_refused_at_once() {
        let router = router(1);
        let second = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            tokio::time::timeout(Duration::from_millis(1), ask(&router, "/slow")).await.unwrap()
        };
        let (_, refused) = tokio::join!(ask(&router, "/slow"), second);
        assert_problem(&refused, 503);
        assert_eq!(refused.headers()["retry-after"], "1");
    }
}
