//! What the scheduler is asked, as the frozen files show it.

use crate::samples::{at, id, main, slug};
use bakery_nats::requests::scheduler::{
    Job, JobAction, JobKey, JobRan, JobState, Jobs, ListJobs, Misfire, PauseJob, PutJobs, RunJob,
    When,
};

fn bake_job() -> Job {
    Job {
        branch: main(),
        name: slug("bake-donut"),
        when: When::EveryS(1200),
        action: JobAction::Bake { product_id: slug("donut"), quantity: 12 },
        misfire: Some(Misfire::All),
        paused: false,
    }
}

fn sweep_job() -> Job {
    Job {
        name: slug("sweep"),
        when: When::Cron("0 */15 * * * *".to_owned()),
        action: JobAction::Sweep {},
        misfire: None,
        ..bake_job()
    }
}

pub(crate) fn discount_job() -> Job {
    Job {
        name: slug("discount"),
        when: When::ClosingS(-1800),
        action: JobAction::Discount {},
        misfire: Some(Misfire::Skip),
        paused: true,
        ..bake_job()
    }
}

pub(crate) fn put_jobs() -> PutJobs {
    let opening = Job {
        name: slug("opening"),
        when: When::OpeningS(0),
        action: JobAction::Open {},
        misfire: Some(Misfire::Once),
        ..bake_job()
    };
    let closing = Job {
        name: slug("closing"),
        when: When::ClosingS(0),
        action: JobAction::Close {},
        ..opening.clone()
    };
    PutJobs { jobs: vec![bake_job(), sweep_job(), opening, discount_job(), closing] }
}

pub(crate) fn key(name: &str) -> JobKey {
    JobKey { branch: main(), name: slug(name) }
}

pub(crate) fn list_jobs() -> ListJobs {
    ListJobs { branch: Some(main()), after: Some(key("a")) }
}

pub(crate) fn state(job: Job, last: Option<&str>, next: Option<&str>) -> JobState {
    JobState { job, last_at: last.map(at), next_at: next.map(at) }
}

pub(crate) fn jobs() -> Jobs {
    let (last, next) = (Some("2026-11-24T10:00:00Z"), Some("2026-11-24T10:20:00Z"));
    Jobs {
        jobs: vec![
            state(bake_job(), last, next),
            state(sweep_job(), None, Some("2026-11-24T10:05:00Z")),
        ],
        next: Some(key("sweep")),
    }
}

pub(crate) fn pause_job() -> PauseJob {
    PauseJob { job: key("discount"), paused: true }
}

pub(crate) fn run_job() -> RunJob {
    RunJob { run_id: id("019ab5f2-9000-7c11-8a2b-3c4d5e6f7082"), job: key("sweep") }
}

pub(crate) fn ran() -> JobRan {
    let tick_id = id("0f6d2c1e-9a43-5d27-8f3b-6c1d7e5a9042");
    JobRan { tick_id, due_at: at("2026-11-24T10:03:21.123456Z") }
}
