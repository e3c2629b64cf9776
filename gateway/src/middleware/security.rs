//! What every answer tells browsers: take it as what it says it is, show it in no frame, load
//! nothing for it, and tell nobody where one came from. A page that needs more sets its own.

use axum::extract::{Request, State};
use axum::http::header::{
    CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

const HEADERS: [(HeaderName, &str); 5] = [
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "no-referrer"),
    (X_FRAME_OPTIONS, "DENY"),
    (
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];
/// A year: after one visit over HTTPS browsers use nothing else for so long.
const HSTS: &str = "max-age=31536000";

/// Whether the gateway itself speaks TLS.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Security {
    /// Then browsers shall use nothing else from now on.
    pub(crate) tls: bool,
}

/// Adds what the answer does not say itself.
pub(crate) async fn security(
    State(security): State<Security>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    security.add_to(response.headers_mut());
    response
}

impl Security {
    /// Adds what is not there.
    pub(crate) fn add_to(self, headers: &mut HeaderMap) {
        let mut add = |name: HeaderName, value| {
            headers.entry(name).or_insert(HeaderValue::from_static(value));
        };
        for (name, value) in HEADERS {
            add(name, value);
        }
        if self.tls {
            add(STRICT_TRANSPORT_SECURITY, HSTS);
        }
    }
}
