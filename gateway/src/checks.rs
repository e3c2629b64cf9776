//! Collects everything that is wrong with an input, so that one answer names it all.

use bakery_nats::refusal::{FieldError, Refusal};
use serde_json::Number;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// The branch that is meant where none is named.
pub(crate) const BRANCH: &str = "main";
/// What a slug may look like.
pub(crate) const SLUG: &str =
    "must be 1 to 40 characters of a-z, 0-9 and '-', starting with a letter or digit";
/// What a uuid looks like.
pub(crate) const UUID: &str = "must be a uuid";
/// Errors one answer names; more help nobody.
const ERRORS_MAX: usize = 50;

/// What was found wrong so far.
#[derive(Debug, Default)]
pub(crate) struct Checks(Vec<FieldError>);

impl Checks {
    /// A field is wrong.
    pub(crate) fn wrong(&mut self, field: impl Into<String>, reason: impl Into<String>) {
        if self.0.len() < ERRORS_MAX {
            self.0.push(FieldError::new(field, reason));
        }
    }

    /// A field that must be there.
    pub(crate) fn needed<T>(&mut self, field: &str, value: Option<T>) -> Option<T> {
        if value.is_none() {
            self.wrong(field, "is required");
        }
        value
    }

    /// A text of a certain form.
    pub(crate) fn parsed<T: FromStr>(&mut self, field: &str, text: &str, form: &str) -> Option<T> {
        let value = text.parse().ok();
        if value.is_none() {
            self.wrong(field, form);
        }
        value
    }

    /// A whole number within bounds.
    pub(crate) fn whole(
        &mut self,
        field: &str,
        number: &Number,
        bounds: RangeInclusive<i64>,
    ) -> Option<i64> {
        let value = number.as_i64().filter(|value| bounds.contains(value));
        if value.is_none() {
            let (least, most) = (bounds.start(), bounds.end());
            self.wrong(field, format!("must be a whole number from {least} to {most}"));
        }
        value
    }

    /// What was made of the input, or all that is wrong with it. Where something is missing, an
    /// error says why.
    pub(crate) fn finish<T>(self, value: Option<T>) -> Result<T, Refusal> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(Refusal::invalid(self.0)),
        }
    }
}
