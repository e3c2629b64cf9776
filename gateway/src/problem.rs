//! Every error as people get it: a problem document (RFC 9457) made from a [`Refusal`].
//!
//! `type` is `/problems/<code>`, the same for all problems with that code; `title` is the code in
//! words; `code`, `errors` (field and reason) and `retry_at` (from when on the same request can
//! succeed, where that is known) are extensions for programs.

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use bakery_nats::refusal::{FieldError, Refusal};
use chrono::{DateTime, Utc};
use serde::Serialize;

/// What a problem document says that it is.
pub(crate) const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");
/// After 503 a client may try again so much later.
const RETRY_AFTER_S: u64 = 1;

/// An error answer, and what headers it has besides those of all problems.
#[derive(Debug)]
pub(crate) struct Problem(Refusal, Vec<(HeaderName, HeaderValue)>);

#[derive(Serialize)]
struct Document<'a> {
    r#type: String,
    title: String,
    status: u16,
    code: &'a str,
    detail: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_at: Option<DateTime<Utc>>,
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self(refusal, Vec::new())
    }
}

impl Problem {
    /// A problem without fields.
    pub(crate) fn new(status: StatusCode, code: &str, detail: impl Into<String>) -> Self {
        Refusal::new(status.as_u16(), code, detail).into()
    }

    /// With one more header.
    #[must_use]
    pub(crate) fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.1.push((name, value));
        self
    }

    /// The status came over the bus: one that is no error would be a lie.
    pub(crate) fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.0.status)
            .ok()
            .filter(|status| status.is_client_error() || status.is_server_error())
            .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The document.
    pub(crate) fn json(&self) -> Vec<u8> {
        let Refusal { code, detail, errors, retry_at, .. } = &self.0;
        let document = Document {
            r#type: format!("/problems/{code}"),
            title: title(code),
            status: self.status().as_u16(),
            code,
            detail,
            errors,
            retry_at: *retry_at,
        };
        serde_json::to_vec(&document).unwrap_or_default()
    }

    /// There is no token, or not a good one. What is wrong with it is not told.
    pub(crate) fn unauthorized() -> Self {
        let detail = "a valid access token is needed, as Authorization: Bearer";
        Self::unauthorized_as("unauthorized", detail)
    }

    /// Who this is was not shown. RFC 9110 wants it said how it could be.
    pub(crate) fn unauthorized_as(code: &str, detail: &str) -> Self {
        let problem = Self::new(StatusCode::UNAUTHORIZED, code, detail);
        problem.with(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
    }

    /// It is known who this is, and that this is not for them.
    pub(crate) fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "your role does not allow this")
    }

    /// Something went wrong that the caller cannot mend; the log has the reason.
    pub(crate) fn internal() -> Self {
        internal().into()
    }
}

/// The same where it is no answer yet.
pub(crate) fn internal() -> Refusal {
    Refusal::new(500, "internal", "the gateway failed; its log has the reason")
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, json) = (self.status(), self.json());
        let mut response = (status, json).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, PROBLEM_JSON);
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(RETRY_AFTER, RETRY_AFTER_S.into());
        }
        for (name, value) in self.1 {
            headers.append(name, value);
        }
        response
    }
}

/// `out_of_stock` reads `Out of stock`.
fn title(code: &str) -> String {
    let mut letters = code.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    let rest = letters.map(|letter| if letter == '_' { ' ' } else { letter });
    first.into_iter().chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use super::Problem;
    use axum::response::{IntoResponse, Response};
    use bakery_nats::refusal::{FieldError, Refusal};
    use serde_json::{Value, json};

    async fn document(response: Response) -> Value {
        let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    #[tokio::test]
    async fn a_refusal_becomes_a_problem_document() {
        let refusal = Refusal::invalid(vec![FieldError::new("items[0].quantity", "must be more")]);
        let response = Problem::from(refusal).into_response();
        assert_eq!(response.status(), 422);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        assert!(!response.headers().contains_key("retry-after"));
        let expected = json!({
            "type": "/problems/invalid_input",
            "title": "Invalid input",
            "status": 422,
            "code": "invalid_input",
            "detail": "the input is wrong in: items[0].quantity",
            "errors": [{"field": "items[0].quantity", "reason": "must be more"}],
        });
        assert_eq!(document(response).await, expected);
    }

    #[tokio::test]
    async fn what_is_unavailable_may_be_asked_for_again() {
        let response = Problem::from(Refusal::unavailable("the bank service")).into_response();
        assert_eq!(response.status(), 503);
        assert_eq!(response.headers()["retry-after"], "1");
        let document = document(response).await;
        assert!(document.get("errors").is_none() && document.get("retry_at").is_none());
    }

    #[tokio::test]
    async fn who_comes_too_early_is_told_when_to_come_again() {
        let retry_at = Some("2026-11-25T06:00:00Z".parse().unwrap());
        let refusal = Refusal { retry_at, ..Refusal::new(409, "branch_closed", "main is closed") };
        let response = Problem::from(refusal).into_response();
        assert_eq!(response.status(), 409);
        assert_eq!(document(response).await["retry_at"], "2026-11-25T06:00:00Z");
    }

    #[tokio::test]
    async fn a_status_that_is_no_error_never_leaves_as_one() {
        for status in [0, 200, 302, 1000] {
            let response = Problem::from(Refusal::new(status, "odd", "odd")).into_response();
            assert_eq!(response.status(), 500, "{status}");
            assert_eq!(document(response).await["status"], 500);
        }
    }
}
