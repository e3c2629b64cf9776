//! What the scheduler is asked.

use crate::request::request;
use crate::slug::Slug;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

request!(ListJobs -> Jobs: "scheduler" "jobs", "the jobs, with their last and next run");
request!(PutJobs -> JobsPut: "scheduler" "put-jobs", "adds or changes jobs");
request!(PauseJob -> JobState: "scheduler" "pause-job", "holds a job, or lets it go on");
request!(RunJob -> JobRan: "scheduler" "run-job", "runs a job once, now, beside its schedule");
request!(DeleteJob -> JobDeleted: "scheduler" "delete-job", "removes a job");

/// Something that is done again and again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Job {
    /// The branch.
    pub branch: Slug,
    /// Its name, such as `bake-donut`.
    pub name: Slug,
    /// When.
    pub when: When,
    /// What.
    pub action: JobAction,
    /// What becomes of ticks that were missed; `all` for baking and `once` for the rest where it
    /// is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub misfire: Option<Misfire>,
    /// True while it is held: it misses its ticks and does not make up for them.
    #[serde(default)]
    pub paused: bool,
}

/// When a job is done, in the time zone and the hours of its branch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum When {
    /// Six fields, seconds first, by the branch's wall clock.
    Cron(String),
    /// At opening and then every so many seconds, 1 to 86,400, while the branch is open.
    EveryS(i32),
    /// So many seconds after each opening; before it where negative.
    OpeningS(i32),
    /// So many seconds after each closing; before it where negative.
    ClosingS(i32),
}

/// What a job does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum JobAction {
    /// Bake a batch; only while the branch is open.
    Bake {
        /// The product.
        product_id: Slug,
        /// How many units, 1 to 10,000.
        quantity: u32,
    },
    /// Take stale units off the shelf.
    Sweep {},
    /// Begin the day at full prices.
    Open {},
    /// Lower the prices until closing.
    Discount {},
    /// Throw out what is left, and report the day.
    Close {},
}

/// What becomes of ticks that were missed because no scheduler ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Misfire {
    /// Of all that were missed, the newest is fired.
    Once,
    /// All that were missed are fired, up to the newest 200.
    All,
    /// None that was missed is fired.
    Skip,
}

/// The name of a job.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobKey {
    /// The branch.
    pub branch: Slug,
    /// The job.
    pub name: Slug,
}

/// Jobs, by branch and name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListJobs {
    /// Only of this branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<Slug>,
    /// Only after this one: the cursor of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<JobKey>,
}

/// A page of jobs as they stand, at most 500.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Jobs {
    /// By branch and name.
    pub jobs: Vec<JobState>,
    /// The cursor of the next page; null on the last.
    pub next: Option<JobKey>,
}

/// A job and when it runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct JobState {
    /// The job.
    pub job: Job,
    /// The logical time of its last tick, whether by schedule or by hand.
    pub last_at: Option<DateTime<Utc>>,
    /// The logical time of its next tick; null while it is held, where its branch is not known
    /// yet, and where its time never comes.
    pub next_at: Option<DateTime<Utc>>,
}

/// Jobs to add or change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PutJobs {
    /// At most 500.
    pub jobs: Vec<Job>,
}

/// The jobs are in force.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct JobsPut {
    /// How many.
    pub jobs: usize,
}

/// Hold a job, or let it go on from now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PauseJob {
    /// Which.
    pub job: JobKey,
    /// Held or not.
    pub paused: bool,
}

/// Run a job once, now. Its schedule stays as it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunJob {
    /// Names this run; the same one again is the same tick.
    pub run_id: Uuid,
    /// Which.
    pub job: JobKey,
}

/// The tick is on its way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct JobRan {
    /// The tick.
    pub tick_id: Uuid,
    /// Its logical time: when it was asked for.
    pub due_at: DateTime<Utc>,
}

/// Remove a job. What the branch and its products need comes back with their next change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeleteJob {
    /// Which.
    pub job: JobKey,
}

/// The job is gone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobDeleted {}
