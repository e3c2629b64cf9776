//! Both clock changes in zones of the north, the south and of half an hour: by local times, as
//! people wrote them down.

use crate::ticks::forwards;
use crate::{always, cron, time};
use bakery_nats::calendar::Calendar;
use bakery_nats::requests::scheduler::When;
use bakery_scheduler::schedule::{Gate, Rhythm, Timing};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

fn calendar(zone: &str) -> Calendar {
    Calendar { time_zone: zone.parse().unwrap(), hours: always() }
}

/// The ticks of a local day; its first moment belongs to it.
fn on(when: &When, zone: &str, date: &str) -> Vec<DateTime<Utc>> {
    let calendar = calendar(zone);
    let date: NaiveDate = date.parse().unwrap();
    let (open, close) = (calendar.opening(date).unwrap(), calendar.closing(date).unwrap());
    let timing = Timing::read(when).unwrap();
    let rhythm = Rhythm { timing: &timing, calendar: &calendar, gate: Gate::Always };
    let before = TimeDelta::nanoseconds(1);
    forwards(&rhythm, open - before, close - before)
}

/// The same as the clocks show it.
fn shown(when: &When, zone: &str, date: &str) -> Vec<String> {
    let local = |tick: DateTime<Utc>| tick.with_timezone(&calendar(zone).time_zone);
    on(when, zone, date).into_iter().map(|tick| local(tick).format("%H:%M").to_string()).collect()
}

/// Clocks go forward: zone, date, the first time that is shown after the change, its moment.
const SPRING: [(&str, &str, &str, &str); 3] = [
    ("Europe/Berlin", "2026-03-29", "03:00", "2026-03-29T01:00:00Z"),
    ("America/New_York", "2026-03-08", "03:00", "2026-03-08T07:00:00Z"),
    ("Australia/Lord_Howe", "2026-10-04", "02:30", "2026-10-03T15:30:00Z"),
];

/// Clocks go back: zone, date, a time that comes twice, the moments of both.
const AUTUMN: [(&str, &str, &str, [&str; 2]); 3] = [
    ("Europe/Berlin", "2026-10-25", "30 2", ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"]),
    ("America/New_York", "2026-11-01", "30 1", ["2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z"]),
    ("Australia/Lord_Howe", "2026-04-05", "45 1", ["2026-04-04T14:45:00Z", "2026-04-04T15:15:00Z"]),
];

#[test]
fn a_fixed_time_that_is_left_out_fires_at_the_moment_of_the_change() {
    for (zone, date, first, change) in SPRING {
        let half_past_two = cron("0 15,20 2 * * *");
        assert_eq!(on(&half_past_two, zone, date), [time(change)], "{zone}");
        assert_eq!(shown(&half_past_two, zone, date), [first], "{zone}");
        // Seconds that are left out, too, are the very moment.
        assert_eq!(on(&cron("7 10 2 * * *"), zone, date), [time(change)], "{zone}");
    }
    assert_eq!(
        on(&cron("0 30 2 * * *"), "Europe/Berlin", "2026-03-29"),
        [time("2026-03-29T01:00:00Z")]
    );
    assert_eq!(
        on(&cron("0 30 2 * * *"), "America/New_York", "2026-03-08"),
        [time("2026-03-08T07:00:00Z")]
    );
    // There 02:30 is the first time after the change.
    assert_eq!(
        on(&cron("0 30 2 * * *"), "Australia/Lord_Howe", "2026-10-04"),
        [time("2026-10-03T15:30:00Z")]
    );
}

#[test]
fn many_times_that_are_left_out_are_one_tick_with_that_of_the_change_itself() {
    let (zone, date) = ("Europe/Berlin", "2026-03-29");
    let through_the_gap = cron("0 0,20,40 1-3 * * *");
    let expected = ["01:00", "01:20", "01:40", "03:00", "03:20", "03:40"];
    assert_eq!(shown(&through_the_gap, zone, date), expected);
    assert_eq!(on(&cron("* * 2 * * *"), zone, date), [time("2026-03-29T01:00:00Z")]);
}

#[test]
fn a_fixed_time_that_comes_twice_fires_at_its_first_coming() {
    for (zone, date, fixed, [first, _]) in AUTUMN {
        assert_eq!(on(&cron(&format!("0 {fixed} * * *")), zone, date), [time(first)], "{zone}");
    }
}

#[test]
fn a_line_of_every_hour_fires_in_both_hours_of_a_name() {
    for (zone, date, fixed, both) in AUTUMN {
        let minute = fixed.split(' ').next().unwrap();
        for hour in ["*", "*/1", "0-23"] {
            let ticks = on(&cron(&format!("0 {minute} {hour} * * *")), zone, date);
            assert!(both.iter().all(|at| ticks.contains(&time(at))), "{zone} {hour}");
            assert_eq!(ticks.len(), 25, "{zone} {hour}");
        }
    }
}

#[test]
fn a_line_of_every_hour_does_not_fire_for_an_hour_that_is_left_out() {
    for (zone, date, _, _) in SPRING {
        let quarter_past = shown(&cron("0 15 * * * *"), zone, date);
        assert_eq!(quarter_past.len(), 23, "{zone}");
        assert!(!quarter_past.contains(&"02:15".to_owned()), "{zone}");
    }
    assert_eq!(shown(&cron("0 0 * * * *"), "Europe/Berlin", "2026-03-29").len(), 23);
    // Half an hour is left out, and 02:45 is not in it.
    assert_eq!(shown(&cron("0 45 * * * *"), "Australia/Lord_Howe", "2026-10-04").len(), 24);
}

#[test]
fn every_quarter_of_an_hour_goes_on_evenly() {
    let quarters = cron("0 */15 * * * *");
    let even = TimeDelta::minutes(15);
    for (zone, date, _, _) in SPRING {
        let ticks = on(&quarters, zone, date);
        assert!(ticks.windows(2).all(|two| two[1] - two[0] == even), "{zone}");
        assert_eq!(ticks.len(), if zone.ends_with("Howe") { 94 } else { 92 }, "{zone}");
    }
    for (zone, date, _, _) in AUTUMN {
        let ticks = on(&quarters, zone, date);
        assert!(ticks.windows(2).all(|two| two[1] - two[0] == even), "{zone}");
        assert_eq!(ticks.len(), if zone.ends_with("Howe") { 98 } else { 100 }, "{zone}");
    }
}

#[test]
fn baking_every_half_hour_follows_real_time_on_short_and_long_days() {
    let half_hours = When::EveryS(1800);
    let days = SPRING.map(|(zone, date, _, _)| (zone, date));
    let long = AUTUMN.map(|(zone, date, _, _)| (zone, date));
    for ((zone, date), ticks) in days.into_iter().chain(long).zip([46, 46, 47, 50, 50, 49]) {
        let found = on(&half_hours, zone, date);
        assert_eq!(found.len(), ticks, "{zone} {date}");
        let even = |two: &[DateTime<Utc>]| two[1] - two[0] == TimeDelta::minutes(30);
        assert!(found.windows(2).all(even), "{zone} {date}");
    }
}

#[test]
fn opening_and_closing_keep_their_distance_through_a_change() {
    let hours = crate::daily("01:00", "04:00");
    let berlin = Calendar { time_zone: "Europe/Berlin".parse().unwrap(), hours };
    let next = |when, after| Timing::read(&when).unwrap().next_after(&berlin, time(after)).unwrap();
    // Two hours after opening is one by the clock on the wall when an hour is left out.
    assert_eq!(next(When::OpeningS(7200), "2026-03-29T00:30:00Z"), time("2026-03-29T02:00:00Z"));
    assert_eq!(next(When::ClosingS(-7200), "2026-10-24T23:30:00Z"), time("2026-10-25T01:00:00Z"));
}

#[test]
fn a_rare_line_finds_its_way_over_the_years() {
    let next = |line: &str, after| {
        Timing::read(&cron(line)).unwrap().next_after(&calendar("Europe/Berlin"), time(after))
    };
    // Every hour of leap day; Berlin is an hour ahead in February.
    assert_eq!(next("0 0 * 29 2 *", "2026-11-24T10:00:00Z"), Some(time("2028-02-28T23:00:00Z")));
    assert_eq!(next("0 0 * 30 2 *", "2026-11-24T10:00:00Z"), None);
    // The clocks are changed on the way there, and on the way back.
    assert_eq!(next("0 0 * 1 4 *", "2026-02-01T00:00:00Z"), Some(time("2026-03-31T22:00:00Z")));
    let line = Timing::read(&cron("0 0 * 1 10 *")).unwrap();
    assert_eq!(
        line.last_until(&calendar("Europe/Berlin"), time("2026-12-24T00:00:00Z")),
        Some(time("2026-10-01T21:00:00Z"))
    );
    // The one hour of the year that this line names is left out in 2026: the change is its moment.
    assert_eq!(next("0 30 2 29 3 *", "2026-01-01T00:00:00Z"), Some(time("2026-03-29T01:00:00Z")));
    assert_eq!(next("0 30 2 29 3 *", "2026-03-29T01:00:00Z"), Some(time("2027-03-29T00:30:00Z")));
}
