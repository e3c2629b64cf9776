//! Jobs are listed by pages, held and let go on, and removed.

use crate::stream::fired;
use crate::{
    Pool, bake, branch, branch_changed, hear, jobs, key, put_well, scheduler, state, sweep,
};
use bakery_nats::refusal::Refusal;
use bakery_nats::request::Asked;
use bakery_nats::requests::scheduler::{
    DeleteJob, Job, JobDeleted, JobState, Jobs, ListJobs, PauseJob,
};
use bakery_scheduler::{DeleteJobWriter, PauseJobWriter, list_jobs};
use bakery_testbed::{at, database, id, message};

async fn list(pool: &Pool, body: ListJobs) -> Jobs {
    let asked = Asked { request_id: id("list", 0), at: at(0), body };
    list_jobs(pool.clone(), asked).await.unwrap()
}

async fn pause(pool: &Pool, name: &str, paused: bool, seconds: i64) -> Result<JobState, Refusal> {
    let request = PauseJob { job: key("main", name), paused };
    message::write(pool, PauseJobWriter, request, at(seconds)).await.0
}

async fn delete(pool: &Pool, name: &str) -> Result<JobDeleted, Refusal> {
    let request = DeleteJob { job: key("main", name) };
    message::write(pool, DeleteJobWriter, request, at(0)).await.0
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_goes_on_where_the_one_before_ended() {
    let pool = scheduler().await;
    let north = |job: Job| Job { branch: "north".parse().unwrap(), ..job };
    let names: Vec<String> = (0..500).map(|n| format!("job-{n:03}")).collect();
    let main: Vec<Job> = names.iter().map(|name| sweep(name, "0 0 * * * *")).collect();
    put_well(&pool, &main, 0).await;
    put_well(&pool, &[north(sweep("a", "0 0 * * * *")), north(sweep("b", "0 0 * * * *"))], 0).await;

    let first = list(&pool, ListJobs::default()).await;
    assert_eq!((first.jobs.len(), first.next.clone()), (500, Some(key("main", "job-499"))));
    let second = list(&pool, ListJobs { after: first.next, branch: None }).await;
    let found: Vec<&str> = second.jobs.iter().map(|state| state.job.name.as_str()).collect();
    assert_eq!((found, second.next), (vec!["a", "b"], None));

    let of_main =
        list(&pool, ListJobs { branch: Some("main".parse().unwrap()), after: None }).await;
    assert_eq!((of_main.jobs.len(), of_main.next), (500, None));
    let after = Some(key("north", "a"));
    let rest = list(&pool, ListJobs { branch: Some("north".parse().unwrap()), after }).await;
    assert_eq!(rest.jobs.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_is_held_misses_its_ticks_and_does_not_make_up_for_them() {
    let pool = scheduler().await;
    put_well(&pool, &[bake("donut", "0 * * * * *", 1)], 0).await;
    assert_eq!(fired(&pool, at(60)).await.len(), 1);

    let held = pause(&pool, "donut", true, 90).await.unwrap();
    assert_eq!((held.job.paused, held.last_at, held.next_at), (true, Some(at(60)), None));
    assert!(fired(&pool, at(600)).await.is_empty());

    let goes_on = pause(&pool, "donut", false, 630).await.unwrap();
    assert_eq!((goes_on.job.paused, goes_on.next_at), (false, Some(at(660))));
    assert_eq!(state(&pool, "main", "donut").await, goes_on);
    assert_eq!(fired(&pool, at(660)).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_wish_again_changes_nothing() {
    let pool = scheduler().await;
    put_well(&pool, &[bake("donut", "0 * * * * *", 1)], 0).await;
    let running = pause(&pool, "donut", false, 600).await.unwrap();
    assert_eq!(running.next_at, Some(at(60)), "what it owes is still owed");
    let held = pause(&pool, "donut", true, 600).await.unwrap();
    assert_eq!(pause(&pool, "donut", true, 700).await.unwrap(), held);
    let notes = "SELECT count(*) AS number FROM record WHERE step = 'pause-job'";
    assert_eq!(database::number(&pool, notes).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn news_of_the_branch_do_not_let_a_held_job_go_nor_bring_back_what_it_missed() {
    let pool = scheduler().await;
    put_well(&pool, &[bake("donut", "0 * * * * *", 1)], 0).await;
    pause(&pool, "donut", true, 60).await.unwrap();
    let main = branch("main", "UTC", crate::always());
    hear(&pool, &branch_changed(2, main.clone()), at(120)).await;
    assert_eq!(state(&pool, "main", "donut").await.next_at, None);
    pause(&pool, "donut", false, 600).await.unwrap();
    // These are older than the moment at which it was let go.
    hear(&pool, &branch_changed(3, main), at(300)).await;
    assert_eq!(state(&pool, "main", "donut").await.next_at, Some(at(660)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_removed_once() {
    let pool = scheduler().await;
    put_well(&pool, &[bake("donut", "0 * * * * *", 1), sweep("sweep", "0 * * * * *")], 0).await;
    assert_eq!(delete(&pool, "donut").await, Ok(JobDeleted {}));
    let names: Vec<_> = jobs(&pool).await.into_iter().map(|state| state.job.name).collect();
    assert_eq!(names, ["sweep".parse().unwrap()]);
    let refusal = delete(&pool, "donut").await.unwrap_err();
    assert_eq!((refusal.status, refusal.detail.as_str()), (404, "there is no job main/donut"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_does_not_exist_cannot_be_held() {
    let pool = scheduler().await;
    let refusal = pause(&pool, "donut", true, 0).await.unwrap_err();
    assert_eq!((refusal.status, refusal.code.as_str()), (404, "not_found"));
}
