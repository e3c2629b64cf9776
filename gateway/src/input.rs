//! The JSON body of a request. What cannot be read is named: by line and column where it is no
//! JSON, by the path of the field where it is JSON of another shape.

mod money;
mod object;

pub(crate) use money::MoneyBody;
pub(crate) use object::Object;

use crate::problem::Problem;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header::{CONNECTION, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::IntoResponse;
use bakery_nats::refusal::{FieldError, Refusal};
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use std::time::Duration;

/// The largest body; a longer one is not read to its end.
pub(crate) const BODY_BYTES_MAX: usize = 64 * 1024;
/// A body must have arrived by then.
const BODY_TIMEOUT_S: u64 = 10;
/// Reasons and names quote the input; so much of it is enough.
const QUOTE_LENGTH_MAX: usize = 200;

/// A JSON object with exactly the fields of `T`.
#[derive(Debug)]
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            let detail = "the body must be JSON, with Content-Type: application/json";
            let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            return Err(Problem::new(status, "unsupported_media_type", detail));
        }
        let limit = Duration::from_secs(BODY_TIMEOUT_S);
        let bytes = match tokio::time::timeout(limit, Bytes::from_request(request, state)).await {
            Ok(Ok(bytes)) => bytes,
            Ok(Err(rejection)) => return Err(unread(rejection.into_response().status())),
            Err(_) => return Err(unread(StatusCode::REQUEST_TIMEOUT)),
        };
        Ok(Self(parse(&bytes)?))
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(Ok(value)) = headers.get(CONTENT_TYPE).map(|value| value.to_str()) else {
        return false;
    };
    let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// The body did not come to its end, so neither can the next request on this connection.
fn unread(status: StatusCode) -> Problem {
    let problem = match status {
        StatusCode::PAYLOAD_TOO_LARGE => {
            let detail = format!("the body is longer than {BODY_BYTES_MAX} bytes");
            Problem::new(status, "body_too_large", detail)
        }
        StatusCode::REQUEST_TIMEOUT => {
            let detail = format!("the body did not arrive within {BODY_TIMEOUT_S} s");
            Problem::new(status, "body_too_slow", detail)
        }
        _ => Problem::new(StatusCode::BAD_REQUEST, "malformed", "the body broke off"),
    };
    problem.with(CONNECTION, HeaderValue::from_static("close"))
}

/// Reads the bytes of a body.
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let (line, column) = place(bytes.get(..error.valid_up_to()).unwrap_or_default());
        malformed(&format!("invalid UTF-8 at line {line} column {column}"))
    })?;
    let mut json = serde_json::Deserializer::from_str(text);
    let Object(value) = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        match error.inner().classify() {
            Category::Data => misfit(&path, &error.inner().to_string()),
            Category::Syntax | Category::Eof | Category::Io => {
                malformed(&error.inner().to_string())
            }
        }
    })?;
    json.end().map_err(|error| malformed(&error.to_string()))?;
    Ok(value)
}

/// Line and column of what follows this text, both from 1.
fn place(before: &[u8]) -> (usize, usize) {
    let line = before.split(|byte| *byte == b'\n').count();
    let column = before.rsplit(|byte| *byte == b'\n').next().map_or(0, <[u8]>::len);
    (line, column + 1)
}

fn malformed(reason: &str) -> Refusal {
    Refusal::new(400, "malformed", format!("the body is not JSON: {}", quoted(reason)))
}

/// It is JSON, but not of our shape.
fn misfit(path: &str, reason: &str) -> Refusal {
    let field = match (path, named(reason)) {
        (".", None) => "body".to_owned(),
        (".", Some(name)) => name.to_owned(),
        (path, None) => path.to_owned(),
        (path, Some(name)) => format!("{path}.{name}"),
    };
    Refusal::invalid(vec![FieldError::new(quoted(&field), quoted(reason))])
}

/// The field in serde's "missing field `x`": there the path ends above it.
fn named(reason: &str) -> Option<&str> {
    let kinds = ["missing field `", "duplicate field `"];
    let rest = kinds.iter().find_map(|kind| reason.strip_prefix(kind))?;
    rest.split('`').next()
}

fn quoted(text: &str) -> String {
    text.chars().take(QUOTE_LENGTH_MAX).collect()
}

#[cfg(test)]
pub(crate) mod tests;
