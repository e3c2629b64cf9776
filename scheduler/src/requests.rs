//! What the scheduler is asked, one file a request.

pub(crate) mod delete_job;
pub(crate) mod list_jobs;
pub(crate) mod pause_job;
pub(crate) mod put_jobs;
pub(crate) mod run_job;

use bakery_nats::refusal::Refusal;
use bakery_nats::request::Asked;
use bakery_nats::requests::scheduler::JobKey;
use bakery_nats::write::Step;

/// The record of a request that sends nothing: it says who changed the clock, and when.
fn note<R>(asked: &Asked<R>, name: &str) -> Step {
    Step { business_id: asked.request_id, name: name.to_owned(), outgoing: Vec::new() }
}

/// 404: there is no such job.
fn unknown(JobKey { branch, name }: &JobKey) -> Refusal {
    Refusal::not_found("job", format!("{branch}/{name}"))
}
