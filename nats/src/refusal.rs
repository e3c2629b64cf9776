//! A refusal: the answer to a request that changes nothing, in the shape people get it (RFC 9457).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Why a request was refused. `status` is an HTTP status, so that the gateway only translates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// For programs, such as `unknown_product`.
    pub code: String,
    /// For people, one sentence.
    pub detail: String,
    /// The fields that are wrong, each with its reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// From when on the same request can succeed, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_at: Option<DateTime<Utc>>,
}

/// One wrong field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldError {
    /// Path of the field, such as `items[0].quantity`.
    pub field: String,
    /// What is wrong with it.
    pub reason: String,
}

impl FieldError {
    /// A wrong field.
    pub fn new(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { field: field.into(), reason: reason.into() }
    }
}

impl Refusal {
    /// A refusal without fields.
    pub fn new(status: u16, code: &str, detail: impl Into<String>) -> Self {
        Self {
            status,
            code: code.to_owned(),
            detail: detail.into(),
            errors: Vec::new(),
            retry_at: None,
        }
    }

    /// 422: the input was understood, and these fields are wrong.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let fields: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
        let detail = format!("the input is wrong in: {}", fields.join(", "));
        Self { errors, ..Self::new(422, "invalid_input", detail) }
    }

    /// 404: there is no such thing, or it is not the asker's.
    pub fn not_found(what: &str, id: impl std::fmt::Display) -> Self {
        Self::new(404, "not_found", format!("there is no {what} {id}"))
    }

    /// 503: something this depends on does not answer; nothing was changed that the caller was
    /// told of, and the same request may be sent again.
    pub fn unavailable(what: &str) -> Self {
        Self::new(503, "unavailable", format!("{what} does not answer just now; try again"))
    }
}
