//! What becomes of ticks that nobody fired in time, through a stop of the only scheduler.

use crate::stream::fired;
use crate::{at, bake, jobs, put_well, scheduler, state, sweep, with_misfire};
use bakery_nats::requests::scheduler::Misfire;

#[tokio::test(flavor = "multi_thread")]
async fn after_a_stop_each_policy_fires_what_it_says() {
    let pool = scheduler().await;
    let line = "0 */10 * * * *";
    let put = [
        with_misfire(Misfire::All, sweep("all", line)),
        with_misfire(Misfire::Once, sweep("once", line)),
        with_misfire(Misfire::Skip, sweep("skip", line)),
    ];
    put_well(&pool, &put, 0).await;
    assert_eq!(fired(&pool, at(600)).await.len(), 3);
    // An hour without a scheduler, and back in the minute of a tick.
    let after = fired(&pool, at(4230)).await;
    let times = |job: &str| -> Vec<i64> {
        let of_job = after.iter().filter(|(_, name, _)| name == job);
        of_job.map(|(_, _, due_at)| (*due_at - at(0)).num_seconds()).collect()
    };
    assert_eq!(times("all"), [1200, 1800, 2400, 3000, 3600, 4200]);
    assert_eq!(times("once"), [3600, 4200]);
    assert_eq!(times("skip"), [4200]);
    assert!(after.is_sorted_by_key(|(.., due_at)| *due_at), "not by the clock: {after:?}");
    assert!(fired(&pool, at(4799)).await.is_empty());
    assert_eq!(fired(&pool, at(4801)).await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_fires_nothing_moves_on_all_the_same() {
    let pool = scheduler().await;
    put_well(&pool, &[with_misfire(Misfire::Skip, sweep("skip", "0 0 * * * *"))], 0).await;
    assert!(fired(&pool, at(3700)).await.is_empty());
    let skip = state(&pool, "main", "skip").await;
    assert_eq!((skip.last_at, skip.next_at), (None, Some(at(7200))));
}

#[tokio::test(flavor = "multi_thread")]
async fn baking_makes_up_for_all_and_the_rest_for_the_newest_where_nothing_is_said() {
    let pool = scheduler().await;
    put_well(&pool, &[bake("a", "0 0 * * * *", 1), sweep("b", "0 0 * * * *")], 0).await;
    let misfires: Vec<_> = jobs(&pool).await.into_iter().map(|state| state.job.misfire).collect();
    assert_eq!(misfires, [Some(Misfire::All), Some(Misfire::Once)]);
    assert_eq!(fired(&pool, at(5 * 3600 + 120)).await.len(), 5 + 1);
}
