//! The ticks of a job as a plain list, made without the code under test: every local time is
//! looked at, and every day is gone through.

use bakery_nats::calendar::Calendar;
use bakery_nats::requests::scheduler::When;
use bakery_scheduler::cron_line;
use chrono::{DateTime, LocalResult, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Utc};
use std::collections::BTreeSet;

/// Days on either side of a span whose openings and closings can matter for it.
const DAYS_AROUND: i64 = 4;
/// The clocks of no zone in the tests are changed by more.
const CHANGE_MAX: TimeDelta = TimeDelta::hours(1);
/// Ticks that a test goes through.
const TICKS: usize = 180;

/// The ticks after `begin` up to `end`, oldest first.
pub(crate) fn ticks(
    (when, calendar, open_only): (&When, &Calendar, bool),
    begin: DateTime<Utc>,
    end: DateTime<Utc>,
) -> Vec<DateTime<Utc>> {
    let all = match when {
        When::Cron(line) => of_line(line, calendar, begin, end),
        When::EveryS(s) => of_days(calendar, begin, end, |open, close| {
            let steps = (0..).map(|k| open + TimeDelta::seconds(k * i64::from(*s)));
            steps.take_while(|tick| *tick < close).collect()
        }),
        When::OpeningS(s) => {
            of_days(calendar, begin, end, |open, _| vec![open + TimeDelta::seconds((*s).into())])
        }
        When::ClosingS(s) => {
            of_days(calendar, begin, end, |_, close| vec![close + TimeDelta::seconds((*s).into())])
        }
    };
    let inside = |tick: &DateTime<Utc>| {
        begin < *tick && *tick <= end && (!open_only || is_open(calendar, *tick))
    };
    all.into_iter().filter(inside).collect()
}

/// As many ticks after `begin` as one look takes, and the moment up to which they go.
pub(crate) fn some(
    (when, calendar, open_only): (&When, &Calendar, bool),
    begin: DateTime<Utc>,
) -> (Vec<DateTime<Utc>>, DateTime<Utc>) {
    let mut end = end(when, calendar, begin);
    let mut ticks = ticks((when, calendar, open_only), begin, end);
    if let Some(last) = ticks.get(TICKS) {
        end = *last;
        ticks.truncate(TICKS + 1);
    }
    (ticks, end)
}

/// An end that leaves about so many ticks: at a clock change there can be more.
fn end(when: &When, calendar: &Calendar, begin: DateTime<Utc>) -> DateTime<Utc> {
    let last = begin + TimeDelta::days(60);
    match when {
        When::Cron(line) => {
            let local = begin.with_timezone(&calendar.time_zone).naive_local();
            let line = cron_line::read(line).unwrap();
            let nth = line.after(&local.and_utc()).nth(TICKS);
            nth.map_or(last, |nth| begin + (nth.naive_utc() - local)).min(last)
        }
        When::EveryS(s) => {
            let ticks = i32::try_from(TICKS).unwrap();
            (begin + TimeDelta::seconds((s * ticks).into())).min(last)
        }
        When::OpeningS(_) | When::ClosingS(_) => last,
    }
}

fn of_line(
    line: &str,
    calendar: &Calendar,
    begin: DateTime<Utc>,
    end: DateTime<Utc>,
) -> BTreeSet<DateTime<Utc>> {
    let local = |at: DateTime<Utc>| at.with_timezone(&calendar.time_zone).naive_local();
    let every_hour = ["*", "*/1", "0-23"].contains(&line.split(' ').nth(2).unwrap());
    let (first, last) = (local(begin) - CHANGE_MAX * 2, local(end) + CHANGE_MAX * 2);
    let schedule = cron_line::read(line).unwrap();
    let named = schedule.after(&first.and_utc()).map(|named| named.naive_utc());
    let mut ticks = BTreeSet::new();
    for named in named.take_while(|named| *named <= last) {
        match calendar.time_zone.from_local_datetime(&named) {
            LocalResult::Single(tick) => {
                ticks.insert(tick.to_utc());
            }
            LocalResult::Ambiguous(one, other) => {
                ticks.insert(one.to_utc());
                if every_hour {
                    ticks.insert(other.to_utc());
                }
            }
            LocalResult::None if every_hour => {}
            LocalResult::None => {
                ticks.insert(end_of_gap(calendar, named));
            }
        }
    }
    ticks
}

/// The first moment after local times that were left out.
fn end_of_gap(calendar: &Calendar, local: NaiveDateTime) -> DateTime<Utc> {
    let mut minutes = (0..).map(|minute| {
        let begin = local.date().and_hms_opt(0, 0, 0).unwrap();
        begin + TimeDelta::minutes(minute)
    });
    let shown = |minute: &NaiveDateTime| {
        *minute > local && calendar.time_zone.from_local_datetime(minute).earliest().is_some()
    };
    let first = minutes.find(shown).unwrap();
    calendar.time_zone.from_local_datetime(&first).earliest().unwrap().to_utc()
}

fn of_days(
    calendar: &Calendar,
    begin: DateTime<Utc>,
    end: DateTime<Utc>,
    ticks: impl Fn(DateTime<Utc>, DateTime<Utc>) -> Vec<DateTime<Utc>>,
) -> BTreeSet<DateTime<Utc>> {
    spans(calendar, begin, end).into_iter().flat_map(|(open, close)| ticks(open, close)).collect()
}

fn is_open(calendar: &Calendar, at: DateTime<Utc>) -> bool {
    spans(calendar, at, at).into_iter().any(|(open, close)| open <= at && at < close)
}

fn spans(
    calendar: &Calendar,
    begin: DateTime<Utc>,
    end: DateTime<Utc>,
) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
    let first = calendar.local_date(begin) - TimeDelta::days(DAYS_AROUND);
    let last = calendar.local_date(end) + TimeDelta::days(DAYS_AROUND);
    let span = |date: NaiveDate| calendar.opening(date).zip(calendar.closing(date));
    first.iter_days().take_while(|date| *date <= last).filter_map(span).collect()
}
