//! `GET /`: where to go from here.

use axum::response::Html;

/// One small page that names the paths.
pub(crate) async fn page() -> Html<&'static str> {
    Html(include_str!("root.html"))
}
