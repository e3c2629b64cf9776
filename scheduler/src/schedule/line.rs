//! A cron line by the wall clock of a branch.
//!
//! The library is asked for plain local times only, as if they were UTC: at a clock change it
//! skips times or takes them twice. A line that takes every hour runs on in real time: through
//! both of two hours of the same name, and not through one that is left out. Any other line fires
//! once for each time it names: one that is left out at the moment of the change, one that comes
//! twice at its first coming.

use super::{change, just_before};
use crate::cron_line::{self, CronError};
use bakery_nats::calendar::Calendar;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use cron::{Schedule, TimeUnitSpec};

/// Within so long a time clocks are changed at most once.
const SIGHT: TimeDelta = TimeDelta::hours(72);
/// How far from where it seems to be a tick can be, because of changes that are not in sight: more
/// than any clock was ever changed by.
const ERROR_MAX: TimeDelta = TimeDelta::hours(36);
/// Leaps to the next time that a line names, or to the next change of the clocks, before it counts
/// as one that never comes. A few lead to any tick.
const LEAPS_MAX: usize = 100;

/// A line that was read.
#[derive(Clone, Debug)]
pub struct Line {
    schedule: Schedule,
}

impl Line {
    /// Reads six fields, seconds first.
    ///
    /// # Errors
    /// The first field that is wrong, with its place.
    pub fn read(line: &str) -> Result<Self, CronError> {
        Ok(Self { schedule: cron_line::read(line)? })
    }

    /// The line, with single blanks.
    pub fn source(&self) -> &str {
        self.schedule.source()
    }

    /// Whether it names any day after a moment; 30 February is none.
    pub fn comes_after(&self, at: DateTime<Utc>) -> bool {
        self.later(at.naive_utc()).is_some()
    }

    /// The first tick after a moment.
    pub(super) fn next_after(
        &self,
        calendar: &Calendar,
        after: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        if self.schedule.hours().is_all() {
            return self.next_in_real_time(calendar, after);
        }
        change::moment(calendar, self.later(change::latest_shown(calendar, after))?)
    }

    /// The last tick up to a moment, itself included.
    pub(super) fn last_until(
        &self,
        calendar: &Calendar,
        until: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        if self.schedule.hours().is_all() {
            return self.last_in_real_time(calendar, until);
        }
        change::moment(calendar, self.latest(change::latest_shown(calendar, until))?)
    }

    /// From one change of the clocks to the next.
    fn next_in_real_time(
        &self,
        calendar: &Calendar,
        mut after: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        for _ in 0..LEAPS_MAX {
            let shift = change::shift(calendar, after);
            let tick = (self.later(after.naive_utc() + shift)? - shift).and_utc();
            let sight = after + SIGHT;
            match change::between(calendar, after, sight) {
                Some(change) if change <= tick => {
                    if self.schedule.includes(change::local(calendar, change).and_utc()) {
                        return Some(change);
                    }
                    after = change;
                }
                None if tick > sight => after = tick - ERROR_MAX,
                _ => return Some(tick),
            }
        }
        None
    }

    /// The same backwards.
    fn last_in_real_time(
        &self,
        calendar: &Calendar,
        mut until: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        for _ in 0..LEAPS_MAX {
            let shift = change::shift(calendar, until);
            let tick = (self.latest(until.naive_utc() + shift)? - shift).and_utc();
            let sight = until - SIGHT;
            match change::between(calendar, sight, until) {
                Some(change) if tick < change => until = just_before(change),
                None if tick < sight => until = tick + ERROR_MAX,
                _ => return Some(tick),
            }
        }
        None
    }

    /// The first time it names after another.
    fn later(&self, local: NaiveDateTime) -> Option<NaiveDateTime> {
        Some(self.schedule.after(&local.and_utc()).next()?.naive_utc())
    }

    /// The last time it names up to another, itself included: the library leaves that out.
    fn latest(&self, local: NaiveDateTime) -> Option<NaiveDateTime> {
        let after = local.checked_add_signed(TimeDelta::nanoseconds(1))?;
        Some(self.schedule.after(&after.and_utc()).next_back()?.naive_utc())
    }
}
