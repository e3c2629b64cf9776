//! A job with its place in time, and what puts it there: plain functions over values.

use crate::branch::Branch;
use crate::schedule::{Gate, Rhythm, Timing};
use bakery_nats::requests::scheduler::{Job, JobAction, JobKey, JobState, Misfire};
use chrono::{DateTime, Utc};

/// A job with its place in time.
#[derive(Clone, Debug)]
pub(crate) struct Placed {
    /// What is done; its misfire is given, and its line has single blanks.
    pub(crate) job: Job,
    /// The same as `job.when`.
    pub(crate) timing: Timing,
    /// The logical time of its last tick, by schedule or by hand.
    pub(crate) last_at: Option<DateTime<Utc>>,
    /// The schedule has no tick left up to this moment, itself included; only `next_at` is owed.
    pub(crate) done_at: DateTime<Utc>,
    /// Its next tick; `None` while it is held, where its branch is not known, and where its time
    /// never comes.
    pub(crate) next_at: Option<DateTime<Utc>>,
    /// The version of the branch that `next_at` was reckoned by.
    pub(crate) branch_version: i64,
}

/// What becomes of the missed ticks of an action where nothing else is said.
fn usual_misfire(action: &JobAction) -> Misfire {
    match action {
        JobAction::Bake { .. } => Misfire::All,
        JobAction::Sweep {} | JobAction::Open {} | JobAction::Discount {} | JobAction::Close {} => {
            Misfire::Once
        }
    }
}

fn bakes(action: &JobAction) -> bool {
    matches!(action, JobAction::Bake { .. })
}

impl Placed {
    /// A new job that begins after a moment.
    pub(crate) fn begin(
        mut job: Job,
        timing: Timing,
        at: DateTime<Utc>,
        branch: Option<&Branch>,
    ) -> Self {
        job.when = timing.when();
        job.misfire.get_or_insert(usual_misfire(&job.action));
        let (last_at, next_at, branch_version) = (None, None, 0);
        let mut placed = Self { job, timing, last_at, done_at: at, next_at, branch_version };
        placed.reckon(branch);
        placed
    }

    /// Changes the job. Where its time stays the same it keeps its place, and with it what it may
    /// still have to catch up; otherwise it begins anew.
    pub(crate) fn change(
        &mut self,
        job: Job,
        timing: Timing,
        at: DateTime<Utc>,
        branch: Option<&Branch>,
    ) {
        let new = Self::begin(job, timing, at.max(self.done_at), branch);
        let goes_on = !self.job.paused && !new.job.paused;
        let same_ticks =
            self.job.when == new.job.when && bakes(&self.job.action) == bakes(&new.job.action);
        if goes_on && same_ticks {
            (self.job, self.timing) = (new.job, new.timing);
        } else {
            *self = Self { last_at: self.last_at, ..new };
        }
    }

    /// Holds the job, or lets it go on from a moment; gives whether that changes anything.
    pub(crate) fn pause(
        &mut self,
        paused: bool,
        at: DateTime<Utc>,
        branch: Option<&Branch>,
    ) -> bool {
        if self.job.paused == paused {
            return false;
        }
        self.job.paused = paused;
        self.done_at = self.done_at.max(at);
        self.reckon(branch);
        true
    }

    /// Goes by a branch as it is from a moment on. A tick that is owed by then stays owed, but
    /// nothing is baked for the time it was closed by hand.
    pub(crate) fn follow(&mut self, branch: &Branch, was_closed: bool, at: DateTime<Utc>) {
        let passed_over = was_closed && bakes(&self.job.action);
        let owed = self.next_at.filter(|next_at| *next_at <= at && !passed_over);
        if owed.is_none() {
            self.done_at = self.done_at.max(at);
        }
        self.reckon(Some(branch));
        self.next_at = owed.or(self.next_at);
    }

    /// It was run by hand.
    pub(crate) fn ran(&mut self, at: DateTime<Utc>) {
        self.last_at = self.last_at.max(Some(at));
    }

    /// Its ticks by the calendar of its branch.
    pub(crate) fn rhythm<'r>(&'r self, branch: &'r Branch) -> Rhythm<'r> {
        let gate = match (bakes(&self.job.action), branch.closed) {
            (false, _) => Gate::Always,
            (true, false) => Gate::WhileOpen,
            (true, true) => Gate::Shut,
        };
        Rhythm { timing: &self.timing, calendar: &branch.calendar, gate }
    }

    /// Its name.
    pub(crate) fn key(&self) -> JobKey {
        JobKey { branch: self.job.branch.clone(), name: self.job.name.clone() }
    }

    /// What becomes of its missed ticks.
    pub(crate) fn misfire(&self) -> Misfire {
        self.job.misfire.unwrap_or(usual_misfire(&self.job.action))
    }

    /// As others know it.
    pub(crate) fn state(&self) -> JobState {
        JobState { job: self.job.clone(), last_at: self.last_at, next_at: self.next_at }
    }

    /// The first tick after what is done.
    fn reckon(&mut self, branch: Option<&Branch>) {
        let running = branch.filter(|_| !self.job.paused);
        self.next_at = running.and_then(|branch| self.rhythm(branch).next_after(self.done_at));
        self.branch_version = branch.map_or(0, |branch| branch.version);
    }
}
