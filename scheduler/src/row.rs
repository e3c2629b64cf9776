//! The `job` row: reading, locking, writing and moving jobs, always many at once.

use crate::branch::BranchRow;
use crate::job::Placed;
use crate::schedule::{Timing, WhenError};
use crate::schema::{branch, job};
use bakery_nats::prepared::prepared;
use bakery_nats::requests::scheduler::{Job, JobKey, ListJobs, Misfire, When};
use bakery_nats::slug::{NotASlug, Slug};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::result::Error as DieselError;
use diesel::sql_types::{Array, BigInt, Bool, Jsonb, Nullable, Text, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::Value;

/// A job as it is stored.
#[derive(Clone, Debug, Queryable, QueryableByName, Selectable)]
#[diesel(table_name = job, check_for_backend(diesel::pg::Pg))]
pub(crate) struct JobRow {
    branch: String,
    name: String,
    timing: Value,
    action: Value,
    misfire: String,
    paused: bool,
    last_at: Option<DateTime<Utc>>,
    done_at: DateTime<Utc>,
    next_at: Option<DateTime<Utc>>,
    branch_version: i64,
}

/// How far a job has come.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Move {
    pub(crate) key: JobKey,
    /// The time, the version of the branch and the tick that the move was planned from.
    pub(crate) when: When,
    pub(crate) branch_version: i64,
    pub(crate) from: DateTime<Utc>,
    /// The newest tick that is in the stream now, if there is one.
    pub(crate) last_at: Option<DateTime<Utc>>,
    pub(crate) next_at: Option<DateTime<Utc>>,
}

/// Why a row cannot be read: only writing to the table by hand brings this about.
#[derive(Debug, thiserror::Error)]
enum BrokenRow {
    #[error("its branch or name {0}")]
    Slug(#[from] NotASlug),
    #[error("its time cannot be: {0}")]
    When(#[from] WhenError),
    #[error("its time or action is not one of ours: {0}")]
    Json(#[from] serde_json::Error),
    #[error("its misfire is not one of ours")]
    Misfire,
}

impl JobRow {
    /// The value behind the row; `None` where it is damaged, which is said aloud.
    pub(crate) fn read(&self) -> Option<Placed> {
        let said = |error: &BrokenRow| {
            tracing::error!(branch = self.branch, job = self.name, %error, "a damaged row");
        };
        self.placed().inspect_err(said).ok()
    }

    /// Its name; `None` where that is damaged.
    pub(crate) fn key(&self) -> Option<JobKey> {
        Some(JobKey { branch: self.branch.parse().ok()?, name: self.name.parse().ok()? })
    }

    fn placed(&self) -> Result<Placed, BrokenRow> {
        let timing = Timing::read(&serde_json::from_value(self.timing.clone())?)?;
        let mut misfires = [Misfire::Once, Misfire::All, Misfire::Skip].into_iter();
        let misfire = misfires.find(|misfire| misfire_text(*misfire) == self.misfire);
        let job = Job {
            branch: self.branch.parse()?,
            name: self.name.parse()?,
            when: timing.when(),
            action: serde_json::from_value(self.action.clone())?,
            misfire: Some(misfire.ok_or(BrokenRow::Misfire)?),
            paused: self.paused,
        };
        let Self { last_at, done_at, next_at, branch_version, .. } = *self;
        Ok(Placed { job, timing, last_at, done_at, next_at, branch_version })
    }

    /// So many jobs of a list, by branch and name.
    pub(crate) async fn page(
        conn: &mut AsyncPgConnection,
        of: &ListJobs,
        jobs_max: usize,
    ) -> QueryResult<Vec<Self>> {
        let mut query = job::table.select(Self::as_select()).into_boxed();
        if let Some(branch) = &of.branch {
            query = query.filter(job::branch.eq(branch.as_str()));
        }
        if let Some(JobKey { branch, name }) = &of.after {
            let (branch, name) = (branch.as_str(), name.as_str());
            let in_branch = job::branch.eq(branch).and(job::name.gt(name));
            query = query.filter(job::branch.gt(branch).or(in_branch));
        }
        query.order((job::branch, job::name)).limit(limit(jobs_max)).load(conn).await
    }

    /// Jobs that are due at `now`, the longest due first, each with its branch.
    pub(crate) async fn due(
        conn: &mut AsyncPgConnection,
        now: DateTime<Utc>,
        jobs_max: usize,
    ) -> QueryResult<Vec<(Self, BranchRow)>> {
        job::table
            .inner_join(branch::table.on(branch::id.eq(job::branch)))
            .filter(job::next_at.le(now))
            .order((job::next_at, job::branch, job::name))
            .limit(limit(jobs_max))
            .select((Self::as_select(), BranchRow::as_select()))
            .load(conn)
            .await
    }

    /// Reads and locks jobs, in sorted order.
    pub(crate) async fn lock(
        conn: &mut AsyncPgConnection,
        keys: &[&JobKey],
    ) -> QueryResult<Vec<Self>> {
        prepared(
            "SELECT job.branch, job.name, job.timing, job.action, job.misfire, job.paused,
                    job.last_at, job.done_at, job.next_at, job.branch_version
             FROM unnest($1, $2) AS wanted (branch, name)
             JOIN job ON job.branch = wanted.branch AND job.name = wanted.name
             ORDER BY job.branch, job.name
             FOR UPDATE OF job",
        )
        .bind::<Array<Text>, _>(column(keys, |key| key.branch.as_str()))
        .bind::<Array<Text>, _>(column(keys, |key| key.name.as_str()))
        .load(conn)
        .await
    }

    /// Reads and locks every job of some branches, in sorted order.
    pub(crate) async fn lock_branches(
        conn: &mut AsyncPgConnection,
        branches: &[&Slug],
    ) -> QueryResult<Vec<Self>> {
        job::table
            .filter(job::branch.eq_any(column(branches, |branch| branch.as_str())))
            .order((job::branch, job::name))
            .for_update()
            .select(Self::as_select())
            .load(conn)
            .await
    }

    /// Adds jobs, or writes them over what was there. Those that were there are locked.
    pub(crate) async fn save(conn: &mut AsyncPgConnection, jobs: &[&Placed]) -> QueryResult<()> {
        if jobs.is_empty() {
            return Ok(());
        }
        prepared(
            "INSERT INTO job (branch, name, timing, action, misfire, paused, last_at, done_at,
                              next_at, branch_version)
             SELECT j.* FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) AS j
             ON CONFLICT (branch, name) DO UPDATE SET
                 (timing, action, misfire, paused, last_at, done_at, next_at, branch_version)
                 = (EXCLUDED.timing, EXCLUDED.action, EXCLUDED.misfire, EXCLUDED.paused,
                    EXCLUDED.last_at, EXCLUDED.done_at, EXCLUDED.next_at, EXCLUDED.branch_version)",
        )
        .bind::<Array<Text>, _>(column(jobs, |placed| placed.job.branch.as_str()))
        .bind::<Array<Text>, _>(column(jobs, |placed| placed.job.name.as_str()))
        .bind::<Array<Jsonb>, _>(json(jobs, |placed| serde_json::to_value(&placed.job.when))?)
        .bind::<Array<Jsonb>, _>(json(jobs, |placed| serde_json::to_value(&placed.job.action))?)
        .bind::<Array<Text>, _>(column(jobs, |placed| misfire_text(placed.misfire())))
        .bind::<Array<Bool>, _>(column(jobs, |placed| placed.job.paused))
        .bind::<Array<Nullable<Timestamptz>>, _>(column(jobs, |placed| placed.last_at))
        .bind::<Array<Timestamptz>, _>(column(jobs, |placed| placed.done_at))
        .bind::<Array<Nullable<Timestamptz>>, _>(column(jobs, |placed| placed.next_at))
        .bind::<Array<BigInt>, _>(column(jobs, |placed| placed.branch_version))
        .execute(conn)
        .await
        .map(|_| ())
    }

    /// Removes jobs that are locked.
    pub(crate) async fn delete(conn: &mut AsyncPgConnection, keys: &[&JobKey]) -> QueryResult<()> {
        if keys.is_empty() {
            return Ok(());
        }
        prepared(
            "DELETE FROM job USING unnest($1, $2) AS gone (branch, name)
             WHERE job.branch = gone.branch AND job.name = gone.name",
        )
        .bind::<Array<Text>, _>(column(keys, |key| key.branch.as_str()))
        .bind::<Array<Text>, _>(column(keys, |key| key.name.as_str()))
        .execute(conn)
        .await
        .map(|_| ())
    }

    /// Moves jobs on whose ticks up to `now` are in the stream; gives how many were moved. One that
    /// another scheduler has moved, that has another time since, is held, or goes by another
    /// calendar is left alone. Rows are locked in sorted order.
    pub(crate) async fn move_on(
        conn: &mut AsyncPgConnection,
        moves: &[Move],
        now: DateTime<Utc>,
    ) -> QueryResult<usize> {
        prepared(
            "WITH moved AS (
                 SELECT job.branch, job.name, m.last_at, m.next_at
                 FROM unnest($1, $2, $3, $4, $5, $6, $7)
                      AS m (branch, name, timing, branch_version, from_at, last_at, next_at)
                 JOIN job ON job.branch = m.branch AND job.name = m.name
                 WHERE job.timing = m.timing AND NOT job.paused
                   AND job.branch_version = m.branch_version AND job.next_at = m.from_at
                 ORDER BY job.branch, job.name
                 FOR NO KEY UPDATE OF job
             )
             UPDATE job SET last_at = greatest(job.last_at, moved.last_at),
                            done_at = greatest(job.done_at, $8), next_at = moved.next_at
             FROM moved WHERE job.branch = moved.branch AND job.name = moved.name",
        )
        .bind::<Array<Text>, _>(column(moves, |m| m.key.branch.as_str()))
        .bind::<Array<Text>, _>(column(moves, |m| m.key.name.as_str()))
        .bind::<Array<Jsonb>, _>(json(moves, |m| serde_json::to_value(&m.when))?)
        .bind::<Array<BigInt>, _>(column(moves, |m| m.branch_version))
        .bind::<Array<Timestamptz>, _>(column(moves, |m| m.from))
        .bind::<Array<Nullable<Timestamptz>>, _>(column(moves, |m| m.last_at))
        .bind::<Array<Nullable<Timestamptz>>, _>(column(moves, |m| m.next_at))
        .bind::<Timestamptz, _>(now)
        .execute(conn)
        .await
    }
}

fn misfire_text(misfire: Misfire) -> &'static str {
    match misfire {
        Misfire::Once => "once",
        Misfire::All => "all",
        Misfire::Skip => "skip",
    }
}

fn limit(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

fn column<'r, R, T>(rows: &'r [R], f: impl Fn(&'r R) -> T) -> Vec<T> {
    rows.iter().map(f).collect()
}

fn json<R>(rows: &[R], f: impl Fn(&R) -> serde_json::Result<Value>) -> QueryResult<Vec<Value>> {
    let values: serde_json::Result<Vec<_>> = rows.iter().map(f).collect();
    values.map_err(|error| DieselError::SerializationError(Box::new(error)))
}
