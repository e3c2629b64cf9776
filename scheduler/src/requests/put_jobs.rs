//! `scheduler.put-jobs`: jobs are added or changed.

use super::note;
use crate::board::Board;
use crate::schedule::Timing;
use bakery_nats::error::HandlerError;
use bakery_nats::refusal::{FieldError, Refusal};
use bakery_nats::request::Asked;
use bakery_nats::requests::scheduler::{Job, JobAction, JobKey, JobsPut, PutJobs, When};
use bakery_nats::write::{WriteResult, Writer, Written};
use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use std::collections::BTreeSet;

const JOBS_MAX: usize = 500;
const BATCH_UNITS_MAX: u32 = 10_000;

/// The writer of jobs.
pub struct PutJobsWriter;

impl Writer for PutJobsWriter {
    type Request = PutJobs;

    async fn write(
        &self,
        conn: &mut AsyncPgConnection,
        batch: &[Asked<PutJobs>],
    ) -> Result<Vec<WriteResult<PutJobs>>, HandlerError> {
        let read: Vec<_> = batch.iter().map(|asked| read(&asked.body.jobs, asked.at)).collect();
        let jobs = read.iter().flatten().flatten();
        let mut board = Board::of_jobs(conn, &jobs.map(|(job, _)| key(job)).collect()).await?;
        let put = |(asked, read): (&Asked<PutJobs>, Result<Vec<_>, _>)| {
            let jobs: Vec<(Job, Timing)> = read.map_err(Refusal::invalid)?;
            let reply = JobsPut { jobs: jobs.len() };
            jobs.into_iter().for_each(|(job, timing)| board.put(job, timing, asked.at));
            tracing::info!(jobs = reply.jobs, "jobs were put");
            Ok(Written { reply, step: Some(note(asked, "put-jobs")) })
        };
        let results = batch.iter().zip(read).map(put).collect();
        board.save(conn).await?;
        Ok(results)
    }
}

/// Reads the jobs of a request that came `at` a time, or says which fields are wrong.
fn read(jobs: &[Job], at: DateTime<Utc>) -> Result<Vec<(Job, Timing)>, Vec<FieldError>> {
    if jobs.is_empty() || jobs.len() > JOBS_MAX {
        return Err(vec![FieldError::new("jobs", "must be 1 to 500 jobs")]);
    }
    let mut errors = Vec::new();
    let mut read = Vec::with_capacity(jobs.len());
    let mut seen = BTreeSet::new();
    for (i, job) in jobs.iter().enumerate() {
        let mut wrong = |field: &str, reason: &str| {
            errors.push(FieldError::new(format!("jobs[{i}].{field}"), reason));
        };
        if !seen.insert(key(job)) {
            wrong("name", "stands twice in this request");
        }
        if is_wrong(&job.action) {
            wrong("action.bake.quantity", "must be 1 to 10,000");
        }
        match timing(&job.when, at) {
            Ok(timing) => read.push((job.clone(), timing)),
            Err((field, reason)) => wrong(&format!("when.{field}"), &reason),
        }
    }
    if errors.is_empty() { Ok(read) } else { Err(errors) }
}

fn is_wrong(action: &JobAction) -> bool {
    match action {
        JobAction::Bake { quantity, .. } => !(1..=BATCH_UNITS_MAX).contains(quantity),
        JobAction::Sweep {} | JobAction::Open {} | JobAction::Discount {} | JobAction::Close {} => {
            false
        }
    }
}

/// When a job is done, or the field that is wrong and why.
fn timing(when: &When, at: DateTime<Utc>) -> Result<Timing, (&'static str, String)> {
    let timing = Timing::read(when).map_err(|error| (error.field(), error.to_string()))?;
    match &timing {
        Timing::Cron(line) if !line.comes_after(at) => {
            Err(("cron", "names a day that never comes".to_owned()))
        }
        _ => Ok(timing),
    }
}

fn key(job: &Job) -> JobKey {
    JobKey { branch: job.branch.clone(), name: job.name.clone() }
}

#[cfg(test)]
mod tests {
    use super::{JOBS_MAX, read};
    use bakery_nats::refusal::FieldError;
    use bakery_nats::requests::scheduler::{Job, JobAction, When};
    use chrono::{DateTime, Utc};

    fn at() -> DateTime<Utc> {
        "2026-11-24T10:00:00Z".parse().unwrap()
    }

    fn bake(name: &str, when: When, quantity: u32) -> Job {
        Job {
            branch: "main".parse().unwrap(),
            name: name.parse().unwrap(),
            when,
            action: JobAction::Bake { product_id: "donut".parse().unwrap(), quantity },
            misfire: None,
            paused: false,
        }
    }

    fn cron(line: &str) -> When {
        When::Cron(line.to_owned())
    }

    fn fields(errors: &[FieldError]) -> Vec<&str> {
        errors.iter().map(|error| error.field.as_str()).collect()
    }

    #[test]
    fn every_wrong_field_is_named_with_its_place() {
        let jobs = [
            bake("a", cron("0 0 25 * * *"), 0),
            bake("a", When::EveryS(0), 10_001),
            bake("b", cron("0 0 0 31 4 *"), 1),
            bake("c", When::EveryS(86_401), 10_000),
            bake("d", When::OpeningS(-86_401), 1),
            bake("e", When::ClosingS(86_401), 1),
        ];
        let errors = read(&jobs, at()).unwrap_err();
        let expected = [
            "jobs[0].action.bake.quantity",
            "jobs[0].when.cron",
            "jobs[1].name",
            "jobs[1].action.bake.quantity",
            "jobs[1].when.every_s",
            "jobs[2].when.cron",
            "jobs[3].when.every_s",
            "jobs[4].when.opening_s",
            "jobs[5].when.closing_s",
        ];
        assert_eq!(fields(&errors), expected);
        assert!(errors[1].reason.starts_with("field 3 (hour)"), "{}", errors[1].reason);
        assert_eq!(errors[4].reason, "must be 1 to 86,400 seconds");
        assert_eq!(errors[5].reason, "names a day that never comes");
    }

    #[test]
    fn what_stands_at_the_edge_is_taken() {
        let whens = [
            When::EveryS(1),
            When::EveryS(86_400),
            When::OpeningS(-86_400),
            When::ClosingS(86_400),
            cron("* * * 29 2 *"),
        ];
        for when in whens {
            assert!(read(&[bake("a", when.clone(), 10_000)], at()).is_ok(), "{when:?}");
        }
    }

    #[test]
    fn no_jobs_and_too_many_are_refused() {
        let many = vec![bake("a", When::EveryS(60), 1); JOBS_MAX + 1];
        for jobs in [&many[..0], &many] {
            assert_eq!(fields(&read(jobs, at()).unwrap_err()), ["jobs"]);
        }
    }
}
