//! The ticks of any time, calendar and zone against a plain list of them, forwards and backwards.

use crate::calendars::{calendars, whens};
use crate::{always, reference, time};
use bakery_nats::calendar::Calendar;
use bakery_nats::requests::scheduler::When;
use bakery_scheduler::schedule::{Gate, Rhythm, Timing};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

/// The gate of a job that bakes, or does not.
pub(crate) fn gate(open_only: bool) -> Gate {
    if open_only { Gate::WhileOpen } else { Gate::Always }
}

/// The ticks in a span, found one by one.
pub(crate) fn forwards(
    rhythm: &Rhythm,
    begin: DateTime<Utc>,
    end: DateTime<Utc>,
) -> Vec<DateTime<Utc>> {
    std::iter::successors(rhythm.next_after(begin), |tick| rhythm.next_after(*tick))
        .take_while(|tick| *tick <= end)
        .collect()
}

/// The same, found from the end on.
fn backwards(rhythm: &Rhythm, begin: DateTime<Utc>, end: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let before = |tick: &DateTime<Utc>| rhythm.last_until(*tick - TimeDelta::nanoseconds(1));
    let mut ticks: Vec<_> = std::iter::successors(rhythm.last_until(end), before)
        .take_while(|tick| *tick > begin)
        .collect();
    ticks.reverse();
    ticks
}

fn check(
    (when, calendar, open_only): (&When, &Calendar, bool),
    begin: DateTime<Utc>,
) -> Result<(), TestCaseError> {
    let timing = Timing::read(when).unwrap();
    let rhythm = Rhythm { timing: &timing, calendar, gate: gate(open_only) };
    let (expected, end) = reference::some((when, calendar, open_only), begin);
    prop_assert_eq!(forwards(&rhythm, begin, end), &expected[..]);
    prop_assert_eq!(backwards(&rhythm, begin, end), expected);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..Default::default() })]

    #[test]
    fn the_ticks_are_those_of_the_plain_list(
        when in whens(), (calendar, begin) in calendars(), open_only: bool,
    ) {
        check((&when, &calendar, open_only), begin)?;
    }
}

#[test]
fn where_midnight_comes_twice_a_day_bakes_on_while_the_next_one_has_begun() {
    for (zone, begin) in
        [("America/Havana", "2026-10-31T20:00:00Z"), ("Atlantic/Azores", "2026-10-24T16:00:00Z")]
    {
        let calendar = Calendar { time_zone: zone.parse().unwrap(), hours: always() };
        // A day of 25 hours is no multiple of it: the two days have ticks of their own.
        for every_s in [1700, 7000] {
            check((&When::EveryS(every_s), &calendar, true), time(begin)).unwrap();
        }
    }
}
