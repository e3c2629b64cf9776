//! `scheduler.jobs`: the jobs as they stand.

use crate::job::JobRow;
use bakery_nats::Pool;
use bakery_nats::refusal::Refusal;
use bakery_nats::requests::scheduler::Jobs;

/// Every job of every branch.
///
/// # Errors
/// 503 where the database does not answer.
pub async fn list_jobs(pool: Pool) -> Result<Jobs, Refusal> {
    let unavailable = |error: String| {
        tracing::warn!(error, "the jobs cannot be read");
        Refusal::unavailable("the scheduler database")
    };
    let mut conn = pool.get().await.map_err(|error| unavailable(error.to_string()))?;
    let rows = JobRow::all(&mut conn).await.map_err(|error| unavailable(error.to_string()))?;
    Ok(Jobs { jobs: rows.iter().filter_map(JobRow::state).collect() })
}
