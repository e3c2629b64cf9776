//! Baking and sweeping.

use crate::{SHELF_LIFE_S, bake, bakery, line, reserve, units};
use bakery_inventory::Shelf;
use bakery_nats::messages::inventory::Swept;
use bakery_nats::messages::scheduler::SweepDue;
use bakery_testbed::{at, database, id, message};

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
    let tick = SweepDue {
        tick_id: id("sweep", 1),
        job: "sweep".parse().unwrap(),
        due_at: at(SHELF_LIFE_S),
    };
    let wire = message::wire("scheduler", &tick, at(SHELF_LIFE_S));
    let answers = message::sent(&pool, Shelf, &wire).await;
    assert_eq!(message::body::<Swept>(&answers[0]).lines, [line("bread", 1)]);
    let left = (units(&pool, "free").await, units(&pool, "reserved").await);
    assert_eq!(left, (1, 1), "the sweep took a fresh or a held unit");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bake_of_an_unknown_product_is_a_dead_letter() {
    let pool = bakery().await;
    let tick = bakery_nats::messages::scheduler::BakeDue {
        tick_id: id("bake", 1),
        job: "bake".parse().unwrap(),
        due_at: at(0),
        product_id: "none".parse().unwrap(),
        quantity: 1,
    };
    message::dead(&pool, Shelf, &message::wire("scheduler", &tick, at(0))).await;
}
