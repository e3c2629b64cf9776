//! The calendar at its edges: the second of opening and closing, days of rest, and both clock
//! changes in zones north and south.

use super::{Calendar, NotATime, OpeningHours, Span, TimeOfDay};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use proptest::prelude::*;

fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn span(open: &str, close: &str) -> Span {
    Span { open: open.parse().unwrap(), close: close.parse().unwrap() }
}

fn daily(zone: &str, open: &str, close: &str) -> Calendar {
    Calendar { time_zone: zone.parse().unwrap(), hours: OpeningHours::daily(span(open, close)) }
}

#[test]
fn it_is_open_from_the_second_of_opening_to_the_one_before_closing() {
    let berlin = daily("Europe/Berlin", "07:00", "18:00");
    for (at, open) in [
        ("2026-11-24T05:59:59.999999Z", false),
        ("2026-11-24T06:00:00Z", true),
        ("2026-11-24T16:59:59.999999Z", true),
        ("2026-11-24T17:00:00Z", false),
    ] {
        assert_eq!(berlin.is_open(time(at)), open, "{at}");
    }
}

#[test]
fn a_business_day_ends_at_its_closing() {
    let tokyo = daily("Asia/Tokyo", "07:00", "18:00");
    assert_eq!(tokyo.day_of(time("2026-11-24T08:59:59Z")), date("2026-11-24"));
    assert_eq!(tokyo.day_of(time("2026-11-24T09:00:00Z")), date("2026-11-25"));
    // 23:30 UTC is the next morning there.
    assert_eq!(tokyo.day_of(time("2026-11-24T23:30:00Z")), date("2026-11-25"));
    let all_day = daily("Europe/Berlin", "00:00", "24:00");
    assert_eq!(all_day.day_of(time("2026-11-24T22:59:59Z")), date("2026-11-24"));
    assert_eq!(all_day.day_of(time("2026-11-24T23:00:00Z")), date("2026-11-25"));
    assert!(all_day.is_open(time("2026-11-24T23:00:00Z")), "midnight is open on both sides");
}

#[test]
fn a_day_has_ended_from_the_second_of_its_closing() {
    let berlin = daily("Europe/Berlin", "07:00", "18:00");
    let closing = time("2026-11-24T17:00:00Z");
    assert_eq!(berlin.ended_day(closing), Some(date("2026-11-24")));
    assert_eq!(berlin.ended_day(closing - TimeDelta::microseconds(1)), Some(date("2026-11-23")));
    let all_day = daily("Europe/Berlin", "00:00", "24:00");
    assert_eq!(all_day.ended_day(time("2026-11-24T23:00:00Z")), Some(date("2026-11-24")));
    let never = Calendar { hours: OpeningHours::default(), ..berlin };
    assert_eq!(never.ended_day(closing), None);
}

#[test]
fn a_day_of_rest_belongs_to_the_day_after_it() {
    let mut weekdays = daily("America/New_York", "07:00", "18:00");
    weekdays.hours.sat = None;
    weekdays.hours.sun = None;
    let saturday = time("2026-11-28T15:00:00Z");
    assert!(!weekdays.is_open(saturday));
    assert_eq!(weekdays.day_of(saturday), date("2026-11-30"));
    assert_eq!(weekdays.next_opening(saturday), Some(time("2026-11-30T12:00:00Z")));
    assert_eq!(weekdays.opening(date("2026-11-29")), None);
}

#[test]
fn a_branch_without_hours_never_opens() {
    let never = Calendar { time_zone: chrono_tz::Europe::Berlin, hours: OpeningHours::default() };
    let at = time("2026-11-24T23:30:00Z");
    assert_eq!((never.is_open(at), never.next_opening(at)), (false, None));
    assert_eq!(never.day_of(at), date("2026-11-25"));
}

#[test]
fn the_next_opening_is_strictly_later() {
    let berlin = daily("Europe/Berlin", "07:00", "18:00");
    let opening = time("2026-11-24T06:00:00Z");
    assert_eq!(berlin.next_opening(opening - TimeDelta::microseconds(1)), Some(opening));
    assert_eq!(berlin.next_opening(opening), Some(opening + TimeDelta::days(1)));
}

/// Hours of a day, in minutes.
fn minutes_open(calendar: &Calendar, on: &str) -> i64 {
    let (open, close) = (calendar.opening(date(on)).unwrap(), calendar.closing(date(on)).unwrap());
    (close - open).num_minutes()
}

#[test]
fn a_clock_change_makes_the_day_shorter_or_longer() {
    for (zone, spring, autumn) in [
        ("Europe/Berlin", "2026-03-29", "2026-10-25"),
        ("America/New_York", "2026-03-08", "2026-11-01"),
        ("Australia/Sydney", "2026-10-04", "2026-04-05"),
    ] {
        let all_day = daily(zone, "00:00", "24:00");
        assert_eq!(minutes_open(&all_day, spring), 23 * 60, "{zone}");
        assert_eq!(minutes_open(&all_day, autumn), 25 * 60, "{zone}");
    }
    assert_eq!(minutes_open(&daily("Australia/Lord_Howe", "00:00", "24:00"), "2026-10-04"), 1410);
}

#[test]
fn a_time_that_is_left_out_is_the_moment_of_the_change() {
    // In Berlin 02:00 to 03:00 does not exist on this night.
    let baker = daily("Europe/Berlin", "02:30", "10:00");
    assert_eq!(baker.opening(date("2026-03-29")), Some(time("2026-03-29T01:00:00Z")));
    let nobody = daily("Europe/Berlin", "02:10", "02:50");
    assert_eq!(nobody.opening(date("2026-03-29")), None, "these hours do not exist");
    assert_eq!(
        nobody.next_opening(time("2026-03-29T00:59:00Z")),
        Some(time("2026-03-30T00:10:00Z"))
    );
    // Samoa left out the whole of 30 December 2011.
    let apia = daily("Pacific/Apia", "09:00", "17:00");
    assert_eq!(apia.opening(date("2011-12-30")), None);
}

#[test]
fn of_a_time_that_comes_twice_opening_is_the_first_and_closing_the_last() {
    let baker = daily("Europe/Berlin", "02:30", "10:00");
    assert_eq!(baker.opening(date("2026-10-25")), Some(time("2026-10-25T00:30:00Z")));
    let bar = daily("America/New_York", "00:00", "01:30");
    assert_eq!(bar.closing(date("2026-11-01")), Some(time("2026-11-01T06:30:00Z")));
}

/// On the Azores the hour after midnight comes twice: the day before ends with the second midnight.
#[test]
fn where_midnight_comes_twice_a_day_ends_with_the_second_one() {
    for open in ["08:00", "00:00"] {
        let azores = daily("Atlantic/Azores", open, "24:00");
        let close = time("2026-10-25T01:00:00Z");
        assert_eq!(azores.closing(date("2026-10-24")), Some(close));
        let between = time("2026-10-25T00:30:00Z");
        assert!(azores.is_open(between));
        assert_eq!(azores.day_of(between), date("2026-10-24"));
        assert_eq!(azores.ended_day(between), Some(date("2026-10-23")));
        assert_eq!(azores.day_of(close), date("2026-10-25"));
        assert_eq!(azores.is_open(close), open == "00:00");
    }
}

#[test]
fn a_time_of_day_is_two_digits_twice() {
    for good in ["00:00", "07:30", "23:59", "24:00"] {
        assert_eq!(good.parse::<TimeOfDay>().unwrap().to_string(), good);
    }
    for bad in
        ["", "7:30", "07:60", "24:01", "25:00", "07.30", "0730", "+7:30", "07:3 ", "07:30:00"]
    {
        assert_eq!(bad.parse::<TimeOfDay>(), Err(NotATime), "{bad:?}");
    }
}

#[test]
fn hours_that_end_before_they_begin_are_named() {
    let mut hours = OpeningHours::daily(span("07:00", "18:00"));
    assert!(hours.wrong_days().is_empty());
    hours.tue = Some(span("18:00", "07:00"));
    hours.sun = Some(span("07:00", "07:00"));
    assert_eq!(hours.wrong_days(), ["tue", "sun"]);
}

proptest! {
    /// A moment lies in its business day: after the closing before it, before its own closing.
    #[test]
    fn every_moment_has_one_business_day_and_days_never_run_backwards(
        minutes in 0_i64..2 * 366 * 24 * 60,
        zone in prop::sample::select(vec![
            "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Atlantic/Azores",
        ]),
        (from, to) in prop::sample::select(vec![("06:30", "18:45"), ("08:00", "24:00")]),
        rest in 0_usize..7,
    ) {
        let mut calendar = daily(zone, from, to);
        let hours = &mut calendar.hours;
        *[&mut hours.mon, &mut hours.tue, &mut hours.wed, &mut hours.thu, &mut hours.fri,
            &mut hours.sat, &mut hours.sun][rest] = None;
        let at = time("2026-01-01T00:00:00Z") + TimeDelta::minutes(minutes);
        let day = calendar.day_of(at);
        prop_assert!(at < calendar.closing(day).unwrap());
        let earlier = (1..4).filter_map(|days| calendar.closing(day - TimeDelta::days(days)));
        prop_assert!(earlier.clone().all(|close| close <= at));
        if calendar.is_open(at) {
            prop_assert!(calendar.opening(day).unwrap() <= at);
        } else {
            prop_assert_eq!(calendar.next_opening(at), calendar.opening(day));
        }
    }
}
