//! `scheduler.run-job`: a run by hand is one tick beside the schedule, however often it is asked
//! for.

use crate::stream::fired;
use crate::{bake, key, put_well, scheduler, state, sweep};
use bakery_nats::Pool;
use bakery_nats::envelope::Wire;
use bakery_nats::messages::scheduler::{BakeDue, SweepDue};
use bakery_nats::requests::scheduler::{Job, JobRan, RunJob};
use bakery_nats::write::Done;
use bakery_scheduler::RunJobWriter;
use bakery_testbed::{at, database, id, message};

async fn run(pool: &Pool, n: u64, job: &str, seconds: i64) -> (Done<RunJob>, Vec<Wire>) {
    let request = RunJob { run_id: id("run", n), job: key("main", job) };
    message::write(pool, RunJobWriter, request, at(seconds)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_by_hand_is_a_tick_of_its_own_and_the_schedule_stays_as_it_is() {
    let pool = scheduler().await;
    put_well(&pool, &[bake("donut", "0 * * * * *", 5)], 0).await;
    let (reply, wires) = run(&pool, 1, "donut", 30).await;
    let JobRan { tick_id, due_at } = reply.unwrap();
    assert_eq!((wires.len(), due_at), (1, at(30)));
    assert_eq!(wires[0].subject, "bakery.tick.scheduler.main.bake-due");
    let body: BakeDue = message::body(&wires[0]);
    assert_eq!((body.tick_id, body.due_at, body.quantity), (tick_id, at(30), 5));
    let donut = state(&pool, "main", "donut").await;
    assert_eq!((donut.last_at, donut.next_at), (Some(at(30)), Some(at(60))));
    assert_eq!(fired(&pool, at(60)).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_run_again_is_the_same_answer_and_no_second_tick() {
    let pool = scheduler().await;
    put_well(&pool, &[sweep("sweep", "0 * * * * *")], 0).await;
    let (first, wires) = run(&pool, 1, "sweep", 30).await;
    let owed = "SELECT count(*) AS number FROM record WHERE owed AND step = 'run-job'";
    assert_eq!(database::number(&pool, owed).await, 1, "until it is in the stream");
    let (again, none) = run(&pool, 1, "sweep", 45).await;
    assert_eq!((again, none), (first, vec![]));
    let (_, other) = run(&pool, 2, "sweep", 45).await;
    let ticks = [&wires, &other].map(|wires| message::body::<SweepDue>(&wires[0]).tick_id);
    assert_ne!(ticks[0], ticks[1]);
    // What was asked for before is answered, whatever became of the job.
    database::execute(&pool, "DELETE FROM job").await;
    assert!(run(&pool, 1, "sweep", 60).await.0.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_name_of_a_run_is_not_taken_for_another_job() {
    let pool = scheduler().await;
    put_well(&pool, &[sweep("a", "0 * * * * *"), sweep("b", "0 * * * * *")], 0).await;
    assert!(run(&pool, 1, "a", 30).await.0.is_ok());
    let (refusal, wires) = run(&pool, 1, "b", 30).await;
    assert_eq!((refusal.unwrap_err().errors[0].field.as_str(), wires), ("run_id", vec![]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_job_of_an_unknown_branch_can_be_run_by_hand() {
    let pool = scheduler().await;
    let held = Job { branch: "north".parse().unwrap(), paused: true, ..sweep("a", "0 * * * * *") };
    put_well(&pool, &[held], 0).await;
    let request = RunJob { run_id: id("run", 1), job: key("north", "a") };
    let (reply, wires) = message::write(&pool, RunJobWriter, request, at(30)).await;
    assert_eq!((reply.unwrap().due_at, wires.len()), (at(30), 1));
    assert_eq!(state(&pool, "north", "a").await.next_at, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_does_not_exist_cannot_be_run() {
    let pool = scheduler().await;
    let (refusal, wires) = run(&pool, 1, "donut", 30).await;
    let refusal = refusal.unwrap_err();
    assert_eq!((refusal.status, refusal.detail.as_str()), (404, "there is no job main/donut"));
    assert_eq!(wires, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_by_hand_while_a_tick_is_owed_does_not_hide_it() {
    let pool = scheduler().await;
    put_well(&pool, &[bake("donut", "0 * * * * *", 1)], 0).await;
    assert!(run(&pool, 1, "donut", 61).await.0.is_ok());
    let main = crate::branch("main", "UTC", crate::always());
    crate::hear(&pool, &crate::branch_changed(2, main), at(59)).await;
    database::execute(&pool, "DELETE FROM job WHERE name <> 'donut'").await;
    assert_eq!(fired(&pool, at(62)).await.len(), 1);
    let last_at = state(&pool, "main", "donut").await.last_at;
    assert_eq!(last_at, Some(at(61)), "the run by hand was later");
}
