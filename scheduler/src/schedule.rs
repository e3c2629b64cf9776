//! The rules of the clock, as plain functions over values: when a job is due next, and which of
//! its ticks are due now.
//!
//! A tick belongs to the span from `next_at` (included) to `now` (included), and the next span
//! begins right after it. So however time is split into rounds, restarts and replicas, each tick
//! falls into exactly one span.

mod change;
mod due;
mod hours;
mod line;
mod rhythm;
mod timing;

pub use due::{CATCH_UP_TICKS_MAX, Due, MISFIRE_GRACE_S, due};
pub use line::Line;
pub use rhythm::{Gate, Rhythm};
pub use timing::{Timing, WhenError};

use chrono::{DateTime, TimeDelta, Utc};

/// The last moment before this one that can be told from it.
fn just_before(at: DateTime<Utc>) -> DateTime<Utc> {
    at - TimeDelta::nanoseconds(1)
}
