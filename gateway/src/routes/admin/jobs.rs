//! The clock of the bakery: what is done when. The scheduler judges the values, such as a cron
//! line; here it is only said what is meant.

mod body;
pub(crate) mod docs;

use crate::app::{Answer, App};
use crate::headers::IdempotencyKey;
use crate::input::Body;
use crate::params::{Id, Params};
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use bakery_nats::id::derived;
use bakery_nats::requests::scheduler::{
    DeleteJob, JobKey, JobRan, JobState, JobsPut, ListJobs, PauseJob, RunJob,
};
use body::JobsBody;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A page of jobs.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JobPage)]
pub(crate) struct Page {
    jobs: Vec<JobState>,
    /// `branch/name`, for `after`; null on the last page.
    next: Option<String>,
}

/// `GET /admin/jobs?branch=&after=`.
pub(crate) async fn list(State(app): State<App>, mut params: Params) -> Answer<Page> {
    let wanted = ListJobs { branch: params.only_branch(), after: params.after_job() };
    let wanted = params.finish(Some(wanted))?;
    let page = app.ask(&wanted).await?;
    let next = page.next.map(|JobKey { branch, name }| format!("{branch}/{name}"));
    Ok(Json(Page { jobs: page.jobs, next }))
}

/// `PUT /admin/jobs`: these are new, or changed to this; the others stay.
pub(crate) async fn put(State(app): State<App>, Body(body): Body<JobsBody>) -> Answer<JobsPut> {
    app.answer(&body.read()?).await
}

/// `POST /admin/jobs/{branch}/{name}/run`: once, now. With an `Idempotency-Key` the same run can be
/// asked for again.
pub(crate) async fn run(
    State(app): State<App>,
    Id(job): Id<JobKey>,
    IdempotencyKey(key): IdempotencyKey,
) -> Result<(StatusCode, Json<JobRan>), Problem> {
    let run_id = match key {
        Some(key) => derived(&["run", job.branch.as_str(), job.name.as_str(), &key]),
        None => Uuid::now_v7(),
    };
    let ran = app.answer(&RunJob { run_id, job }).await?;
    Ok((StatusCode::ACCEPTED, ran))
}

/// `POST /admin/jobs/{branch}/{name}/pause`.
pub(crate) async fn pause(State(app): State<App>, Id(job): Id<JobKey>) -> Answer<JobState> {
    app.answer(&PauseJob { job, paused: true }).await
}

/// `POST /admin/jobs/{branch}/{name}/resume`: it goes on from now.
pub(crate) async fn resume(State(app): State<App>, Id(job): Id<JobKey>) -> Answer<JobState> {
    app.answer(&PauseJob { job, paused: false }).await
}

/// `DELETE /admin/jobs/{branch}/{name}`.
pub(crate) async fn delete(
    State(app): State<App>,
    Id(job): Id<JobKey>,
) -> Result<StatusCode, Problem> {
    app.ask(&DeleteJob { job }).await?;
    Ok(StatusCode::NO_CONTENT)
}
