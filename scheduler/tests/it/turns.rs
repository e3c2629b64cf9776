//! Whoever changes a job and the scheduler that moves it on take turns. The scheduler is the test
//! itself: it has moved a job in a transaction of its own, and watches in `pg_locks` what waits.

use crate::{Pool, bake, jobs, put_well, scheduler};
use bakery_testbed::{at, database};
use diesel_async::SimpleAsyncConnection;

/// How many locks are waited for in this database.
async fn waiting(pool: &Pool) -> i64 {
    let sql = "SELECT count(*) AS number FROM pg_stat_activity
               WHERE datname = current_database() AND wait_event_type = 'Lock'";
    database::number(pool, sql).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_is_put_while_it_is_moved_keeps_the_place_it_is_moved_to() {
    let pool = scheduler().await;
    put_well(&pool, &[bake("donut", "0 * * * * *", 1)], 0).await;
    let mut conn = pool.get().await.unwrap();
    let moved = format!(
        "BEGIN; UPDATE job SET last_at = '{}', done_at = '{}', next_at = '{}'",
        at(120),
        at(120),
        at(180)
    );
    conn.batch_execute(&moved).await.unwrap();
    let other = pool.clone();
    let put =
        tokio::spawn(
            async move { put_well(&other, &[bake("donut", "0 * * * * *", 5)], 120).await },
        );
    // Either it waits, which is seen, or it comes to its end, which is the fault.
    while waiting(&pool).await == 0 {
        assert!(!put.is_finished(), "the request did not wait for the scheduler");
    }
    conn.batch_execute("COMMIT").await.unwrap();
    put.await.unwrap();
    let donut = &jobs(&pool).await[0];
    assert_eq!(donut.job.action, bake("donut", "", 5).action);
    assert_eq!((donut.last_at, donut.next_at), (Some(at(120)), Some(at(180))));
}
