//! `scheduler.put-jobs` on a real Postgres.

use crate::{bake, jobs, put, put_well, scheduler, sweep};
use bakery_testbed::{at, database};

#[tokio::test(flavor = "multi_thread")]
async fn jobs_are_added_and_listed_by_name() {
    let pool = scheduler().await;
    put_well(&pool, &[sweep("sweep", "0 */15 * * * *"), bake("donut", "0 * * * * *", 1)], 30).await;
    let listed = jobs(&pool).await;
    assert_eq!(listed[0].job, bake("donut", "0 * * * * *", 1));
    assert_eq!((listed[0].last_at, listed[0].next_at), (None, at(60)));
    assert_eq!(listed[1].job, sweep("sweep", "0 */15 * * * *"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_changed_in_place_and_only_another_line_begins_anew() {
    let pool = scheduler().await;
    put_well(&pool, &[bake("donut", "0 * * * * *", 1)], 0).await;

    put_well(&pool, &[bake("donut", "0 * * * * *", 5)], 600).await;
    let same_line = &jobs(&pool).await[0];
    assert_eq!(same_line.job, bake("donut", "0 * * * * *", 5));
    assert_eq!(same_line.next_at, at(60), "what was missed since is still owed");

    put_well(&pool, &[bake("donut", "*/10 * * * * *", 5)], 605).await;
    assert_eq!(jobs(&pool).await[0].next_at, at(610));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_wrong_job_and_nothing_is_written() {
    let pool = scheduler().await;
    let refusal = put(&pool, &[sweep("a", "0 * * * * *"), sweep("b", "0 0 25 * * *")], 0).await;
    let refusal = refusal.unwrap_err();
    assert_eq!((refusal.status, refusal.errors[0].field.as_str()), (422, "jobs[1].cron"));
    assert_eq!(jobs(&pool).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_row_does_not_hide_the_others() {
    let pool = scheduler().await;
    put_well(&pool, &[sweep("a", "0 * * * * *"), sweep("b", "0 * * * * *")], 0).await;
    let damage = r#"UPDATE job SET action = '{"dance": {}}' WHERE name = 'a'"#;
    database::execute(&pool, damage).await;
    let listed = jobs(&pool).await;
    assert_eq!(listed.iter().map(|state| state.job.name.as_str()).collect::<Vec<_>>(), ["b"]);
}
