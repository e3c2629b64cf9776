//! What this process counts, for who runs it. Prometheus better asks at `HEALTH_ADDR`, where no
//! token is needed and no customer comes.

pub(crate) mod docs;

use axum::http::HeaderName;
use axum::http::header::CONTENT_TYPE;
use bakery_chassis::metrics;

/// `GET /metrics`.
pub(crate) async fn metrics() -> ([(HeaderName, &'static str); 1], String) {
    ([(CONTENT_TYPE, metrics::CONTENT_TYPE)], metrics::text())
}
