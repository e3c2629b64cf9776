//! What is due, against the plain list of all ticks: each is fired once, however time is split into
//! rounds, and each policy leaves out what it says and no more.

use crate::calendars::{calendars, whens};
use crate::reference;
use crate::ticks::gate;
use crate::{always, cron, daily, time};
use bakery_nats::calendar::Calendar;
use bakery_nats::requests::scheduler::{Misfire, When};
use bakery_scheduler::schedule::{
    CATCH_UP_TICKS_MAX, Due, Gate, MISFIRE_GRACE_S, Rhythm, Timing, due,
};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use std::time::Instant;

/// Moments between two others, in their order.
fn between(begin: DateTime<Utc>, end: DateTime<Utc>, parts: &[f64]) -> Vec<DateTime<Utc>> {
    let ms = (end - begin).num_milliseconds();
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a place")]
    let place = |part: &f64| begin + TimeDelta::milliseconds((ms as f64 * part) as i64);
    let mut moments: Vec<_> = parts.iter().map(place).collect();
    moments.sort();
    moments
}

/// What a policy fires of the ticks of one round.
fn fired(misfire: Misfire, ticks: &[DateTime<Utc>], now: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let on_time = |tick: &&DateTime<Utc>| now - **tick <= TimeDelta::seconds(MISFIRE_GRACE_S);
    let missed = ticks.iter().filter(|tick| !on_time(tick)).count();
    let kept = match misfire {
        Misfire::All => ticks.len(),
        Misfire::Once => ticks.len() - missed + missed.min(1),
        Misfire::Skip => ticks.len() - missed,
    };
    ticks[ticks.len() - kept.min(CATCH_UP_TICKS_MAX)..].to_vec()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..Default::default() })]

    #[test]
    fn no_tick_is_doubled_and_none_on_time_is_lost_however_time_is_split(
        when in whens(), (calendar, begin) in calendars(), open_only: bool,
        parts in vec(0.0..1.0, 1..12),
        misfire in select(vec![Misfire::All, Misfire::Once, Misfire::Skip]),
    ) {
        let timing = Timing::read(&when).unwrap();
        let rhythm = Rhythm { timing: &timing, calendar: &calendar, gate: gate(open_only) };
        let (day, end) = reference::some((&when, &calendar, open_only), begin);
        let (mut next_at, mut seen) = (rhythm.next_after(begin), begin);
        for now in between(begin, end, &parts) {
            let inside = |tick: &&DateTime<Utc>| seen < **tick && **tick <= now;
            let all: Vec<_> = day.iter().filter(inside).copied().collect();
            let Some(from) = next_at else {
                prop_assert!(all.is_empty());
                continue;
            };
            let due = due(&rhythm, misfire, from, now);
            prop_assert_eq!(&due.ticks, &fired(misfire, &all, now));
            prop_assert_eq!(due.skipped, due.ticks.len() < all.len());
            prop_assert!(due.next_at.is_none_or(|next_at| next_at > now));
            (next_at, seen) = (due.next_at, now);
        }
    }
}

fn at_main(hours: bakery_nats::calendar::OpeningHours) -> Calendar {
    Calendar { time_zone: "UTC".parse().unwrap(), hours }
}

/// What is due between two moments of a bakery that goes by UTC.
fn due_at(
    (when, gate): (&When, Gate),
    calendar: &Calendar,
    misfire: Misfire,
    from: &str,
    now: &str,
) -> Due {
    let timing = Timing::read(when).unwrap();
    due(&Rhythm { timing: &timing, calendar, gate }, misfire, time(from), time(now))
}

#[test]
fn a_tick_is_due_at_its_very_second_and_not_before() {
    let daily_at_nine = (&cron("0 0 9 * * *"), Gate::Always);
    let due =
        |now| due_at(daily_at_nine, &at_main(always()), Misfire::Skip, "2026-11-24T09:00:00Z", now);
    let early = due("2026-11-24T08:59:59.999999999Z");
    assert_eq!((early.ticks, early.next_at), (vec![], Some(time("2026-11-24T09:00:00Z"))));
    let sharp = due("2026-11-24T09:00:00Z");
    assert_eq!(sharp.ticks, [time("2026-11-24T09:00:00Z")]);
    assert_eq!(sharp.next_at, Some(time("2026-11-25T09:00:00Z")));
}

#[test]
fn a_tick_is_on_time_for_a_minute() {
    let daily_at_nine = (&cron("0 0 9 * * *"), Gate::Always);
    for (now, fired) in [("2026-11-24T09:01:00Z", 1), ("2026-11-24T09:01:00.000001Z", 0)] {
        let calendar = at_main(always());
        let due = due_at(daily_at_nine, &calendar, Misfire::Skip, "2026-11-24T09:00:00Z", now);
        assert_eq!((due.ticks.len(), due.skipped), (fired, fired == 0), "{now}");
    }
}

#[test]
fn of_missed_ticks_the_newest_is_fired_beside_those_on_time() {
    let every_minute = (&cron("0 * * * * *"), Gate::Always);
    let (from, now) = ("2026-11-24T09:00:00Z", "2026-11-24T10:00:30Z");
    let fired = |misfire| due_at(every_minute, &at_main(always()), misfire, from, now).ticks;
    assert_eq!(fired(Misfire::Skip), [time("2026-11-24T10:00:00Z")]);
    let newest = [time("2026-11-24T09:59:00Z"), time("2026-11-24T10:00:00Z")];
    assert_eq!(fired(Misfire::Once), newest);
    assert_eq!(fired(Misfire::All).len(), 61);
}

#[test]
fn years_of_downtime_are_made_up_for_in_a_moment() {
    let every_second = cron("* * * * * *");
    let times = [every_second.clone(), When::EveryS(1), cron("0 0 3 * * *"), When::OpeningS(-60)];
    let hours = [always(), daily("07:00", "07:01"), bakery_nats::calendar::OpeningHours::default()];
    let begin = Instant::now();
    for when in &times {
        for hours in hours {
            for misfire in [Misfire::All, Misfire::Once, Misfire::Skip] {
                for gate in [Gate::Always, Gate::WhileOpen, Gate::Shut] {
                    let (from, now) = ("2006-11-24T10:00:00Z", "2026-11-24T10:00:00.5Z");
                    let due = due_at((when, gate), &at_main(hours), misfire, from, now);
                    assert!(due.ticks.len() <= CATCH_UP_TICKS_MAX);
                    assert!(gate != Gate::Shut || due.ticks.is_empty());
                }
            }
        }
    }
    // Looking at each of the seconds of twenty years would take hours.
    assert!(begin.elapsed().as_secs() < 60, "108 looks took {:?}", begin.elapsed());
    let (from, now) = ("2006-11-24T10:00:00Z", "2026-11-24T10:00:00.5Z");
    let all = due_at((&every_second, Gate::Always), &at_main(always()), Misfire::All, from, now);
    assert!(all.skipped);
    assert_eq!(all.ticks.len(), CATCH_UP_TICKS_MAX);
    assert_eq!(all.ticks.last(), Some(&time("2026-11-24T10:00:00Z")));
    assert_eq!(all.next_at, Some(time("2026-11-24T10:00:01Z")));
}

#[test]
fn ticks_out_of_hours_do_not_count_as_missed() {
    let hourly = (&cron("0 0 * * * *"), Gate::WhileOpen);
    let calendar = at_main(daily("07:00", "18:00"));
    let (from, now) = ("2026-11-24T17:00:00Z", "2026-11-25T06:59:59Z");
    let once = due_at(hourly, &calendar, Misfire::Once, from, now);
    assert_eq!(once.ticks, [time("2026-11-24T17:00:00Z")]);
    assert!(!once.skipped);
    assert_eq!(once.next_at, Some(time("2026-11-25T07:00:00Z")));
}

#[test]
fn a_time_out_of_hours_never_comes() {
    let timing = Timing::read(&cron("0 0 3 * * *")).unwrap();
    let calendar = at_main(daily("07:00", "18:00"));
    let next = |gate| {
        Rhythm { timing: &timing, calendar: &calendar, gate }
            .next_after(time("2026-11-24T10:00:00Z"))
    };
    assert_eq!(next(Gate::WhileOpen), None);
    assert_eq!(next(Gate::Always), Some(time("2026-11-25T03:00:00Z")));
}

#[test]
fn what_is_owed_is_fired_though_the_calendar_does_not_name_it_any_more() {
    let opening = (&When::OpeningS(0), Gate::Always);
    let (from, now) = ("2026-11-24T07:00:00Z", "2026-11-24T07:00:00.4Z");
    let due = due_at(opening, &at_main(daily("08:00", "18:00")), Misfire::Skip, from, now);
    assert_eq!(due.ticks, [time("2026-11-24T07:00:00Z")]);
    assert_eq!(due.next_at, Some(time("2026-11-24T08:00:00Z")));
}
