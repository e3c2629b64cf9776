//! Baking and sweeping.

use crate::{
    CLOSES_S, SHELF_LIFE_S, bake, bake_due, bakery, date, instant, line, line_of, report, reserve,
    sweep_due, units,
};
use bakery_inventory::Shelf;
use bakery_nats::messages::inventory::{Baked, Swept};
use bakery_testbed::{at, database, message};

#[tokio::test(flavor = "multi_thread")]
async fn every_baked_unit_has_an_id_of_its_own_and_a_tick_bakes_once() {
    let pool = bakery().await;
    bake(&pool, "bread", 29, 0, 1).await;
    bake(&pool, "bread", 29, 0, 1).await;
    assert_eq!(units(&pool, "free").await, 29);
    let ids = database::number(&pool, "SELECT count(DISTINCT id) AS number FROM unit").await;
    assert_eq!(ids, 29);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sweep_takes_what_is_stale_to_the_second_and_leaves_what_is_held() {
    let pool = bakery().await;
    bake(&pool, "bread", 2, 0, 1).await;
    bake(&pool, "bread", 1, 1, 2).await;
    message::sent(&pool, Shelf, &reserve(1, &[line("bread", 1)], 1)).await;
    let early = message::sent(&pool, Shelf, &sweep_due(at(SHELF_LIFE_S) - instant())).await;
    assert!(message::body::<Swept>(&early[0]).lines.is_empty());
    let answers = message::sent(&pool, Shelf, &sweep_due(at(SHELF_LIFE_S))).await;
    assert_eq!(message::body::<Swept>(&answers[0]).lines, [line("bread", 1)]);
    let left = (units(&pool, "free").await, units(&pool, "reserved").await);
    assert_eq!(left, (1, 1), "the sweep took a fresh or a held unit");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bake_of_an_unknown_product_is_a_dead_letter() {
    let pool = bakery().await;
    message::dead(&pool, Shelf, &bake_due("none", 1, at(0), 1)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_belongs_to_the_business_day_of_its_moment() {
    let pool = bakery().await;
    let closes = at(CLOSES_S);
    let batches = [bake_due("bread", 2, closes - instant(), 1), bake_due("bread", 3, closes, 2)];
    message::handle(&pool, Shelf, &batches).await;
    for (days, baked) in [(0, 2), (1, 3)] {
        let bread = line_of(&report(&pool, "main", date(days)).await, "bread");
        assert_eq!((bread.baked, bread.free), (baked, baked));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shelf_life_counts_to_the_microsecond() {
    let pool = bakery().await;
    let baked_at = at(0) + instant();
    let answers = message::sent(&pool, Shelf, &bake_due("bread", 1, baked_at, 1)).await;
    let stale_at = at(SHELF_LIFE_S) + instant();
    assert_eq!(message::body::<Baked>(&answers[0]).stale_at, stale_at);
    message::sent(&pool, Shelf, &sweep_due(at(SHELF_LIFE_S))).await;
    assert_eq!(units(&pool, "free").await, 1);
    message::sent(&pool, Shelf, &sweep_due(stale_at)).await;
    assert_eq!(units(&pool, "stale").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_largest_batch_goes_on_the_shelf_at_once() {
    let pool = bakery().await;
    bake(&pool, "bread", 10_000, 0, 1).await;
    message::dead(&pool, Shelf, &bake_due("bread", 10_001, at(0), 2)).await;
    message::dead(&pool, Shelf, &bake_due("bread", 0, at(0), 3)).await;
    assert_eq!(units(&pool, "free").await, 10_000);
}
