//! What the tests of all services share: a database of their own ([`database`]), messages as they
//! come from the stream ([`message`]), a bus that a test holds in its hand ([`bus`]), and the
//! invariants over all books ([`audit`]).

pub mod audit;
pub mod bus;
pub mod database;
pub mod message;

use chrono::{DateTime, TimeDelta, Utc};

/// A fixed moment of the shop's time, so many seconds after the morning of a test day. No test
/// reads the wall clock.
pub fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).expect("a valid moment")
        + TimeDelta::seconds(seconds)
}

/// A uuid that reads as what it is for.
pub fn id(name: &str, n: u64) -> uuid::Uuid {
    bakery_nats::id::derived(&["test", name, &n.to_string()])
}
