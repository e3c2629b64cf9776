//! The scheduler from outside: its rules against plain lists of ticks, and its jobs, news and loop
//! on a real Postgres.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "the helpers of a test end it where it goes wrong, as the tests do"
)]

mod calendars;
mod clock_changes;
mod due;
mod jobs;
mod migration;
mod misfire;
mod news;
mod products;
mod put_jobs;
mod reference;
mod replicas;
mod run_job;
mod stream;
mod ticker;
mod ticks;
mod turns;
mod whole_day;

use bakery_nats::Pool;
use bakery_nats::branch::Branch;
use bakery_nats::calendar::{OpeningHours, Span};
use bakery_nats::envelope::{Cause, Outgoing, Wire};
use bakery_nats::message::Message;
use bakery_nats::messages::inventory::BranchChanged;
use bakery_nats::process::Outcome;
use bakery_nats::request::Asked;
use bakery_nats::requests::scheduler::{
    Job, JobAction, JobKey, JobState, JobsPut, ListJobs, Misfire, PutJobs, When,
};
use bakery_nats::slug::Slug;
use bakery_nats::write::Done;
use bakery_scheduler::{MIGRATIONS, News, PutJobsWriter, list_jobs};
use bakery_testbed::{at, database, id, message};
use chrono::{DateTime, Utc};

/// A database without jobs that has heard of `main`: always open, by UTC.
async fn scheduler() -> Pool {
    let pool = database::fresh("scheduler", MIGRATIONS).await;
    hear(&pool, &branch_changed(1, branch("main", "UTC", always())), at(-3600)).await;
    database::execute(&pool, "DELETE FROM job").await;
    pool
}

fn slug(text: &str) -> Slug {
    text.parse().unwrap()
}

fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn daily(open: &str, close: &str) -> OpeningHours {
    OpeningHours::daily(Span { open: open.parse().unwrap(), close: close.parse().unwrap() })
}

fn always() -> OpeningHours {
    daily("00:00", "24:00")
}

fn branch(name: &str, zone: &str, hours: OpeningHours) -> Branch {
    Branch {
        id: slug(name),
        name: name.to_owned(),
        address: String::new(),
        time_zone: zone.parse().unwrap(),
        hours,
        currency: "EUR".to_owned().try_into().unwrap(),
        closed: false,
    }
}

/// A version of a branch, as inventory tells it.
fn branch_changed(version: i64, branch: Branch) -> BranchChanged {
    let change_id = id(branch.id.as_str(), version.unsigned_abs());
    BranchChanged { change_id, version, branch }
}

/// News of a branch that come at a moment.
async fn hear(pool: &Pool, body: &BranchChanged, at: DateTime<Utc>) {
    take(pool, &[news(&body.branch.id, body, at)]).await;
}

/// A message of inventory about a branch.
fn news<M: Message>(branch: &Slug, body: &M, at: DateTime<Utc>) -> Wire {
    let cause = Cause {
        message_id: "test".to_owned(),
        correlation_id: body.business_id(),
        traceparent: String::new(),
        at,
        attempt: 1,
    };
    Wire::of("inventory", &Outgoing::attempt(branch, 1, body), &cause)
}

/// A batch of news that are all understood.
async fn take(pool: &Pool, wires: &[Wire]) {
    for outcome in message::handle(pool, News, wires).await {
        assert_eq!(outcome, Outcome::Send(Vec::new()));
    }
}

fn job(name: &str, when: When, action: JobAction) -> Job {
    Job { branch: slug("main"), name: slug(name), when, action, misfire: None, paused: false }
}

fn cron(line: &str) -> When {
    When::Cron(line.to_owned())
}

fn sweep(name: &str, line: &str) -> Job {
    job(name, cron(line), JobAction::Sweep {})
}

fn bake(name: &str, line: &str, quantity: u32) -> Job {
    job(name, cron(line), JobAction::Bake { product_id: slug("donut"), quantity })
}

fn key(branch: &str, name: &str) -> JobKey {
    JobKey { branch: slug(branch), name: slug(name) }
}

/// Puts jobs, so many seconds after the morning.
async fn put(pool: &Pool, jobs: &[Job], seconds: i64) -> Done<PutJobs> {
    put_at(pool, jobs, at(seconds)).await
}

async fn put_at(pool: &Pool, jobs: &[Job], at: DateTime<Utc>) -> Done<PutJobs> {
    message::write(pool, PutJobsWriter, PutJobs { jobs: jobs.to_vec() }, at).await.0
}

async fn put_well(pool: &Pool, jobs: &[Job], seconds: i64) {
    let reply = put(pool, jobs, seconds).await.unwrap();
    assert_eq!(reply, JobsPut { jobs: jobs.len() });
}

/// Every job, by branch and name; there is one page of them.
async fn jobs(pool: &Pool) -> Vec<JobState> {
    let body = ListJobs::default();
    let asked = Asked { request_id: id("list", 0), at: at(0), body };
    let page = list_jobs(pool.clone(), asked).await.unwrap();
    assert_eq!(page.next, None);
    page.jobs
}

async fn state(pool: &Pool, branch: &str, name: &str) -> JobState {
    let all = jobs(pool).await;
    let wanted =
        |state: &JobState| (state.job.branch.as_str(), state.job.name.as_str()) == (branch, name);
    all.into_iter().find(wanted).unwrap()
}

fn with_misfire(misfire: Misfire, job: Job) -> Job {
    Job { misfire: Some(misfire), ..job }
}
