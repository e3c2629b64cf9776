//! What never changes while a program runs: files that are in it, and what is made of them once.
//! Whoever has one already is told that it is the same, and whoever understands gzip gets a third of it.

use crate::app::App;
use axum::body::Bytes;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use std::io::Write;
use std::sync::OnceLock;

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
    /// The body and its tag, made when somebody asks for it first.
    gzip: OnceLock<(Bytes, HeaderValue)>,
}

impl Still {
    /// With its type and its Content-Security-Policy.
    pub(crate) fn of(content_type: &'static str, policy: &'static str, body: Bytes) -> Self {
        let etag = tag(&body);
        Self { content_type, policy, body, etag, gzip: OnceLock::new() }
    }

    /// `GET`, and so `HEAD`.
    pub(crate) fn route(&'static self) -> MethodRouter<App> {
        get(async |headers: HeaderMap| self.answer(&headers))
    }

    /// Itself, or that it is known.
    pub(crate) fn answer(&self, headers: &HeaderMap) -> Response {
        let gzip = takes_gzip(headers).then(|| self.gzip.get_or_init(|| gzip(&self.body)));
        let (body, etag) = gzip.map_or((&self.body, &self.etag), |(body, etag)| (body, etag));
        let about: [(HeaderName, HeaderValue); 4] = [
            (ETAG, etag.clone()),
            (CACHE_CONTROL, HeaderValue::from_static(CACHING)),
            (CONTENT_SECURITY_POLICY, HeaderValue::from_static(self.policy)),
            (VARY, HeaderValue::from_static("accept-encoding")),
        ];
        if is_known(etag, headers) {
            return (StatusCode::NOT_MODIFIED, about).into_response();
        }
        let encoding = gzip.map(|_| [(CONTENT_ENCODING, "gzip")]);
        (about, encoding, [(CONTENT_TYPE, self.content_type)], body.clone()).into_response()
    }
}

/// Whether the client has this version (RFC 9110, weak comparison).
fn is_known(etag: &HeaderValue, headers: &HeaderMap) -> bool {
    let lines = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut tags = lines.flat_map(|line| line.split(',')).map(str::trim);
    tags.any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

/// Whether `Accept-Encoding` names gzip, and not to refuse it (RFC 9110, 12.5.3).
fn takes_gzip(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let mut codings = lines.flat_map(|line| line.split(',')).map(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
        let weight = weight.trim().trim_start_matches("q=").parse::<f32>();
        (name.trim().to_ascii_lowercase(), weight.is_ok_and(|weight| weight > 0.0))
    });
    codings.any(|(name, wanted)| name == "gzip" && wanted)
}

fn gzip(body: &Bytes) -> (Bytes, HeaderValue) {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    // Memory always takes it.
    let written = encoder.write_all(body).and_then(|()| encoder.finish());
    let body = Bytes::from(written.unwrap_or_default());
    let etag = tag(&body);
    (body, etag)
}

fn tag(body: &[u8]) -> HeaderValue {
    let hash = Sha256::digest(body);
    let hex: String = hash.iter().take(ETAG_BYTES).map(|byte| format!("{byte:02x}")).collect();
    // Hexadecimal digits are always a header value.
    HeaderValue::try_from(format!("\"{hex}\"")).unwrap_or(HeaderValue::from_static("\"none\""))
}
