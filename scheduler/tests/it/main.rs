//! The scheduler from outside: its rules against a plain list of ticks, and its jobs and loop on a
//! real Postgres.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "the helpers of a test end it where it goes wrong, as the tests do"
)]

mod put_jobs;
mod schedule;
mod ticker;

use bakery_nats::Pool;
use bakery_nats::requests::scheduler::{Job, JobAction, JobState, JobsPut, PutJobs};
use bakery_nats::write::Done;
use bakery_scheduler::{MIGRATIONS, PutJobsWriter, list_jobs};
use bakery_testbed::{at, database, message};

/// A database without jobs.
async fn scheduler() -> Pool {
    database::fresh("scheduler", MIGRATIONS).await
}

fn job(name: &str, cron: &str, action: JobAction) -> Job {
    Job {
        branch: "main".parse().unwrap(),
        name: name.parse().unwrap(),
        cron: cron.to_owned(),
        action,
    }
}

fn sweep(name: &str, cron: &str) -> Job {
    job(name, cron, JobAction::Sweep {})
}

fn bake(name: &str, cron: &str, quantity: u32) -> Job {
    job(name, cron, JobAction::Bake { product_id: "donut".parse().unwrap(), quantity })
}

/// Puts jobs, so many seconds after the morning.
async fn put(pool: &Pool, jobs: &[Job], seconds: i64) -> Done<PutJobs> {
    let request = PutJobs { jobs: jobs.to_vec() };
    message::write(pool, PutJobsWriter, request, at(seconds)).await.0
}

async fn put_well(pool: &Pool, jobs: &[Job], seconds: i64) {
    let reply = put(pool, jobs, seconds).await.unwrap();
    assert_eq!(reply, JobsPut { jobs: jobs.len() });
}

async fn jobs(pool: &Pool) -> Vec<JobState> {
    list_jobs(pool.clone()).await.unwrap().jobs
}
