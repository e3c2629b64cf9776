//! Which other sites' pages may call the API. Without `CORS_ORIGINS` no answer says anything about
//! it, and browsers allow none.

use crate::config::Guard;
use crate::middleware::access::REQUEST_ID;
use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use axum::http::{HeaderName, Method};
use std::time::Duration;
use tower_http::cors::{AllowOrigin, CorsLayer};

/// Browsers remember so long what they were allowed.
const MAX_AGE_S: u64 = 600;
/// What pages may send besides what every page may.
const REQUEST_HEADERS: [HeaderName; 7] = [
    ACCEPT,
    AUTHORIZATION,
    CONTENT_TYPE,
    HeaderName::from_static("idempotency-key"),
    HeaderName::from_static("last-event-id"),
    HeaderName::from_static("prefer"),
    REQUEST_ID,
];
/// What pages may read besides what every page may.
const ANSWER_HEADERS: [HeaderName; 6] = [
    LOCATION,
    HeaderName::from_static("preference-applied"),
    HeaderName::from_static("ratelimit"),
    HeaderName::from_static("ratelimit-policy"),
    RETRY_AFTER,
    REQUEST_ID,
];

/// The layer, where there are origins at all. They are compared byte by byte, never echoed.
pub(crate) fn cors(guard: &Guard) -> Option<CorsLayer> {
    let layer = CorsLayer::new()
        .allow_origin(AllowOrigin::list(guard.cors_origins.clone()))
        .allow_credentials(true)
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers(REQUEST_HEADERS)
        .expose_headers(ANSWER_HEADERS)
        .max_age(Duration::from_secs(MAX_AGE_S));
    (!guard.cors_origins.is_empty()).then_some(layer)
}
