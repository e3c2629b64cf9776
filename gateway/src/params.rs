//! What a path and a query name. An id that cannot exist is answered like one that does not; a
//! query field that is unknown, repeated or wrong is named.

use crate::checks::{BRANCH, Checks, SLUG, UUID};
use crate::problem::Problem;
use axum::extract::{FromRequestParts, Path, Query};
use axum::http::StatusCode;
use axum::http::request::Parts;
use bakery_nats::refusal::Refusal;
use bakery_nats::requests::scheduler::JobKey;
use bakery_nats::slug::Slug;
use chrono::NaiveDate;
use serde::de::DeserializeOwned;
use std::str::FromStr;
use uuid::Uuid;

/// How a job is named in a query, and as a cursor.
const JOB: &str = "must be a branch and a name, such as main/sweep";
/// What the number of an order can be.
const NUMBER: &str = "must be the number of an order, such as 014";
const NUMBER_DIGITS_MAX: usize = 9;
/// Entries of one page.
pub(crate) const LIMIT_MAX: u16 = 100;

/// The id in the path.
pub(crate) struct Id<T>(pub(crate) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(id)) => Ok(Self(id)),
            Err(_) => Err(Problem::new(StatusCode::NOT_FOUND, "not_found", "nothing has this id")),
        }
    }
}

/// The fields of the query, taken one by one.
#[derive(Default)]
pub(crate) struct Params {
    left: Vec<(String, String)>,
    known: Vec<&'static str>,
    checks: Checks,
}

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        match Query::try_from_uri(&parts.uri) {
            Ok(Query(left)) => Ok(Self { left, ..Self::default() }),
            Err(error) => {
                Err(Problem::new(StatusCode::BAD_REQUEST, "malformed", error.to_string()))
            }
        }
    }
}

impl Params {
    fn take(&mut self, name: &'static str) -> Option<String> {
        self.known.push(name);
        let place = self.left.iter().position(|(given, _)| given == name)?;
        Some(self.left.swap_remove(place).1)
    }

    /// A field of a certain form, if it is given.
    pub(crate) fn parsed<T: FromStr>(&mut self, name: &'static str, form: &str) -> Option<T> {
        let text = self.take(name)?;
        self.checks.parsed(name, &text, form)
    }

    /// The cursor of the page before, if it is given.
    pub(crate) fn cursor(&mut self, name: &'static str) -> Option<Uuid> {
        self.parsed(name, UUID)
    }

    /// Only this account, if one is given.
    pub(crate) fn account(&mut self) -> Option<Uuid> {
        self.parsed("account", UUID)
    }

    /// Only the orders with this number, if one is given. It has no sign: `+7` is no number here.
    pub(crate) fn order_number(&mut self) -> Option<u32> {
        let text = self.take("number")?;
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|_| digits && text.len() <= NUMBER_DIGITS_MAX);
        if number.is_none() {
            self.checks.wrong("number", NUMBER);
        }
        number
    }

    /// Only this business day, if one is given.
    pub(crate) fn only_date(&mut self) -> Option<NaiveDate> {
        let text = self.take("date")?;
        self.checks.date("date", &text)
    }

    /// The branch that is meant.
    pub(crate) fn branch(&mut self) -> Option<Slug> {
        let text = self.take("branch");
        self.checks.parsed("branch", text.as_deref().unwrap_or(BRANCH), SLUG)
    }

    /// Only this branch, if one is given.
    pub(crate) fn only_branch(&mut self) -> Option<Slug> {
        self.parsed("branch", SLUG)
    }

    /// The last job of the page before, if it is given.
    pub(crate) fn after_job(&mut self) -> Option<JobKey> {
        let text = self.take("after")?;
        let key = text.split_once('/').and_then(|(branch, name)| {
            Some(JobKey { branch: branch.parse().ok()?, name: name.parse().ok()? })
        });
        if key.is_none() {
            self.checks.wrong("after", JOB);
        }
        key
    }

    /// The business day that is meant; it must be given.
    pub(crate) fn date(&mut self) -> Option<NaiveDate> {
        let text = self.take("date");
        let text = self.checks.needed("date", text)?;
        self.checks.date("date", &text)
    }

    /// The last event that a live client has seen, if it says so.
    pub(crate) fn last_event_id(&mut self) -> Option<u64> {
        self.parsed("last_event_id", "must be the id of an event")
    }

    /// The business day in the path: a wrong one is no id that nothing has, but a wrong field.
    pub(crate) fn date_in_path(&mut self, text: &str) -> Option<NaiveDate> {
        self.checks.date("date", text)
    }

    /// How many entries a page shall have, if it is given.
    pub(crate) fn limit(&mut self) -> Option<u16> {
        let text = self.take("limit")?;
        let limit = text.parse().ok().filter(|limit| (1..=LIMIT_MAX).contains(limit));
        if limit.is_none() {
            self.checks.wrong("limit", format!("must be a whole number from 1 to {LIMIT_MAX}"));
        }
        limit
    }

    /// What was made of the fields, unless one is wrong or left over.
    pub(crate) fn finish<T>(mut self, value: Option<T>) -> Result<T, Refusal> {
        for (name, _) in self.left {
            let reason =
                if self.known.contains(&name.as_str()) { "is given twice" } else { "is unknown" };
            self.checks.wrong(name, reason);
        }
        self.checks.finish(value)
    }
}
