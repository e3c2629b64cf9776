//! `scheduler.put-jobs` on a real Postgres.

use crate::stream::fired;
use crate::{
    bake, branch, branch_changed, cron, daily, hear, job, jobs, put, put_well, scheduler, state,
    sweep, time,
};
use bakery_nats::request::Asked;
use bakery_nats::requests::scheduler::{Job, JobAction, JobsPut, Misfire, PutJobs, When};
use bakery_nats::write::commit;
use bakery_scheduler::PutJobsWriter;
use bakery_testbed::{at, database, id};
use std::sync::Arc;

#[tokio::test(flavor = "multi_thread")]
async fn jobs_are_added_and_listed_by_name() {
    let pool = scheduler().await;
    put_well(&pool, &[sweep("sweep", "0 */15  * * * *"), bake("donut", "0 * * * * *", 1)], 30)
        .await;
    let listed = jobs(&pool).await;
    let donut = Job { misfire: Some(Misfire::All), ..bake("donut", "0 * * * * *", 1) };
    assert_eq!(listed[0].job, donut);
    assert_eq!((listed[0].last_at, listed[0].next_at), (None, Some(at(60))));
    let sweep = Job { misfire: Some(Misfire::Once), ..sweep("sweep", "0 */15 * * * *") };
    assert_eq!(listed[1].job, sweep, "with single blanks");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_changed_in_place_and_only_another_time_begins_anew() {
    let pool = scheduler().await;
    put_well(&pool, &[bake("donut", "0 * * * * *", 1)], 0).await;

    let changed = Job { misfire: Some(Misfire::Skip), ..bake("donut", "0 * * * * *", 5) };
    put_well(&pool, std::slice::from_ref(&changed), 600).await;
    let same_line = &jobs(&pool).await[0];
    assert_eq!(same_line.job, changed);
    assert_eq!(same_line.next_at, Some(at(60)), "what was missed since is still owed");

    put_well(&pool, &[bake("donut", "*/10 * * * * *", 5)], 605).await;
    assert_eq!(jobs(&pool).await[0].next_at, Some(at(610)));
}

/// The first commit was done, but its answer was lost: the requests are tried again as they are.
#[tokio::test(flavor = "multi_thread")]
async fn jobs_whose_commit_was_not_answered_are_answered_from_their_record() {
    let pool = scheduler().await;
    let asked = |name| Asked {
        request_id: id("request", 1),
        at: at(0),
        body: PutJobs { jobs: vec![bake(name, "0 * * * * *", 1)] },
    };
    let (lost, other) = (asked("donut"), Asked { request_id: id("request", 2), ..asked("bread") });
    let writer = Arc::new(PutJobsWriter);
    commit(&pool, &writer, std::slice::from_ref(&lost)).await.expect("put");
    let done = commit(&pool, &writer, &[other, lost]).await.expect("put");
    assert!(done.replies.iter().all(|reply| *reply == Ok(JobsPut { jobs: 1 })));
    assert_eq!(jobs(&pool).await.len(), 2);
    let records = "SELECT count(*) AS number FROM record WHERE step = 'put-jobs'";
    assert_eq!(database::number(&pool, records).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_waited_does_not_bring_back_what_was_fired_meanwhile() {
    let pool = scheduler().await;
    put_well(&pool, &[bake("donut", "0 * * * * *", 1)], 0).await;
    assert_eq!(fired(&pool, at(120)).await.len(), 2);
    put_well(&pool, &[bake("donut", "*/10 * * * * *", 5)], 100).await;
    assert_eq!(jobs(&pool).await[0].next_at, Some(at(130)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_is_put_held_has_no_next_tick_and_begins_anew_when_it_is_put_again() {
    let pool = scheduler().await;
    let donut = bake("donut", "0 * * * * *", 1);
    put_well(&pool, &[Job { paused: true, ..donut.clone() }], 0).await;
    assert_eq!(jobs(&pool).await[0].next_at, None);
    put_well(&pool, &[donut], 600).await;
    assert_eq!(jobs(&pool).await[0].next_at, Some(at(660)));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_time_goes_by_the_hours_and_the_zone_of_the_branch() {
    let pool = scheduler().await;
    let berlin = branch("main", "Europe/Berlin", daily("07:00", "18:00"));
    hear(&pool, &branch_changed(2, berlin), at(-1)).await;
    let put = [
        ("cron", cron("0 30 2 * * *"), time("2027-01-16T01:30:00Z")),
        ("every", When::EveryS(3600), time("2027-01-15T09:00:00Z")),
        ("before", When::OpeningS(-1800), time("2027-01-16T05:30:00Z")),
        ("after", When::ClosingS(60), time("2027-01-15T17:01:00Z")),
    ];
    let sweep = |name, when: &When| job(name, when.clone(), JobAction::Sweep {});
    let request: Vec<Job> = put.iter().map(|(name, when, _)| sweep(name, when)).collect();
    put_well(&pool, &request, 0).await;
    for (name, _, next_at) in put {
        assert_eq!(state(&pool, "main", name).await.next_at, Some(next_at), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_of_a_branch_that_was_not_heard_of_waits_for_it() {
    let pool = scheduler().await;
    let sweep = Job { branch: "north".parse().unwrap(), ..sweep("late", "0 * * * * *") };
    put_well(&pool, &[sweep], 600).await;
    assert_eq!(state(&pool, "north", "late").await.next_at, None);
    // The news are older than the job: nothing before the job is owed.
    let north = branch("north", "UTC", crate::always());
    hear(&pool, &branch_changed(1, north), at(0)).await;
    assert_eq!(state(&pool, "north", "late").await.next_at, Some(at(660)));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_wrong_job_and_nothing_is_written() {
    let pool = scheduler().await;
    let wrong = [sweep("a", "0 * * * * *"), sweep("b", "0 0 25 * * *")];
    let refusal = put(&pool, &wrong, 0).await.unwrap_err();
    assert_eq!((refusal.status, refusal.errors[0].field.as_str()), (422, "jobs[1].when.cron"));
    assert!(refusal.errors[0].reason.starts_with("field 3 (hour) is \"25\""));
    assert_eq!(jobs(&pool).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_wait_together_are_carried_out_one_after_the_other() {
    let pool = scheduler().await;
    let wrong = vec![sweep("c", "0 0 0 30 2 *")];
    let requests = [vec![sweep("a", "0 * * * * *")], wrong, vec![bake("a", "0 * * * * *", 7)]];
    let asked = |(n, jobs): (u64, Vec<Job>)| bakery_nats::request::Asked {
        request_id: id("put", n),
        at: at(0),
        body: bakery_nats::requests::scheduler::PutJobs { jobs },
    };
    let batch: Vec<_> = (0..).zip(requests).map(asked).collect();
    let done = commit(&pool, &Arc::new(PutJobsWriter), &batch).await.unwrap();
    let ok: Vec<bool> = done.replies.iter().map(Result::is_ok).collect();
    assert_eq!(ok, [true, false, true]);
    let listed = jobs(&pool).await;
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].job.action, bake("a", "", 7).action);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_row_does_not_hide_the_others_and_is_mended_by_putting_it_again() {
    let pool = scheduler().await;
    put_well(&pool, &[sweep("a", "0 * * * * *"), sweep("b", "0 * * * * *")], 0).await;
    let damage = r#"UPDATE job SET action = '{"dance": {}}' WHERE name = 'a'"#;
    database::execute(&pool, damage).await;
    let names = async || -> Vec<String> {
        jobs(&pool).await.iter().map(|state| state.job.name.to_string()).collect()
    };
    assert_eq!(names().await, ["b"]);
    put_well(&pool, &[sweep("a", "0 * * * * *")], 0).await;
    assert_eq!(names().await, ["a", "b"]);
}
