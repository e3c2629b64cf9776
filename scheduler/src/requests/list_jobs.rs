//! `scheduler.jobs`: the jobs as they stand.

use crate::job::Placed;
use crate::row::JobRow;
use bakery_nats::Pool;
use bakery_nats::refusal::Refusal;
use bakery_nats::request::Asked;
use bakery_nats::requests::scheduler::{Jobs, ListJobs};

/// Jobs of one page.
const PAGE_MAX: usize = 500;

/// A page of the jobs of one branch or all, by branch and name.
///
/// # Errors
/// 503 where the database does not answer.
pub async fn list_jobs(pool: Pool, asked: Asked<ListJobs>) -> Result<Jobs, Refusal> {
    let unavailable = |error: String| {
        tracing::warn!(error, "the jobs cannot be read");
        Refusal::unavailable("the scheduler database")
    };
    let mut conn = pool.get().await.map_err(|error| unavailable(error.to_string()))?;
    // One more than a page holds tells whether there is another.
    let rows = JobRow::page(&mut conn, &asked.body, PAGE_MAX + 1).await;
    let mut rows = rows.map_err(|error| unavailable(error.to_string()))?;
    let more = rows.len() > PAGE_MAX;
    rows.truncate(PAGE_MAX);
    let jobs = rows.iter().filter_map(JobRow::read).map(|placed: Placed| placed.state()).collect();
    let last = rows.iter().rev().find_map(JobRow::key);
    Ok(Jobs { jobs, next: last.filter(|_| more) })
}
