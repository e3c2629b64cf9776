//! What never changes while a program runs: files that are in it, and what is made of them once.
//! Whoever has one already is told that it is the same.

use crate::app::App;
use axum::body::Bytes;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use sha2::{Digest, Sha256};

/// May be kept, and is asked for again: so a new program has a new page at once.
const CACHING: &str = "no-cache";
/// So much of a hash tells two versions apart.
const ETAG_BYTES: usize = 12;

/// Something that never changes.
pub(crate) struct Still {
    content_type: &'static str,
    /// What it may load and do where it is shown as a page.
    policy: &'static str,
    body: Bytes,
    etag: HeaderValue,
}

impl Still {
    /// With its type and its Content-Security-Policy.
    pub(crate) fn of(content_type: &'static str, policy: &'static str, body: Bytes) -> Self {
        let hash = Sha256::digest(&body);
        let hex: String = hash.iter().take(ETAG_BYTES).map(|byte| format!("{byte:02x}")).collect();
        // Hexadecimal digits are always a header value.
        let etag = HeaderValue::try_from(format!("\"{hex}\""));
        let etag = etag.unwrap_or(HeaderValue::from_static("\"none\""));
        Self { content_type, policy, body, etag }
    }

    /// `GET`, and so `HEAD`.
    pub(crate) fn route(&'static self) -> MethodRouter<App> {
        get(async |headers: HeaderMap| self.answer(&headers))
    }

    /// Itself, or that it is known.
    pub(crate) fn answer(&self, headers: &HeaderMap) -> Response {
        let about: [(HeaderName, HeaderValue); 3] = [
            (ETAG, self.etag.clone()),
            (CACHE_CONTROL, HeaderValue::from_static(CACHING)),
            (CONTENT_SECURITY_POLICY, HeaderValue::from_static(self.policy)),
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
