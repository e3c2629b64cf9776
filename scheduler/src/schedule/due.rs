//! What is due of one job now, and what becomes of the ticks that nobody fired in time.

use super::{Gate, Rhythm, just_before};
use bakery_nats::requests::scheduler::Misfire;
use chrono::{DateTime, TimeDelta, Utc};

/// Ticks of one job that are fired in one go. Where more were missed, the newest are fired:
/// yesterday's loaves would only be swept.
pub const CATCH_UP_TICKS_MAX: usize = 200;
/// A tick that is at most so many seconds late is on time and is fired whatever is done with
/// missed ones. With one tick a second they are fewer than [`CATCH_UP_TICKS_MAX`].
pub const MISFIRE_GRACE_S: i64 = 60;

/// What is due of one job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// The logical times of its ticks, oldest first.
    pub ticks: Vec<DateTime<Utc>>,
    /// True where older ticks were left out, by the limit or because missed ones are not fired.
    pub skipped: bool,
    /// The first tick that is not due yet; `None` where its time never comes again.
    pub next_at: Option<DateTime<Utc>>,
}

/// The ticks from `next_at` to `now`, both included, and the tick after them. `next_at` is one of
/// them even where the calendar has changed since it was reckoned: it is owed.
pub fn due(rhythm: &Rhythm, misfire: Misfire, next_at: DateTime<Utc>, now: DateTime<Utc>) -> Due {
    let mut due = Due { ticks: Vec::new(), skipped: false, next_at: rhythm.next_after(now) };
    if rhythm.gate == Gate::Shut {
        return due;
    }
    let on_time_from = now - TimeDelta::seconds(MISFIRE_GRACE_S);
    for tick in owed(rhythm, next_at, now) {
        let one_is_missed = due.ticks.last().is_some_and(|newer| *newer < on_time_from);
        let left_out = tick < on_time_from
            && match misfire {
                Misfire::All => false,
                Misfire::Once => one_is_missed,
                Misfire::Skip => true,
            };
        if left_out || due.ticks.len() == CATCH_UP_TICKS_MAX {
            due.skipped = true;
            break;
        }
        due.ticks.push(tick);
    }
    due.ticks.reverse();
    due
}

/// The ticks from `now` back to `next_at`, newest first: as many as are taken, however long nobody
/// looked.
fn owed(
    rhythm: &Rhythm,
    next_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> impl Iterator<Item = DateTime<Utc>> {
    let newest = rhythm.last_until(now);
    let back = std::iter::successors(newest, |tick| rhythm.last_until(just_before(*tick)));
    let first = (next_at <= now && rhythm.takes(next_at)).then_some(next_at);
    back.take_while(move |tick| *tick > next_at).chain(first)
}
