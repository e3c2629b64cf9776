//! When a branch is open: hours of the week in its own time zone, and the business days they make.
//!
//! A business day ends at the closing of its date; what happens after it belongs to the next day
//! the branch opens. Local times that a clock change leaves out stand for the moment of the
//! change; of times that come twice an opening is the first and a closing the last.

mod hours;

pub use hours::{NotATime, OpeningHours, Span, TimeOfDay};

use crate::refusal::{FieldError, Refusal};
use chrono::{
    DateTime, Datelike, Days, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Utc, Weekday,
};
use chrono_tz::Tz;
use std::ops::RangeInclusive;

/// A branch that opens at all opens within so many days; more than a week, because a clock change
/// can leave out a whole day.
const LOOK_AHEAD_DAYS: u64 = 15;
/// The day before and the one that the clock shows: where midnight comes twice they overlap.
const DAYS_AT_ONCE: usize = 2;
/// The longest time a clock change leaves out: Samoa left out a day.
const GAP_MAX_MIN: i64 = 24 * 60;

/// The databases know no dates far outside of them.
const YEARS: RangeInclusive<i32> = 1970..=9999;

/// Whether a day that somebody asks for can be one of a branch's.
///
/// # Errors
/// 422 on the field `date`.
pub fn check_date(date: NaiveDate) -> Result<(), Refusal> {
    if YEARS.contains(&date.year()) {
        return Ok(());
    }
    let error = FieldError::new("date", "must be of the years 1970 to 9999");
    Err(Refusal::invalid(vec![error]))
}

/// The opening hours of a branch and the time zone they are meant in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// Such as `Europe/Berlin`.
    pub time_zone: Tz,
    /// By day of the week.
    pub hours: OpeningHours,
}

impl Calendar {
    /// Whether the branch is open: from the very moment of opening until just before closing.
    pub fn is_open(&self, at: DateTime<Utc>) -> bool {
        let mut spans = self.dates_from(at).take(DAYS_AT_ONCE).filter_map(|date| self.span(date));
        spans.any(|(open, close)| open <= at && at < close)
    }

    /// The business day a moment belongs to: the date of the first closing after it. Where the
    /// branch never opens it is the local date.
    pub fn day_of(&self, at: DateTime<Utc>) -> NaiveDate {
        let ends_later = |date: &NaiveDate| self.closing(*date).is_some_and(|close| close > at);
        self.dates_from(at).find(ends_later).unwrap_or_else(|| self.local_date(at))
    }

    /// The newest business day that has ended by a moment, its closing included.
    pub fn ended_day(&self, at: DateTime<Utc>) -> Option<NaiveDate> {
        let date = self.local_date(at);
        let mut back =
            (0..LOOK_AHEAD_DAYS).filter_map(|days| date.checked_sub_days(Days::new(days)));
        back.find(|date| self.closing(*date).is_some_and(|close| close <= at))
    }

    /// When the branch opens on a date, if it does.
    pub fn opening(&self, date: NaiveDate) -> Option<DateTime<Utc>> {
        Some(self.span(date)?.0)
    }

    /// When the branch closes on a date, if it is open on it at all.
    pub fn closing(&self, date: NaiveDate) -> Option<DateTime<Utc>> {
        Some(self.span(date)?.1)
    }

    /// The first opening strictly after a moment.
    pub fn next_opening(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.dates_from(after).filter_map(|date| self.opening(date)).find(|open| *open > after)
    }

    /// The date at the branch.
    pub fn local_date(&self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.time_zone).date_naive()
    }

    /// The first moment that shows this local time, or a later one where the time is left out.
    pub fn first(&self, local: NaiveDateTime) -> Option<DateTime<Utc>> {
        self.resolve(local).map(|(first, _)| first)
    }

    /// The last moment that shows this local time, or a later one where the time is left out.
    pub fn last(&self, local: NaiveDateTime) -> Option<DateTime<Utc>> {
        self.resolve(local).map(|(_, last)| last)
    }

    fn resolve(&self, local: NaiveDateTime) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        (0..=GAP_MAX_MIN).find_map(|later| {
            let local = local.checked_add_signed(TimeDelta::minutes(later))?;
            let found = self.time_zone.from_local_datetime(&local);
            Some((found.earliest()?.to_utc(), found.latest()?.to_utc()))
        })
    }

    fn span(&self, date: NaiveDate) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let span = self.hours.on(date.weekday())?;
        let open = self.first(span.open.on(date)?)?;
        let close = self.last(span.close.on(date)?)?;
        (open < close).then_some((open, close))
    }

    /// The dates from the day before on: where midnight comes twice it has not ended yet.
    fn dates_from(&self, at: DateTime<Utc>) -> impl Iterator<Item = NaiveDate> + use<> {
        let date = self.local_date(at).pred_opt();
        (0..LOOK_AHEAD_DAYS).filter_map(move |days| date?.checked_add_days(Days::new(days)))
    }
}

/// The days in the order of JSON and of people.
pub(crate) const WEEK: [(Weekday, &str); 7] = [
    (Weekday::Mon, "mon"),
    (Weekday::Tue, "tue"),
    (Weekday::Wed, "wed"),
    (Weekday::Thu, "thu"),
    (Weekday::Fri, "fri"),
    (Weekday::Sat, "sat"),
    (Weekday::Sun, "sun"),
];

#[cfg(test)]
mod tests;
