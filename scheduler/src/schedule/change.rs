//! Where the clocks of a branch are changed, and what they have shown by a moment.

use bakery_nats::calendar::Calendar;
use chrono::{DateTime, DurationRound, NaiveDateTime, TimeDelta, TimeZone, Utc};

/// How far the clocks of a branch are ahead of UTC.
pub(super) fn shift(calendar: &Calendar, at: DateTime<Utc>) -> TimeDelta {
    local(calendar, at) - at.naive_utc()
}

/// What the clocks show.
pub(super) fn local(calendar: &Calendar, at: DateTime<Utc>) -> NaiveDateTime {
    at.with_timezone(&calendar.time_zone).naive_local()
}

/// The moment of the change after `from` and up to `to`, if the clocks go otherwise at `to`. The
/// two must be so close that there is at most one change between them.
pub(super) fn between(
    calendar: &Calendar,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let before = shift(calendar, from);
    let is_before = |second| Some(shift(calendar, DateTime::from_timestamp(second, 0)?) == before);
    if shift(calendar, to) == before {
        return None;
    }
    // Clocks are changed at whole seconds.
    let (mut old, mut new) = (from.timestamp(), to.timestamp());
    while new - old > 1 {
        let middle = old + (new - old) / 2;
        if is_before(middle)? { old = middle } else { new = middle }
    }
    DateTime::from_timestamp(new, 0)
}

/// The latest time that the clocks have shown by a moment: what they show now, or, while they show
/// a time for the second time, what they showed last before they were put back.
pub(super) fn latest_shown(calendar: &Calendar, at: DateTime<Utc>) -> NaiveDateTime {
    let now = local(calendar, at);
    let first = calendar.time_zone.from_local_datetime(&now).earliest();
    let shown_before = first.map(|first| first.to_utc()).filter(|first| *first < at);
    let put_back = shown_before.and_then(|first| {
        let change = between(calendar, first, at)?;
        Some(change.naive_utc() + shift(calendar, first) - TimeDelta::nanoseconds(1))
    });
    put_back.unwrap_or(now)
}

/// The first moment that shows a time; of a time that is left out the moment of the change.
pub(super) fn moment(calendar: &Calendar, local: NaiveDateTime) -> Option<DateTime<Utc>> {
    match calendar.time_zone.from_local_datetime(&local).earliest() {
        Some(first) => Some(first.to_utc()),
        // Clocks are put forward to whole minutes, and the calendar looks for them minute by minute.
        None => calendar.first(local.duration_trunc(TimeDelta::minutes(1)).ok()?),
    }
}
