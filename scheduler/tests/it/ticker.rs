//! Rounds of the clock on a real Postgres: nothing is lost or doubled, whatever happens between
//! publishing and moving on.

use crate::stream::{Shop, Stream, ids, round};
use crate::{
    always, bake, branch, branch_changed, daily, hear, jobs, key, put_well, scheduler, state,
    sweep, time,
};
use bakery_nats::Pool;
use bakery_nats::envelope::Wire;
use bakery_nats::requests::scheduler::{PauseJob, When};
use bakery_scheduler::{PauseJobWriter, Round};
use bakery_testbed::{at, database, message};
use chrono::{DateTime, Utc};
use std::sync::{Arc, Mutex};

async fn next_at(pool: &Pool) -> Option<DateTime<Utc>> {
    jobs(pool).await[0].next_at
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_fires_what_is_due_and_the_next_one_does_not_repeat_it() {
    let pool = scheduler().await;
    put_well(&pool, &[bake("donut", "0 * * * * *", 1), sweep("late", "0 0 0 1 1 *")], 0).await;
    assert_eq!(round(&pool, Stream::default(), at(59)).await.0, []);
    let (fired, _) = round(&pool, Stream::default(), at(120)).await;
    assert_eq!(fired.len(), 2);
    let donut = &jobs(&pool).await[0];
    assert_eq!((donut.last_at, donut.next_at), (Some(at(120)), Some(at(180))));
    assert_eq!(round(&pool, Stream::default(), at(179)).await.0, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn ticks_that_may_be_lost_go_out_again_under_the_same_ids() {
    let pool = scheduler().await;
    put_well(&pool, &[bake("donut", "0 * * * * *", 1)], 0).await;
    let unsure = Stream { unsure: true, ..Stream::default() };
    let (first, done) = round(&pool, unsure, at(60)).await;
    assert!(!done);
    assert_eq!(next_at(&pool).await, Some(at(60)), "the job has not moved");

    let (again, done) = round(&pool, Stream::default(), at(120)).await;
    assert!(done);
    assert_eq!(again.first(), first.first());
    assert_eq!((again.len(), next_at(&pool).await), (2, Some(at(180))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slower_scheduler_fires_the_same_ticks_and_takes_nothing_back() {
    let pool = scheduler().await;
    put_well(&pool, &[bake("donut", "0 * * * * *", 1)], 0).await;
    let log: Arc<Mutex<Vec<Wire>>> = Arc::default();
    let (other, shared) = (pool.clone(), log.clone());
    let faster = async move {
        let (sent, done) = round(&other, Stream::default(), at(180)).await;
        assert!(done);
        shared.lock().unwrap().extend(sent);
    };
    let slower = Stream { log, ..Stream::meanwhile(faster) };
    let (sent, done) = round(&pool, slower, at(60)).await;
    assert!(done);
    assert_eq!((sent.len(), ids(&sent).len()), (4, 3), "one tick went out twice");
    assert_eq!(next_at(&pool).await, Some(at(240)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_with_a_new_line_is_not_moved_by_the_ticks_of_the_old_one() {
    let pool = scheduler().await;
    put_well(&pool, &[bake("donut", "0 * * * * *", 1)], 0).await;
    let other = pool.clone();
    // The request came a moment earlier and waited for its commit: both lines are due at 60.
    let put_new = async move { put_well(&other, &[bake("donut", "0 1 * * * *", 1)], 59).await };
    let (fired, _) = round(&pool, Stream::meanwhile(put_new), at(60)).await;
    let donut = &jobs(&pool).await[0];
    assert_eq!((fired.len(), donut.last_at, donut.next_at), (1, None, Some(at(60))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_changes_only_what_it_does_is_moved_and_does_not_fire_again_as_another() {
    let pool = scheduler().await;
    put_well(&pool, &[bake("donut", "0 * * * * *", 1)], 0).await;
    let other = pool.clone();
    let put_more = async move { put_well(&other, &[bake("donut", "0 * * * * *", 5)], 60).await };
    let (fired, _) = round(&pool, Stream::meanwhile(put_more), at(60)).await;
    let donut = &jobs(&pool).await[0];
    assert_eq!((fired.len(), donut.last_at), (1, Some(at(60))));
    assert_eq!(
        (donut.job.clone().action, donut.next_at),
        (bake("donut", "", 5).action, Some(at(120)))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_is_held_meanwhile_stays_held() {
    let pool = scheduler().await;
    put_well(&pool, &[bake("donut", "0 * * * * *", 1)], 0).await;
    let other = pool.clone();
    let hold = async move {
        let request = PauseJob { job: key("main", "donut"), paused: true };
        message::write(&other, PauseJobWriter, request, at(60)).await.0.unwrap();
    };
    round(&pool, Stream::meanwhile(hold), at(60)).await;
    let donut = &jobs(&pool).await[0];
    assert_eq!((donut.job.paused, donut.last_at, donut.next_at), (true, None, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_that_was_planned_by_the_old_hours_does_not_set_the_next_tick() {
    let pool = scheduler().await;
    let noon = time("2026-11-24T12:00:00Z");
    hear(&pool, &branch_changed(2, branch("main", "UTC", daily("07:00", "12:00"))), at(-1)).await;
    database::execute(&pool, "DELETE FROM job WHERE name <> 'closing'").await;
    let sql = "UPDATE job SET done_at = '2026-11-24 11:00Z', next_at = '2026-11-24 12:00Z'";
    database::execute(&pool, sql).await;
    let other = pool.clone();
    let longer = async move {
        let longer = branch("main", "UTC", daily("07:00", "18:00"));
        hear(&other, &branch_changed(3, longer), noon).await;
        database::execute(&other, "DELETE FROM job WHERE name <> 'closing'").await;
    };
    let (fired, _) = round(&pool, Stream::meanwhile(longer), noon).await;
    assert_eq!((fired.len(), next_at(&pool).await), (1, Some(noon)), "it is left alone");
    let (again, _) = round(&pool, Stream::default(), noon).await;
    assert_eq!(again, fired);
    assert_eq!(next_at(&pool).await, Some(time("2026-11-24T18:00:00Z")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_whose_time_does_not_come_again_rests_until_its_branch_opens() {
    let pool = scheduler().await;
    let mut every_hour = bake("donut", "", 1);
    every_hour.when = When::EveryS(3600);
    put_well(&pool, &[every_hour], 0).await;
    let never = branch("main", "UTC", bakery_nats::calendar::OpeningHours::default());
    hear(&pool, &branch_changed(2, never), at(60)).await;
    database::execute(&pool, "DELETE FROM job WHERE name <> 'donut'").await;
    assert_eq!(next_at(&pool).await, None);
    assert_eq!(round(&pool, Stream::default(), at(90_000)).await.0, []);
    hear(&pool, &branch_changed(3, branch("main", "UTC", always())), at(90_000)).await;
    assert_eq!(state(&pool, "main", "donut").await.next_at, Some(at(93_600)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_job_does_not_hold_up_the_others() {
    let pool = scheduler().await;
    let jobs = ["a", "b", "c", "d"].map(|name| sweep(name, "0 * * * * *"));
    put_well(&pool, &jobs, 0).await;
    for (name, damage) in [
        ("a", r#"timing = '{"cron": "nonsense"}'"#),
        ("b", r#"timing = '{"every_s": 0}'"#),
        ("c", r#"action = '{"dance": {}}'"#),
    ] {
        database::execute(&pool, &format!("UPDATE job SET {damage} WHERE name = '{name}'")).await;
    }
    let (fired, done) = round(&pool, Stream::default(), at(60)).await;
    assert!(done);
    assert_eq!(fired.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_is_bounded_however_much_was_missed() {
    let pool = scheduler().await;
    let jobs: Vec<_> = (0..30).map(|i| bake(&format!("job-{i}"), "* * * * * *", 1)).collect();
    put_well(&pool, &jobs, 0).await;
    let now = at(86_400);
    let (first, _) = round(&pool, Stream::default(), now).await;
    assert_eq!(first.len(), 2000);
    let shop = Shop::new(pool.clone());
    shop.set(now);
    let look = shop.ticker().round().await.unwrap();
    assert_eq!(look, Round { ticks: 2000, more: true });
    let look = shop.ticker().round().await.unwrap();
    assert_eq!(look, Round { ticks: 2000, more: false }, "30 jobs, the newest 200 of each");
    assert_eq!(shop.ticker().round().await.unwrap(), Round::default());
}
