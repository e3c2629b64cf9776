//! The rules of the clock, as plain functions over values: when a job is due next, and which of
//! its ticks are due now.
//!
//! A tick belongs to the span from `next_at` (included) to `now` (included), and the next span
//! begins right after it. So however time is split into rounds, restarts and replicas, each tick
//! falls into exactly one span.

use chrono::{DateTime, TimeDelta, Utc};
use cron::Schedule;

/// Ticks of one job that are caught up after a stop. Where more were missed, the newest are
/// fired: yesterday's loaves would only be swept.
pub const CATCH_UP_TICKS_MAX: usize = 200;

/// What is due of one job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// The logical times of its ticks, oldest first.
    pub ticks: Vec<DateTime<Utc>>,
    /// True where older ticks were left out, because more than [`CATCH_UP_TICKS_MAX`] were missed.
    pub skipped: bool,
    /// The first tick that is not due yet.
    pub next_at: DateTime<Utc>,
}

/// The first tick after a moment; `None` where the line never comes again, such as on
/// 30 February.
pub fn next_after(schedule: &Schedule, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
    schedule.after(&after).next()
}

/// The ticks from `next_at` to `now`, both included, and the tick after them. `None` where there
/// is none after them.
pub fn due(schedule: &Schedule, next_at: DateTime<Utc>, now: DateTime<Utc>) -> Option<Due> {
    // Newest first: the work is bounded, however long nobody looked. The library looks strictly
    // before a moment, and `now` is included.
    let after_now = now.checked_add_signed(TimeDelta::nanoseconds(1))?;
    let missed = schedule.after(&after_now).rev().take_while(|tick| *tick >= next_at);
    let mut ticks: Vec<DateTime<Utc>> = missed.take(CATCH_UP_TICKS_MAX + 1).collect();
    let skipped = ticks.len() > CATCH_UP_TICKS_MAX;
    ticks.truncate(CATCH_UP_TICKS_MAX);
    ticks.reverse();
    Some(Due { ticks, skipped, next_at: next_after(schedule, now)? })
}

#[cfg(test)]
mod tests {
    use super::{CATCH_UP_TICKS_MAX, due, next_after};
    use crate::cron_line::read;
    use chrono::{DateTime, TimeDelta, Utc};

    fn time(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn the_next_tick_is_strictly_later() {
        let half_hours = read("0 */30 * * * *").unwrap();
        let next = |after| next_after(&half_hours, time(after)).unwrap();
        assert_eq!(next("2026-11-24T09:59:59.999999Z"), time("2026-11-24T10:00:00Z"));
        assert_eq!(next("2026-11-24T10:00:00Z"), time("2026-11-24T10:30:00Z"));
        assert_eq!(next("2026-12-31T23:59:59Z"), time("2027-01-01T00:00:00Z"));
    }

    #[test]
    fn a_day_that_does_not_exist_never_comes() {
        let never = read("0 0 0 30 FEB *").unwrap();
        assert_eq!(next_after(&never, time("2026-11-24T10:00:00Z")), None);
    }

    #[test]
    fn a_tick_is_due_at_its_very_second_and_not_before() {
        let daily = read("0 0 9 * * *").unwrap();
        let at = time("2026-11-24T09:00:00Z");
        let early = due(&daily, at, at - TimeDelta::nanoseconds(1)).unwrap();
        assert_eq!((early.ticks, early.next_at), (vec![], at));
        let sharp = due(&daily, at, at).unwrap();
        assert_eq!((sharp.ticks, sharp.next_at), (vec![at], at + TimeDelta::days(1)));
    }

    #[test]
    fn after_a_long_stop_only_the_newest_ticks_are_caught_up() {
        let every_second = read("* * * * * *").unwrap();
        let (begin, now) = (time("2020-01-01T00:00:00Z"), time("2026-11-24T10:00:00.5Z"));
        let due = due(&every_second, begin, now).unwrap();
        assert!(due.skipped);
        assert_eq!(due.ticks.len(), CATCH_UP_TICKS_MAX);
        assert_eq!(due.ticks.last(), Some(&time("2026-11-24T10:00:00Z")));
        assert_eq!(due.next_at, time("2026-11-24T10:00:01Z"));
    }
}
