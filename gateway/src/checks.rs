//! Collects everything that is wrong with an input, so that one answer names it all.

use bakery_nats::refusal::{FieldError, Refusal};
use chrono::NaiveDate;
use serde_json::Number;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// The branch that is meant where none is named.
pub(crate) const BRANCH: &str = "main";
/// What a slug may look like.
pub(crate) const SLUG: &str =
    "must be 1 to 40 characters of a-z, 0-9 and '-', starting with a letter or digit";
/// What a uuid looks like.
pub(crate) const UUID: &str = "must be a uuid";
/// What a date looks like.
const DATE: &str = "must be a date such as 2026-11-24";
/// The longest e-mail address (RFC 5321).
const EMAIL_BYTES_MAX: usize = 254;
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

    /// A text whose own reader says what is wrong with it.
    pub(crate) fn read<T: TryFrom<String, Error: Display>>(
        &mut self,
        field: &str,
        text: &str,
    ) -> Option<T> {
        match T::try_from(text.to_owned()) {
            Ok(value) => Some(value),
            Err(error) => {
                self.wrong(field, error.to_string());
                None
            }
        }
    }

    /// A text for people that must be there: one line of so many characters. The blanks around it
    /// are left out; they alone are no text.
    pub(crate) fn text(
        &mut self,
        field: &str,
        text: Option<&str>,
        length: RangeInclusive<usize>,
    ) -> Option<String> {
        let given = self.needed(field, text)?;
        let text = given.trim();
        let too_short = text.chars().count() < *length.start();
        let too_long = given.chars().count() > *length.end();
        if too_short || too_long || given.chars().any(char::is_control) {
            let (least, most) = (length.start(), length.end());
            let form = format!("must be {least} to {most} characters, none a control character");
            self.wrong(field, form);
            return None;
        }
        Some(text.to_owned())
    }

    /// An e-mail address, if it is given: plausible, no more. Only a mail that arrives proves one.
    pub(crate) fn email(&mut self, field: &str, text: Option<&str>) {
        if text.is_some_and(|text| !is_email(text)) {
            let form = format!("must look like name@example.org, at most {EMAIL_BYTES_MAX} bytes");
            self.wrong(field, form);
        }
    }

    /// A date in the one form that people and programs agree on.
    pub(crate) fn date(&mut self, field: &str, text: &str) -> Option<NaiveDate> {
        // chrono alone would take blanks, signs and single digits as well.
        let date = text.parse().ok().filter(|date: &NaiveDate| date.to_string() == text);
        if date.is_none() {
            self.wrong(field, DATE);
        }
        date
    }

    /// A whole number within bounds.
    pub(crate) fn whole<T: TryFrom<i64>>(
        &mut self,
        field: &str,
        number: &Number,
        bounds: RangeInclusive<i64>,
    ) -> Option<T> {
        let value = number.as_i64().filter(|value| bounds.contains(value));
        let value = value.and_then(|value| T::try_from(value).ok());
        if value.is_none() {
            let (least, most) = (bounds.start(), bounds.end());
            self.wrong(field, format!("must be a whole number from {least} to {most}"));
        }
        value
    }

    /// A whole number within bounds that must be there.
    pub(crate) fn needed_whole<T: TryFrom<i64>>(
        &mut self,
        field: &str,
        number: Option<&Number>,
        bounds: RangeInclusive<i64>,
    ) -> Option<T> {
        let number = self.needed(field, number)?;
        self.whole(field, number, bounds)
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

fn is_email(text: &str) -> bool {
    let clean = |part: &str| {
        !part.is_empty()
            && !part.contains(|c: char| c == '@' || c.is_whitespace() || c.is_control())
    };
    text.len() <= EMAIL_BYTES_MAX
        && text.split_once('@').is_some_and(|(local, domain)| clean(local) && clean(domain))
}
