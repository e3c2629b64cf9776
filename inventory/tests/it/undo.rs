//! `inventory.release` and `inventory.restock`: undo comes late, twice, or first.

use crate::{SHELF_LIFE_S, bake, bakery, line, order_id, reserve, units};
use bakery_inventory::Shelf;
use bakery_nats::envelope::Wire;
use bakery_nats::messages::inventory::{
    Confirm, Release, Released, ReserveRefused, Restock, Restocked,
};
use bakery_testbed::{at, message};

fn release(order: u64, seconds: i64) -> Wire {
    message::wire("orders", &Release { order_id: order_id(order) }, at(seconds))
}

#[tokio::test(flavor = "multi_thread")]
async fn released_units_can_be_sold_again_and_a_second_release_says_the_same() {
    let pool = bakery().await;
    bake(&pool, "bread", 3, 0, 1).await;
    message::sent(&pool, Shelf, &reserve(1, &[line("bread", 3)], 1)).await;
    let first = message::sent(&pool, Shelf, &release(1, 2)).await;
    let second = message::sent(&pool, Shelf, &release(1, 3)).await;
    assert_eq!(message::body::<Released>(&first[0]).units, 3);
    assert_eq!(first[0].payload, second[0].payload);
    assert_eq!(units(&pool, "free").await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_before_its_reserve_leaves_no_zombie() {
    let pool = bakery().await;
    bake(&pool, "bread", 3, 0, 1).await;
    let released = message::sent(&pool, Shelf, &release(1, 1)).await;
    assert_eq!(message::body::<Released>(&released[0]).units, 0);
    let late = message::sent(&pool, Shelf, &reserve(1, &[line("bread", 3)], 2)).await;
    assert_eq!(message::body::<ReserveRefused>(&late[0]).code, "already_released");
    assert_eq!(units(&pool, "reserved").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn reserve_and_release_in_one_batch_leave_the_units_free() {
    let pool = bakery().await;
    bake(&pool, "bread", 3, 0, 1).await;
    message::handle(&pool, Shelf, &[release(1, 1), reserve(1, &[line("bread", 3)], 1)]).await;
    message::handle(&pool, Shelf, &[reserve(2, &[line("bread", 3)], 1), release(2, 1)]).await;
    assert_eq!((units(&pool, "reserved").await, units(&pool, "free").await), (0, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_that_went_stale_while_it_was_held_does_not_come_back_for_sale() {
    let pool = bakery().await;
    bake(&pool, "bread", 1, 0, 1).await;
    message::sent(&pool, Shelf, &reserve(1, &[line("bread", 1)], 1)).await;
    message::sent(&pool, Shelf, &release(1, SHELF_LIFE_S)).await;
    assert_eq!((units(&pool, "free").await, units(&pool, "stale").await), (0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn sold_units_cannot_be_released_only_restocked() {
    let pool = bakery().await;
    bake(&pool, "bread", 2, 0, 1).await;
    message::sent(&pool, Shelf, &reserve(1, &[line("bread", 2)], 1)).await;
    let order_id = order_id(1);
    message::sent(&pool, Shelf, &message::wire("orders", &Confirm { order_id }, at(2))).await;
    message::dead(&pool, Shelf, &release(1, 3)).await;
    assert_eq!(units(&pool, "sold").await, 2);
    let restock = message::wire("orders", &Restock { order_id }, at(4));
    let answers = message::sent(&pool, Shelf, &restock).await;
    let restocked: Restocked = message::body(&answers[0]);
    assert_eq!((restocked.free, restocked.stale), (2, 0));
    assert_eq!((units(&pool, "sold").await, units(&pool, "free").await), (0, 2));
}
