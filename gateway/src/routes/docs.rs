//! The API's document and the page that shows it. They change with the program only, so whoever has
//! them already is told that they are the same.

use crate::api;
use crate::app::App;
use crate::router::table::Row;
use axum::Router;
use axum::body::Bytes;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use sha2::{Digest, Sha256};
use std::sync::{LazyLock, OnceLock};

/// What the page needs besides what every answer may: its own script and style, and the document.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// May be kept, and is asked for again: so a new program has a new page at once.
const CACHING: &str = "no-cache";
/// So much of a hash tells two versions apart.
const ETAG_BYTES: usize = 12;

const PAGE: [(&str, &str, &str); 4] = [
    ("/docs", "text/html; charset=utf-8", include_str!("docs/docs.html")),
    ("/docs/docs.css", "text/css; charset=utf-8", include_str!("docs/docs.css")),
    ("/docs/docs.js", "text/javascript; charset=utf-8", include_str!("docs/docs.js")),
    ("/docs/schema.js", "text/javascript; charset=utf-8", include_str!("docs/schema.js")),
];

/// Something that never changes.
struct Still {
    content_type: &'static str,
    body: Bytes,
    etag: HeaderValue,
}

/// The files of the page, by path.
static FILES: LazyLock<[(&str, Still); 4]> = LazyLock::new(|| {
    PAGE.map(|(path, content_type, text)| {
        (path, Still::of(content_type, Bytes::from_static(text.as_bytes())))
    })
});
/// The document, from when it is first asked for on: the rows of a program are always the same.
static DOCUMENT: OnceLock<Still> = OnceLock::new();

/// The document of these rows, and its page.
pub(crate) fn routes(rows: Vec<Row>) -> Router<App> {
    let document = get(async move |headers: HeaderMap| {
        let still = DOCUMENT.get_or_init(|| {
            Still::of("application/json", Bytes::from(api::document(&rows).to_string()))
        });
        still.answer(&headers)
    });
    let router = Router::new().route("/openapi.json", document);
    FILES.iter().fold(router, |router, (path, still)| router.route(path, still.route()))
}

impl Still {
    fn of(content_type: &'static str, body: Bytes) -> Self {
        let hash = Sha256::digest(&body);
        let hex: String = hash.iter().take(ETAG_BYTES).map(|byte| format!("{byte:02x}")).collect();
        // Hexadecimal digits are always a header value.
        let etag = HeaderValue::try_from(format!("\"{hex}\""));
        Self { content_type, body, etag: etag.unwrap_or(HeaderValue::from_static("\"none\"")) }
    }

    fn route(&'static self) -> MethodRouter<App> {
        get(async |headers: HeaderMap| self.answer(&headers))
    }

    fn answer(&self, headers: &HeaderMap) -> Response {
        let about: [(HeaderName, HeaderValue); 3] = [
            (ETAG, self.etag.clone()),
            (CACHE_CONTROL, HeaderValue::from_static(CACHING)),
            (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        ];
        if self.is_known(headers) {
            return (StatusCode::NOT_MODIFIED, about).into_response();
        }
        (about, [(CONTENT_TYPE, self.content_type)], self.body.clone()).into_response()
    }

    /// Whether the client has this version (RFC 9110, weak comparison).
    fn is_known(&self, headers: &HeaderMap) -> bool {
        let lines = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
        let mut tags = lines.flat_map(|line| line.split(',')).map(str::trim);
        tags.any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == self.etag)
    }
}

#[cfg(test)]
mod tests;
