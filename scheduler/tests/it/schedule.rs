//! The clock's rules against the plain list of a line's ticks: none is lost or doubled, however
//! time is split by rounds, restarts and replicas.

use bakery_scheduler::cron_line;
use bakery_scheduler::schedule::{CATCH_UP_TICKS_MAX, due, next_after};
use chrono::{DateTime, TimeDelta, Utc};
use cron::Schedule;
use proptest::collection::vec;
use proptest::prelude::*;

/// A line whose ticks lie between a second and some months apart.
fn lines() -> impl Strategy<Value = Schedule> {
    let second = prop_oneof![Just("*".to_owned()), list(0..60), (1..60u32).prop_map(step)];
    let minute = prop_oneof![Just("*".to_owned()), list(0..60), (1..60u32).prop_map(step)];
    let hour = prop_oneof![Just("*".to_owned()), list(0..24), Just("8-18/2".to_owned())];
    let day = prop_oneof![4 => Just("*".to_owned()), 1 => list(1..29)];
    let month = prop_oneof![4 => Just("*".to_owned()), 1 => list(1..13)];
    let weekday = prop_oneof![4 => Just("*".to_owned()), 1 => list(1..8)];
    (second, minute, hour, day, month, weekday)
        .prop_map(|(s, m, h, d, mo, w)| format!("{s} {m} {h} {d} {mo} {w}"))
        .prop_filter_map("the line cannot be read", |line| cron_line::read(&line).ok())
}

fn list(range: std::ops::Range<u32>) -> impl Strategy<Value = String> {
    vec(range, 1..4)
        .prop_map(|numbers| numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(","))
}

fn step(every: u32) -> String {
    format!("*/{every}")
}

/// Any moment of four years, leap day and turns of the year included, to the millisecond.
fn moments() -> impl Strategy<Value = DateTime<Utc>> {
    (0..4 * 366 * 86_400_000_i64)
        .prop_map(|ms| DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::milliseconds(ms))
}

/// Every tick after `begin` up to `end`, one by one.
fn all(line: &Schedule, begin: DateTime<Utc>, end: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    line.after(&begin).take_while(|tick| *tick <= end).collect()
}

/// The moment at which so many ticks have come after `begin`.
fn after_ticks(line: &Schedule, begin: DateTime<Utc>, ticks: usize) -> Option<DateTime<Utc>> {
    line.after(&begin).nth(ticks.checked_sub(1)?)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..Default::default() })]

    /// Time goes on in steps of any length that stay within the catch-up limit: in ticks and some
    /// part of a second.
    #[test]
    fn no_tick_is_lost_or_doubled_however_time_is_split(
        line in lines(),
        begin in moments(),
        steps in vec((0..=CATCH_UP_TICKS_MAX, 0..1000_i64), 1..12),
    ) {
        let mut next_at = next_after(&line, begin).unwrap();
        let mut now = begin;
        let mut fired = Vec::new();
        for (ticks, ms) in steps {
            // Going on by so many ticks and less than a second can make one more of them due.
            let ticks = ticks.saturating_sub(1);
            let latest = fired.last().copied().unwrap_or(begin);
            now = after_ticks(&line, latest, ticks).unwrap_or(now).max(now);
            now += TimeDelta::milliseconds(ms);
            let due = due(&line, next_at, now).unwrap();
            prop_assert!(!due.skipped);
            prop_assert!(due.next_at > now);
            fired.extend(due.ticks);
            next_at = due.next_at;
        }
        prop_assert_eq!(fired, all(&line, begin, now));
    }

    #[test]
    fn catching_up_is_bounded_and_takes_the_newest(
        line in lines(),
        begin in moments(),
        missed in 0..3 * CATCH_UP_TICKS_MAX,
    ) {
        let next_at = next_after(&line, begin).unwrap();
        let now = after_ticks(&line, begin, missed).unwrap_or(begin);
        let due = due(&line, next_at, now).unwrap();
        let expected = all(&line, begin, now);
        let newest = expected.len().saturating_sub(CATCH_UP_TICKS_MAX);
        prop_assert_eq!(due.ticks, &expected[newest..]);
        prop_assert_eq!(due.skipped, newest > 0);
        prop_assert_eq!(Some(due.next_at), next_after(&line, now));
    }

    /// Two schedulers that look at different times fire the same ticks of the time both saw.
    #[test]
    fn replicas_agree(line in lines(), begin in moments(), early in 0..150usize, more in 0..50usize) {
        let next_at = next_after(&line, begin).unwrap();
        let at = |ticks| after_ticks(&line, begin, ticks).unwrap_or(begin);
        let first = due(&line, next_at, at(early)).unwrap();
        let second = due(&line, next_at, at(early + more)).unwrap();
        prop_assert!(second.ticks.starts_with(&first.ticks));
    }
}
