//! Times that follow the hours of a branch: its openings, its closings, and every so often between
//! them.

use bakery_nats::calendar::Calendar;
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};

/// A branch that opens at all opens within so many days: more than two weeks, because a clock
/// change can leave out a day, and a day on either side.
const LOOK_DAYS: u64 = 17;
/// Where midnight comes twice, a day can begin before the one before it has ended.
const DAYS_AT_ONCE: usize = 2;

/// The first closing after a moment.
pub(super) fn next_closing(calendar: &Calendar, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
    dates_from(calendar, after).filter_map(|date| calendar.closing(date)).find(|at| *at > after)
}

/// The last opening up to a moment, itself included.
pub(super) fn last_opening(calendar: &Calendar, until: DateTime<Utc>) -> Option<DateTime<Utc>> {
    dates_until(calendar, until).filter_map(|date| calendar.opening(date)).find(|at| *at <= until)
}

/// The last closing up to a moment, itself included.
pub(super) fn last_closing(calendar: &Calendar, until: DateTime<Utc>) -> Option<DateTime<Utc>> {
    dates_until(calendar, until).filter_map(|date| calendar.closing(date)).find(|at| *at <= until)
}

/// The first tick after a moment of those every `s` seconds from opening on.
pub(super) fn next_every(
    calendar: &Calendar,
    s: i64,
    after: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let first_of = |date| {
        let (open, close) = span(calendar, date)?;
        let next = if open > after { open } else { step(open, after, s)? + TimeDelta::seconds(s) };
        (next < close).then_some(next)
    };
    dates_from(calendar, after).filter_map(first_of).take(DAYS_AT_ONCE).min()
}

/// The last tick up to a moment, itself included, of those every `s` seconds from opening on.
pub(super) fn last_every(
    calendar: &Calendar,
    s: i64,
    until: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let last_of = |date| {
        let (open, close) = span(calendar, date)?;
        let until = until.min(super::just_before(close));
        if open <= until { step(open, until, s) } else { None }
    };
    dates_until(calendar, until).filter_map(last_of).take(DAYS_AT_ONCE).max()
}

/// The last of the steps of `s` seconds from `open` on that is not after `at`.
fn step(open: DateTime<Utc>, at: DateTime<Utc>, s: i64) -> Option<DateTime<Utc>> {
    let steps = (at - open).num_seconds().checked_div(s)?;
    Some(open + TimeDelta::seconds(steps * s))
}

fn span(calendar: &Calendar, date: NaiveDate) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    calendar.opening(date).zip(calendar.closing(date))
}

/// The dates from the day before on: its closing can be yet to come.
fn dates_from(calendar: &Calendar, at: DateTime<Utc>) -> impl Iterator<Item = NaiveDate> + use<> {
    let date = calendar.local_date(at).checked_sub_days(Days::new(1));
    (0..LOOK_DAYS).filter_map(move |days| date?.checked_add_days(Days::new(days)))
}

/// The dates from the day after backwards: its opening can have been.
fn dates_until(calendar: &Calendar, at: DateTime<Utc>) -> impl Iterator<Item = NaiveDate> + use<> {
    let date = calendar.local_date(at).checked_add_days(Days::new(1));
    (0..LOOK_DAYS).filter_map(move |days| date?.checked_sub_days(Days::new(days)))
}
