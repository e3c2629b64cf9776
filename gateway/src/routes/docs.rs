//! The API's document and the page that shows it. They change with the program only, so whoever has
//! them already is told that they are the same.

use crate::api;
use crate::app::App;
use crate::router::table::Row;
use crate::routes::still::Still;
use axum::Router;
use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::routing::get;
use std::sync::{LazyLock, OnceLock};

/// What the page needs besides what every answer may: its own script and style, and the document.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const PAGE: [(&str, &str, &str); 4] = [
    ("/docs", "text/html; charset=utf-8", include_str!("docs/docs.html")),
    ("/docs/docs.css", "text/css; charset=utf-8", include_str!("docs/docs.css")),
    ("/docs/docs.js", "text/javascript; charset=utf-8", include_str!("docs/docs.js")),
    ("/docs/schema.js", "text/javascript; charset=utf-8", include_str!("docs/schema.js")),
];

/// The files of the page, by path.
static FILES: LazyLock<[(&str, Still); 4]> = LazyLock::new(|| {
    PAGE.map(|(path, content_type, text)| {
        (path, Still::of(content_type, POLICY, Bytes::from_static(text.as_bytes())))
    })
});
/// The document, from when it is first asked for on: the rows of a program are always the same.
static DOCUMENT: OnceLock<Still> = OnceLock::new();

/// The document of these rows, and its page.
pub(crate) fn routes(rows: Vec<Row>) -> Router<App> {
    let document = get(async move |headers: HeaderMap| {
        let still = DOCUMENT.get_or_init(|| {
            Still::of("application/json", POLICY, Bytes::from(api::document(&rows).to_string()))
        });
        still.answer(&headers)
    });
    let router = Router::new().route("/openapi.json", document);
    FILES.iter().fold(router, |router, (path, still)| router.route(path, still.route()))
}

#[cfg(test)]
mod tests;
