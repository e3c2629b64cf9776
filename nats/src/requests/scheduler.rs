//! What the scheduler is asked.

use crate::request::request;
use crate::slug::Slug;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

request!(ListJobs -> Jobs: "scheduler" "jobs", "the jobs, with their last and next run");
request!(PutJobs -> JobsPut: "scheduler" "put-jobs", "adds or changes jobs");

/// Something that is done again and again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Job {
    /// The branch.
    pub branch: Slug,
    /// Its name, such as `bake-donut`.
    pub name: Slug,
    /// When: six fields, seconds first, in UTC.
    pub cron: String,
    /// What.
    pub action: JobAction,
}

/// What a job does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum JobAction {
    /// Bake a batch.
    Bake {
        /// The product.
        product_id: Slug,
        /// How many units.
        quantity: u32,
    },
    /// Take stale units off the shelf.
    Sweep {},
}

/// All jobs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListJobs {}

/// The jobs as they stand.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Jobs {
    /// By branch and name.
    pub jobs: Vec<JobState>,
}

/// A job and when it runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobState {
    /// The job.
    pub job: Job,
    /// The logical time of its last tick.
    pub last_at: Option<DateTime<Utc>>,
    /// The logical time of its next tick.
    pub next_at: DateTime<Utc>,
}

/// Jobs to add or change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PutJobs {
    /// At most 500.
    pub jobs: Vec<Job>,
}

/// The jobs are in force.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobsPut {
    /// How many.
    pub jobs: usize,
}
