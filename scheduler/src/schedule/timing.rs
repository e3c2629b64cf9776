//! When a job is done, read once and asked many times.

use super::{Line, hours};
use crate::cron_line::CronError;
use bakery_nats::calendar::Calendar;
use bakery_nats::requests::scheduler::When;
use chrono::{DateTime, TimeDelta, Utc};

/// Longest time between two ticks of a day, and farthest from an opening or closing, in seconds.
const DAY_S: i32 = 86_400;

/// A [`When`] that was read.
#[derive(Clone, Debug)]
pub enum Timing {
    /// By the wall clock.
    Cron(Box<Line>),
    /// At opening and then every so many seconds while the branch is open.
    EveryS(i32),
    /// So many seconds after each opening.
    OpeningS(i32),
    /// So many seconds after each closing.
    ClosingS(i32),
}

/// Why a [`When`] cannot be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum WhenError {
    /// The line is wrong.
    #[error(transparent)]
    Cron(#[from] CronError),
    /// There cannot be so many seconds between two ticks.
    #[error("must be 1 to 86,400 seconds")]
    EveryS,
    /// It is too far from the opening.
    #[error("must be -86,400 to 86,400 seconds")]
    OpeningS,
    /// It is too far from the closing.
    #[error("must be -86,400 to 86,400 seconds")]
    ClosingS,
}

impl WhenError {
    /// The field of [`When`] that is wrong.
    pub fn field(&self) -> &'static str {
        match self {
            Self::Cron(_) => "cron",
            Self::EveryS => "every_s",
            Self::OpeningS => "opening_s",
            Self::ClosingS => "closing_s",
        }
    }
}

impl Timing {
    /// Reads when a job is done.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(when: &When) -> Result<Self, WhenError> {
        let offsets = -DAY_S..=DAY_S;
        match when {
            When::Cron(line) => Ok(Self::Cron(Box::new(Line::read(line)?))),
            When::EveryS(s) if (1..=DAY_S).contains(s) => Ok(Self::EveryS(*s)),
            When::EveryS(_) => Err(WhenError::EveryS),
            When::OpeningS(s) if offsets.contains(s) => Ok(Self::OpeningS(*s)),
            When::OpeningS(_) => Err(WhenError::OpeningS),
            When::ClosingS(s) if offsets.contains(s) => Ok(Self::ClosingS(*s)),
            When::ClosingS(_) => Err(WhenError::ClosingS),
        }
    }

    /// The same as others know it; a line has single blanks.
    pub fn when(&self) -> When {
        match self {
            Self::Cron(line) => When::Cron(line.source().to_owned()),
            Self::EveryS(s) => When::EveryS(*s),
            Self::OpeningS(s) => When::OpeningS(*s),
            Self::ClosingS(s) => When::ClosingS(*s),
        }
    }

    /// The first tick strictly after a moment; `None` where there is none, such as on 30 February
    /// or at a branch that never opens.
    pub fn next_after(&self, calendar: &Calendar, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let away = |s: i32| TimeDelta::seconds(s.into());
        match self {
            Self::Cron(line) => line.next_after(calendar, after),
            Self::EveryS(s) => hours::next_every(calendar, (*s).into(), after),
            Self::OpeningS(s) => Some(calendar.next_opening(after - away(*s))? + away(*s)),
            Self::ClosingS(s) => Some(hours::next_closing(calendar, after - away(*s))? + away(*s)),
        }
    }

    /// The last tick up to a moment, itself included.
    pub fn last_until(&self, calendar: &Calendar, until: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let away = |s: i32| TimeDelta::seconds(s.into());
        match self {
            Self::Cron(line) => line.last_until(calendar, until),
            Self::EveryS(s) => hours::last_every(calendar, (*s).into(), until),
            Self::OpeningS(s) => Some(hours::last_opening(calendar, until - away(*s))? + away(*s)),
            Self::ClosingS(s) => Some(hours::last_closing(calendar, until - away(*s))? + away(*s)),
        }
    }
}
