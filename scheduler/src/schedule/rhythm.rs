//! The ticks of one job: its time, by the calendar of its branch, as far as they are fired at all.

use super::{Timing, hours, just_before};
use bakery_nats::calendar::Calendar;
use chrono::{DateTime, Utc};

/// Ticks out of hours that are passed over in a row before a time counts as one that never comes:
/// each leads to another day, and these are more than a year's.
const PASSED_OVER_MAX: usize = 400;

/// Which ticks of a time are fired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// All of them.
    Always,
    /// Those that come while the branch is open by its hours.
    WhileOpen,
    /// The same, but just now the branch is closed by hand: what is due is passed over.
    Shut,
}

/// The ticks of one job.
#[derive(Clone, Copy, Debug)]
pub struct Rhythm<'r> {
    /// When it is done.
    pub timing: &'r Timing,
    /// The days and hours of its branch.
    pub calendar: &'r Calendar,
    /// Which of the ticks are fired.
    pub gate: Gate,
}

impl Rhythm<'_> {
    /// The first tick strictly after a moment that is fired by the hours of the branch.
    pub fn next_after(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let mut after = after;
        for _ in 0..PASSED_OVER_MAX {
            let tick = self.timing.next_after(self.calendar, after)?;
            if self.takes(tick) {
                return Some(tick);
            }
            after = just_before(self.calendar.next_opening(tick)?);
        }
        None
    }

    /// The last tick up to a moment, itself included, that is fired by the hours of the branch.
    pub fn last_until(&self, until: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let mut until = until;
        for _ in 0..PASSED_OVER_MAX {
            let tick = self.timing.last_until(self.calendar, until)?;
            if self.takes(tick) {
                return Some(tick);
            }
            until = just_before(hours::last_closing(self.calendar, tick)?);
        }
        None
    }

    /// Whether a tick at this moment is fired by the hours of the branch.
    pub(super) fn takes(&self, tick: DateTime<Utc>) -> bool {
        self.gate == Gate::Always || self.calendar.is_open(tick)
    }
}
