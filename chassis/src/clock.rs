//! The one place that reads the wall clock. Services read it at their edges and pass it on.

use bakery_nats::request::Clock;
use chrono::{SubsecRound, Utc};
use std::sync::Arc;

/// The shop's time is the time of the machine, in whole microseconds: what Postgres keeps.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the wall clock")]
pub fn wall() -> Clock {
    Arc::new(|| Utc::now().trunc_subsecs(6))
}
