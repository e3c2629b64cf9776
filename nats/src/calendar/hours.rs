//! The hours of a week, as people write them.

use super::WEEK;
use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime, Weekday};
use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

const HOUR_MIN: u16 = 60;
const DAY_MIN: u16 = 24 * HOUR_MIN;

/// A time on a branch's wall clock, in whole minutes, `00:00` to `24:00`, the end of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeOfDay {
    minutes: u16,
}

/// Why a text is not a time of day.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("must be a time such as 07:30, from 00:00 to 24:00")]
pub struct NotATime;

impl TimeOfDay {
    /// This time on a date; `24:00` is the beginning of the next one.
    pub fn on(self, date: NaiveDate) -> Option<NaiveDateTime> {
        if self.minutes == DAY_MIN {
            return Some(date.checked_add_days(Days::new(1))?.and_time(NaiveTime::MIN));
        }
        let (hour, minute) = (self.minutes / HOUR_MIN, self.minutes % HOUR_MIN);
        date.and_hms_opt(hour.into(), minute.into(), 0)
    }
}

impl TryFrom<String> for TimeOfDay {
    type Error = NotATime;

    fn try_from(text: String) -> Result<Self, NotATime> {
        let number = |part: &str| -> Option<u16> {
            (part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit()))
                .then(|| part.parse().ok())
                .flatten()
        };
        let (hour, minute) = text.split_once(':').ok_or(NotATime)?;
        let (hour, minute) = number(hour).zip(number(minute)).ok_or(NotATime)?;
        let minutes = hour * HOUR_MIN + minute;
        if minute < HOUR_MIN && minutes <= DAY_MIN { Ok(Self { minutes }) } else { Err(NotATime) }
    }
}

/// It is written as a text, which its fields do not show.
impl PartialSchema for TimeOfDay {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("A time on a branch's wall clock; 24:00 is the end of the day."))
            .pattern(Some("^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"))
            .examples(["07:30"]);
        Schema::from(text.build()).into()
    }
}

impl ToSchema for TimeOfDay {}

impl std::str::FromStr for TimeOfDay {
    type Err = NotATime;

    fn from_str(text: &str) -> Result<Self, NotATime> {
        Self::try_from(text.to_owned())
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.minutes / HOUR_MIN, self.minutes % HOUR_MIN)
    }
}

impl From<TimeOfDay> for String {
    fn from(time: TimeOfDay) -> Self {
        time.to_string()
    }
}

/// When a branch opens and closes on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// From then on it is open.
    pub open: TimeOfDay,
    /// From then on it is closed; later than `open`, on the same day.
    pub close: TimeOfDay,
}

/// The hours of a week. A day that is left out is a day of rest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each field is the day of its name")]
pub struct OpeningHours {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mon: Option<Span>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tue: Option<Span>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wed: Option<Span>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thu: Option<Span>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fri: Option<Span>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sat: Option<Span>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sun: Option<Span>,
}

impl OpeningHours {
    /// The same hours on every day.
    pub fn daily(span: Span) -> Self {
        let span = Some(span);
        Self { mon: span, tue: span, wed: span, thu: span, fri: span, sat: span, sun: span }
    }

    /// The hours of one day.
    pub fn on(&self, day: Weekday) -> Option<Span> {
        match day {
            Weekday::Mon => self.mon,
            Weekday::Tue => self.tue,
            Weekday::Wed => self.wed,
            Weekday::Thu => self.thu,
            Weekday::Fri => self.fri,
            Weekday::Sat => self.sat,
            Weekday::Sun => self.sun,
        }
    }

    /// The days, such as `mon`, on which it closes before it has opened.
    pub fn wrong_days(&self) -> Vec<&'static str> {
        let wrong = |day| self.on(day).is_some_and(|span| span.close <= span.open);
        WEEK.into_iter().filter(|(day, _)| wrong(*day)).map(|(_, name)| name).collect()
    }
}
