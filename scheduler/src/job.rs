//! The `job` row: what is done, when it was done last and when it is due next.

use crate::schema::job;
use bakery_nats::requests::scheduler::{Job, JobAction, JobState};
use bakery_nats::slug::{NotASlug, Slug};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::result::Error as DieselError;
use diesel::sql_types::{Array, Jsonb, Nullable, Text, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// A job as it is stored.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = job, check_for_backend(diesel::pg::Pg))]
pub(crate) struct JobRow {
    branch: String,
    name: String,
    cron: String,
    action: serde_json::Value,
    last_at: Option<DateTime<Utc>>,
    next_at: DateTime<Utc>,
}

/// A job to add or change.
#[derive(Clone, Debug)]
pub(crate) struct NewJob {
    pub(crate) branch: Slug,
    pub(crate) name: Slug,
    pub(crate) cron: String,
    pub(crate) action: JobAction,
    /// The first tick of its line.
    pub(crate) next_at: DateTime<Utc>,
}

/// How far a job has come.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Move {
    pub(crate) branch: Slug,
    pub(crate) name: Slug,
    /// The line and the next tick that the move was planned from.
    pub(crate) cron: String,
    pub(crate) from: DateTime<Utc>,
    pub(crate) last_at: Option<DateTime<Utc>>,
    pub(crate) next_at: DateTime<Utc>,
}

/// Why a row cannot be read: only writing to the table by hand brings this about.
#[derive(Debug, thiserror::Error)]
enum BrokenRow {
    #[error("its branch or name {0}")]
    Slug(#[from] NotASlug),
    #[error("its action is not one of ours: {0}")]
    Action(#[from] serde_json::Error),
}

impl JobRow {
    /// The job as others know it; `None` where the row is damaged, which is said aloud.
    pub(crate) fn state(&self) -> Option<JobState> {
        match self.job() {
            Ok(job) => Some(JobState { job, last_at: self.last_at, next_at: self.next_at }),
            Err(error) => {
                tracing::error!(branch = self.branch, job = self.name, %error, "a damaged row");
                None
            }
        }
    }

    fn job(&self) -> Result<Job, BrokenRow> {
        Ok(Job {
            branch: self.branch.parse()?,
            name: self.name.parse()?,
            cron: self.cron.clone(),
            action: serde_json::from_value(self.action.clone())?,
        })
    }

    /// Every job, by branch and name.
    pub(crate) async fn all(conn: &mut AsyncPgConnection) -> QueryResult<Vec<Self>> {
        job::table.order((job::branch, job::name)).select(Self::as_select()).load(conn).await
    }

    /// Jobs that are due at `now`, the longest due first.
    pub(crate) async fn due(
        conn: &mut AsyncPgConnection,
        now: DateTime<Utc>,
        jobs_max: i64,
    ) -> QueryResult<Vec<Self>> {
        job::table
            .filter(job::next_at.le(now))
            .order((job::next_at, job::branch, job::name))
            .limit(jobs_max)
            .select(Self::as_select())
            .load(conn)
            .await
    }

    /// Adds jobs and changes those that are there already. One whose line stays the same keeps
    /// its place in time, and with it what it may still have to catch up; another line begins
    /// anew. The jobs must be sorted by branch and name, so that rows are locked in that order.
    pub(crate) async fn put(conn: &mut AsyncPgConnection, jobs: &[NewJob]) -> QueryResult<usize> {
        let json = |job: &NewJob| serde_json::to_value(&job.action);
        let actions: Result<Vec<_>, _> = jobs.iter().map(json).collect();
        let actions = actions.map_err(|error| DieselError::SerializationError(Box::new(error)))?;
        diesel::sql_query(
            "INSERT INTO job (branch, name, cron, action, next_at)
             SELECT j.* FROM unnest($1, $2, $3, $4, $5) AS j
             ON CONFLICT (branch, name) DO UPDATE SET
                 cron = EXCLUDED.cron,
                 action = EXCLUDED.action,
                 next_at = CASE WHEN job.cron = EXCLUDED.cron THEN job.next_at
                                ELSE EXCLUDED.next_at END
             WHERE (job.cron, job.action) IS DISTINCT FROM (EXCLUDED.cron, EXCLUDED.action)",
        )
        .bind::<Array<Text>, _>(column(jobs, |job| job.branch.as_str()))
        .bind::<Array<Text>, _>(column(jobs, |job| job.name.as_str()))
        .bind::<Array<Text>, _>(column(jobs, |job| job.cron.as_str()))
        .bind::<Array<Jsonb>, _>(actions)
        .bind::<Array<Timestamptz>, _>(column(jobs, |job| job.next_at))
        .execute(conn)
        .await
    }

    /// Moves jobs on whose ticks are in the stream; gives how many were moved. One that another
    /// scheduler has moved, or that has a new line since, is left alone. Rows are locked in sorted
    /// order.
    pub(crate) async fn move_on(
        conn: &mut AsyncPgConnection,
        moves: &[Move],
    ) -> QueryResult<usize> {
        diesel::sql_query(
            "WITH moved AS (
                 SELECT job.branch, job.name, m.last_at, m.next_at
                 FROM unnest($1, $2, $3, $4, $5, $6)
                      AS m (branch, name, cron, from_at, last_at, next_at)
                 JOIN job ON job.branch = m.branch AND job.name = m.name
                 WHERE job.cron = m.cron AND job.next_at = m.from_at
                 ORDER BY job.branch, job.name
                 FOR NO KEY UPDATE OF job
             )
             UPDATE job SET last_at = moved.last_at, next_at = moved.next_at
             FROM moved WHERE job.branch = moved.branch AND job.name = moved.name",
        )
        .bind::<Array<Text>, _>(column(moves, |m| m.branch.as_str()))
        .bind::<Array<Text>, _>(column(moves, |m| m.name.as_str()))
        .bind::<Array<Text>, _>(column(moves, |m| m.cron.as_str()))
        .bind::<Array<Timestamptz>, _>(column(moves, |m| m.from))
        .bind::<Array<Nullable<Timestamptz>>, _>(column(moves, |m| m.last_at))
        .bind::<Array<Timestamptz>, _>(column(moves, |m| m.next_at))
        .execute(conn)
        .await
    }
}

fn column<'r, R, T>(rows: &'r [R], f: impl Fn(&'r R) -> T) -> Vec<T> {
    rows.iter().map(f).collect()
}
