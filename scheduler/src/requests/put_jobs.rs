//! `scheduler.put-jobs`: jobs are added or changed.

use crate::cron_line;
use crate::job::{JobRow, NewJob};
use crate::schedule::next_after;
use bakery_nats::error::HandlerError;
use bakery_nats::refusal::{FieldError, Refusal};
use bakery_nats::request::Asked;
use bakery_nats::requests::scheduler::{Job, JobAction, JobsPut, PutJobs};
use bakery_nats::slug::Slug;
use bakery_nats::write::{Step, WriteResult, Writer, Written};
use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use std::collections::{BTreeMap, BTreeSet};

const JOBS_MAX: usize = 500;
const BATCH_UNITS_MAX: u32 = 10_000;

/// The jobs of a request by branch and name: the order in which their rows are locked.
type NewJobs = BTreeMap<(Slug, Slug), NewJob>;

/// The writer of jobs. Requests are rare and each holds many jobs, so they are written one after
/// the other.
pub struct PutJobsWriter;

impl Writer for PutJobsWriter {
    type Request = PutJobs;

    async fn write(
        &self,
        conn: &mut AsyncPgConnection,
        batch: &[Asked<PutJobs>],
    ) -> Result<Vec<WriteResult<PutJobs>>, HandlerError> {
        let mut results = Vec::with_capacity(batch.len());
        for asked in batch {
            results.push(match read(&asked.body.jobs, asked.at) {
                Ok(jobs) => Ok(put(conn, asked, jobs).await?),
                Err(errors) => Err(Refusal::invalid(errors)),
            });
        }
        Ok(results)
    }
}

/// Writes the jobs. The record sends nothing; it says who changed the clock, and when.
async fn put(
    conn: &mut AsyncPgConnection,
    asked: &Asked<PutJobs>,
    jobs: NewJobs,
) -> Result<Written<JobsPut>, HandlerError> {
    let jobs: Vec<NewJob> = jobs.into_values().collect();
    let changed = JobRow::put(conn, &jobs).await?;
    tracing::info!(jobs = jobs.len(), changed, "jobs were put");
    let step =
        Step { business_id: asked.request_id, name: "put-jobs".to_owned(), outgoing: Vec::new() };
    Ok(Written { reply: JobsPut { jobs: jobs.len() }, step: Some(step) })
}

/// Reads the jobs of a request that came `at` a time, or says which fields are wrong.
fn read(jobs: &[Job], at: DateTime<Utc>) -> Result<NewJobs, Vec<FieldError>> {
    if jobs.is_empty() || jobs.len() > JOBS_MAX {
        return Err(vec![FieldError::new("jobs", "must be 1 to 500 jobs")]);
    }
    let mut errors = Vec::new();
    let mut read = NewJobs::new();
    let mut seen = BTreeSet::new();
    for (i, job) in jobs.iter().enumerate() {
        let mut wrong = |field: &str, reason: String| {
            errors.push(FieldError::new(format!("jobs[{i}].{field}"), reason));
        };
        if !seen.insert((&job.branch, &job.name)) {
            wrong("name", "stands twice in this request".to_owned());
        }
        if is_wrong(&job.action) {
            wrong("action.bake.quantity", "must be 1 to 10,000".to_owned());
        }
        match first_tick(&job.cron, at) {
            Ok((cron, next_at)) => {
                let Job { branch, name, action, .. } = job.clone();
                let key = (branch.clone(), name.clone());
                read.insert(key, NewJob { branch, name, cron, action, next_at });
            }
            Err(reason) => wrong("cron", reason),
        }
    }
    if errors.is_empty() { Ok(read) } else { Err(errors) }
}

fn is_wrong(action: &JobAction) -> bool {
    match action {
        JobAction::Bake { quantity, .. } => !(1..=BATCH_UNITS_MAX).contains(quantity),
        JobAction::Sweep {} => false,
    }
}

/// The tidied line and its first tick, or what is wrong with it.
fn first_tick(line: &str, at: DateTime<Utc>) -> Result<(String, DateTime<Utc>), String> {
    let schedule = cron_line::read(line).map_err(|error| error.to_string())?;
    match next_after(&schedule, at) {
        Some(next_at) => Ok((schedule.source().to_owned(), next_at)),
        None => Err("names a day that never comes".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{JOBS_MAX, read};
    use bakery_nats::refusal::FieldError;
    use bakery_nats::requests::scheduler::{Job, JobAction};
    use chrono::{DateTime, Utc};

    fn at() -> DateTime<Utc> {
        "2026-11-24T10:00:00Z".parse().unwrap()
    }

    fn bake(name: &str, cron: &str, quantity: u32) -> Job {
        Job {
            branch: "main".parse().unwrap(),
            name: name.parse().unwrap(),
            cron: cron.to_owned(),
            action: JobAction::Bake { product_id: "donut".parse().unwrap(), quantity },
        }
    }

    fn fields(errors: &[FieldError]) -> Vec<&str> {
        errors.iter().map(|error| error.field.as_str()).collect()
    }

    #[test]
    fn jobs_are_sorted_and_begin_after_the_request() {
        let jobs = [bake("b", "0 * * * * *", 1), bake("a", "0  0 11 * * *", 10_000)];
        let read = read(&jobs, at()).unwrap();
        let jobs: Vec<_> = read.values().map(|job| (job.name.as_str(), job.next_at)).collect();
        let minutes = |m| at() + chrono::TimeDelta::minutes(m);
        assert_eq!(jobs, [("a", minutes(60)), ("b", minutes(1))]);
        assert_eq!(read.values().next().unwrap().cron, "0 0 11 * * *");
    }

    #[test]
    fn every_wrong_field_is_named_with_its_place() {
        let jobs = [
            bake("a", "0 0 25 * * *", 0),
            bake("a", "0 * * * * *", 10_001),
            bake("b", "0 0 0 31 4 *", 1),
        ];
        let errors = read(&jobs, at()).unwrap_err();
        let expected = [
            "jobs[0].action.bake.quantity",
            "jobs[0].cron",
            "jobs[1].name",
            "jobs[1].action.bake.quantity",
            "jobs[2].cron",
        ];
        assert_eq!(fields(&errors), expected);
        assert!(errors[1].reason.starts_with("field 3 (hour)"), "{}", errors[1].reason);
        assert_eq!(errors[4].reason, "names a day that never comes");
    }

    #[test]
    fn no_jobs_and_too_many_are_refused() {
        let many = vec![bake("a", "0 * * * * *", 1); JOBS_MAX + 1];
        for jobs in [&many[..0], &many] {
            assert_eq!(fields(&read(jobs, at()).unwrap_err()), ["jobs"]);
        }
    }
}
