//! Random calendars, times and moments: zones north and south, days of rest, and moments that lie
//! near the clock changes of their zone more often than not.

use crate::{cron, time};
use bakery_nats::calendar::{Calendar, OpeningHours, Span};
use bakery_nats::requests::scheduler::When;
use bakery_scheduler::cron_line;
use chrono::{DateTime, TimeDelta, Utc};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// Zones, each with the moments at which its clocks go forward and back. In Havana and on the Azores
/// midnight comes twice; Lord Howe changes by half an hour.
const ZONES: [(&str, [&str; 2]); 8] = [
    ("UTC", ["2026-03-29T00:00:00Z", "2026-10-25T00:00:00Z"]),
    ("Europe/Berlin", ["2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"]),
    ("America/New_York", ["2026-03-08T07:00:00Z", "2026-11-01T06:00:00Z"]),
    ("Australia/Lord_Howe", ["2026-10-03T15:30:00Z", "2026-04-04T15:00:00Z"]),
    ("America/Havana", ["2026-03-08T05:00:00Z", "2026-11-01T05:00:00Z"]),
    ("Atlantic/Azores", ["2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"]),
    ("America/St_Johns", ["2026-03-08T05:30:00Z", "2026-11-01T04:30:00Z"]),
    ("Asia/Kathmandu", ["2026-03-29T00:00:00Z", "2026-10-25T00:00:00Z"]),
];

const DAY_MIN: u16 = 24 * 60;

/// A calendar, and a moment to the millisecond: more often than not within hours, days or weeks of
/// a clock change of its zone, or else anywhere in four years.
pub(crate) fn calendars() -> impl Strategy<Value = (Calendar, DateTime<Utc>)> {
    let near = |ms: i64| (any::<bool>(), -ms..ms);
    let hour = 3_600_000;
    let near = prop_oneof![4 => near(2 * hour), 2 => near(72 * hour), 1 => near(900 * hour)];
    let anywhere = 0..4 * 366 * 24 * hour;
    (select(&ZONES[..]), hours(), near, anywhere, 0..8).prop_map(
        |((zone, changes), hours, (spring, near), anywhere, dice)| {
            let calendar = Calendar { time_zone: zone.parse().unwrap(), hours };
            let (begin, ms) = match dice {
                0 => ("2024-12-30T00:00:00Z", anywhere),
                _ => (changes[usize::from(spring)], near),
            };
            (calendar, time(begin) + TimeDelta::milliseconds(ms))
        },
    )
}

fn hours() -> impl Strategy<Value = OpeningHours> {
    let day = prop_oneof![1 => Just(None), 2 => Just(span(0, DAY_MIN)), 5 => spans()];
    vec(day, 7).prop_map(|days| OpeningHours {
        mon: days[0],
        tue: days[1],
        wed: days[2],
        thu: days[3],
        fri: days[4],
        sat: days[5],
        sun: days[6],
    })
}

fn spans() -> impl Strategy<Value = Option<Span>> {
    (0..DAY_MIN / 15, 0..DAY_MIN / 15).prop_map(|(a, b)| span(a.min(b) * 15, (a.max(b) + 1) * 15))
}

fn span(open: u16, close: u16) -> Option<Span> {
    let time = |min: u16| format!("{:02}:{:02}", min / 60, min % 60).parse().unwrap();
    Some(Span { open: time(open), close: time(close) })
}

/// Every kind of time; ticks lie between a second and some months apart.
pub(crate) fn whens() -> impl Strategy<Value = When> {
    let away = prop_oneof![Just(0), -86_400..=86_400, (-96..=96).prop_map(|quarter| quarter * 900)];
    let every = prop_oneof![1..=86_400, select(vec![1, 60, 900, 1800, 3600])];
    prop_oneof![
        4 => lines().prop_map(|line| cron(&line)),
        2 => every.prop_map(When::EveryS),
        1 => away.clone().prop_map(When::OpeningS),
        1 => away.prop_map(When::ClosingS),
    ]
}

fn lines() -> impl Strategy<Value = String> {
    let second =
        prop_oneof![Just("0".to_owned()), any_of("*"), list(0..60), (1..60u32).prop_map(step)];
    let minute =
        prop_oneof![Just("30".to_owned()), any_of("*"), list(0..60), (1..60u32).prop_map(step)];
    let hour = prop_oneof![
        3 => any_of("*"), 1 => any_of("0-23"), 1 => any_of("*/1"), 1 => any_of("*/2"),
        3 => list(0..4), 2 => list(0..24), 1 => any_of("8-18/2"),
    ];
    let day = prop_oneof![6 => any_of("*"), 1 => list(1..29)];
    let month = prop_oneof![6 => any_of("*"), 1 => list(1..13)];
    let weekday = prop_oneof![6 => any_of("*"), 1 => list(1..8)];
    (second, minute, hour, day, month, weekday)
        .prop_map(|(s, m, h, d, mo, w)| format!("{s} {m} {h} {d} {mo} {w}"))
        .prop_filter("the line cannot be read", |line| cron_line::read(line).is_ok())
}

fn any_of(word: &'static str) -> Just<String> {
    Just(word.to_owned())
}

fn list(range: std::ops::Range<u32>) -> impl Strategy<Value = String> {
    vec(range, 1..4)
        .prop_map(|numbers| numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(","))
}

fn step(every: u32) -> String {
    format!("*/{every}")
}
