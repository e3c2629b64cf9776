//! What the tests of all services share: a database of their own ([`database`]), messages as they
//! come from the stream ([`message`]), a bus that a test holds in its hand ([`bus`]), and the
//! invariants over all books ([`audit`]).

pub mod audit;
pub mod bus;
pub mod database;
pub mod message;

use bakery_chassis::clock::wall;
use chrono::{DateTime, TimeDelta, Timelike, Utc};

const NOON_H: i32 = 12;

/// A fixed moment of the shop's time, so many seconds after the morning of a test day. No test
/// that uses it reads the wall clock.
pub fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).expect("a valid moment")
        + TimeDelta::seconds(seconds)
}

/// A time zone where it is about noon just now: no day ends in the middle of a test that goes by the wall
/// clock.
pub fn zone_of_noon() -> String {
    let hour = i32::try_from(wall()().hour()).expect("an hour");
    match hour - NOON_H {
        0 => "UTC".to_owned(),
        west => format!("Etc/GMT{west:+}"),
    }
}

/// A uuid that reads as what it is for.
pub fn id(name: &str, n: u64) -> uuid::Uuid {
    bakery_nats::id::derived(&["test", name, &n.to_string()])
}
