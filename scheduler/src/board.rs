//! Jobs and branches in the hands of one transaction: locked and loaded, changed as values, and
//! written back at once.

use crate::branch::{self, Branch};
use crate::job::Placed;
use crate::row::JobRow;
use crate::schedule::Timing;
use bakery_nats::requests::scheduler::{Job, JobKey, JobState};
use bakery_nats::slug::Slug;
use chrono::{DateTime, Utc};
use diesel::QueryResult;
use diesel_async::AsyncPgConnection;
use std::collections::{BTreeMap, BTreeSet};

/// What a transaction holds.
#[derive(Debug, Default)]
pub(crate) struct Board {
    branches: BTreeMap<Slug, Branch>,
    /// Damaged rows are here without a value: they can be written over and removed.
    jobs: BTreeMap<JobKey, Option<Placed>>,
    changed_branches: BTreeSet<Slug>,
    changed_jobs: BTreeSet<JobKey>,
}

impl Board {
    /// Locks and loads some jobs, with their branches.
    pub(crate) async fn of_jobs(
        conn: &mut AsyncPgConnection,
        keys: &BTreeSet<JobKey>,
    ) -> QueryResult<Self> {
        let branches = keys.iter().map(|key| key.branch.clone()).collect();
        branch::lock(conn, &branches).await?;
        let branches = branch::load(conn, &branches).await?;
        let rows = JobRow::lock(conn, &keys.iter().collect::<Vec<_>>()).await?;
        Ok(Self::new(branches, &rows))
    }

    /// Locks and loads some branches, with all their jobs.
    pub(crate) async fn of_branches(
        conn: &mut AsyncPgConnection,
        branches: &BTreeSet<Slug>,
    ) -> QueryResult<Self> {
        branch::lock(conn, branches).await?;
        let rows = JobRow::lock_branches(conn, &branches.iter().collect::<Vec<_>>()).await?;
        Ok(Self::new(branch::load(conn, branches).await?, &rows))
    }

    fn new(branches: BTreeMap<Slug, Branch>, rows: &[JobRow]) -> Self {
        let jobs = rows.iter().filter_map(|row| Some((row.key()?, row.read()))).collect();
        Self { branches, jobs, ..Self::default() }
    }

    /// Whether this version of a branch was not heard of yet.
    pub(crate) fn is_news(&self, branch: &Slug, version: i64) -> bool {
        self.branches.get(branch).is_none_or(|known| known.version < version)
    }

    /// A branch is like this from a moment on, and its jobs go by it.
    pub(crate) fn follow(&mut self, id: &Slug, branch: Branch, at: DateTime<Utc>) {
        let was_closed = self.branches.get(id).is_some_and(|old| old.closed);
        for (key, placed) in self.jobs.iter_mut().filter(|(key, _)| key.branch == *id) {
            if let Some(placed) = placed {
                placed.follow(&branch, was_closed, at);
                self.changed_jobs.insert(key.clone());
            }
        }
        self.branches.insert(id.clone(), branch);
        self.changed_branches.insert(id.clone());
    }

    /// Whether there is such a job.
    pub(crate) fn has(&self, key: &JobKey) -> bool {
        self.jobs.contains_key(key)
    }

    /// A job, if there is one and it can be read.
    pub(crate) fn get(&self, key: &JobKey) -> Option<&Placed> {
        self.jobs.get(key)?.as_ref()
    }

    /// Adds a job or changes it.
    pub(crate) fn put(&mut self, job: Job, timing: Timing, at: DateTime<Utc>) {
        let branch = self.branches.get(&job.branch);
        let key = JobKey { branch: job.branch.clone(), name: job.name.clone() };
        match self.jobs.entry(key.clone()).or_default() {
            Some(placed) => placed.change(job, timing, at, branch),
            missing => *missing = Some(Placed::begin(job, timing, at, branch)),
        }
        self.changed_jobs.insert(key);
    }

    /// Holds a job or lets it go on; gives it, and whether that changed it.
    pub(crate) fn pause(
        &mut self,
        key: &JobKey,
        paused: bool,
        at: DateTime<Utc>,
    ) -> Option<(JobState, bool)> {
        let placed = self.jobs.get_mut(key)?.as_mut()?;
        let changed = placed.pause(paused, at, self.branches.get(&key.branch));
        if changed {
            self.changed_jobs.insert(key.clone());
        }
        Some((placed.state(), changed))
    }

    /// Notes that a job was run by hand; gives what it does.
    pub(crate) fn run(&mut self, key: &JobKey, at: DateTime<Utc>) -> Option<&Job> {
        let placed = self.jobs.get_mut(key)?.as_mut()?;
        placed.ran(at);
        self.changed_jobs.insert(key.clone());
        Some(&placed.job)
    }

    /// Removes a job; gives whether there was one.
    pub(crate) fn remove(&mut self, key: &JobKey) -> bool {
        let removed = self.jobs.remove(key).is_some();
        if removed {
            self.changed_jobs.insert(key.clone());
        }
        removed
    }

    /// Writes what was changed: one statement a table.
    pub(crate) async fn save(self, conn: &mut AsyncPgConnection) -> QueryResult<()> {
        let branches = &self.branches;
        let branches = self.changed_branches.iter().filter_map(|id| branches.get_key_value(id));
        branch::save(conn, &branches.collect::<Vec<_>>()).await?;
        let gone = self.changed_jobs.iter().filter(|key| !self.has(key));
        JobRow::delete(conn, &gone.collect::<Vec<_>>()).await?;
        let put = self.changed_jobs.iter().filter_map(|key| self.get(key));
        JobRow::save(conn, &put.collect::<Vec<_>>()).await
    }
}
