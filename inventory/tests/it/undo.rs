//! `inventory.release` and `inventory.restock`: undo comes late, twice, or first.

use crate::{
    CLOSES_S, DAY_S, SHELF_LIFE_S, bake, bake_due, bakery, closing_due, confirm, date,
    discount_due, instant, line, line_of, order_id, product, report, reserve, sweep_due, units,
};
use bakery_inventory::{ListProductsWriter, Shelf};
use bakery_nats::Pool;
use bakery_nats::envelope::Wire;
use bakery_nats::messages::inventory::{
    Release, Released, ReserveRefused, Reserved, Restock, Restocked,
};
use bakery_nats::requests::inventory::{ListProducts, NewProduct};
use bakery_testbed::{at, message};
use chrono::{DateTime, Utc};

fn release(order: u64, seconds: i64) -> Wire {
    release_at(order, at(seconds))
}

fn release_at(order: u64, at: DateTime<Utc>) -> Wire {
    message::wire("orders", &Release { order_id: order_id(order) }, at)
}

/// Takes back what was sold: how many became free, stale and thrown.
async fn restock(pool: &Pool, order: u64, at: DateTime<Utc>) -> (u32, u32, u32) {
    let restock = message::wire("orders", &Restock { order_id: order_id(order) }, at);
    let restocked: Restocked = message::body(&message::sent(pool, Shelf, &restock).await[0]);
    (restocked.free, restocked.stale, restocked.thrown)
}

/// Sells so many breads to an order; what it paid.
async fn sell(pool: &Pool, order: u64, breads: u32, seconds: i64) -> i64 {
    let answers =
        message::sent(pool, Shelf, &reserve(order, &[line("bread", breads)], seconds)).await;
    message::sent(pool, Shelf, &confirm(order, seconds)).await;
    message::body::<Reserved>(&answers[0]).total
}

/// A bakery whose bread stays fresh for two days.
async fn lasting() -> Pool {
    let pool = bakery().await;
    let shelf_life_s = i32::try_from(2 * DAY_S).unwrap();
    let products = vec![NewProduct { shelf_life_s, ..product("bread", 300, "EUR") }];
    let list = ListProducts { branch: "main".parse().unwrap(), products };
    message::write(&pool, ListProductsWriter, list, at(0)).await.0.expect("listed");
    pool
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
    message::sent(&pool, Shelf, &confirm(1, 2)).await;
    message::dead(&pool, Shelf, &release(1, 3)).await;
    assert_eq!(units(&pool, "sold").await, 2);
    assert_eq!(restock(&pool, 1, at(4)).await, (2, 0, 0));
    assert_eq!((units(&pool, "sold").await, units(&pool, "free").await), (0, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_is_neither_swept_nor_thrown_out_and_ends_with_its_order() {
    let pool = bakery().await;
    bake(&pool, "bread", 2, CLOSES_S - SHELF_LIFE_S, 1).await;
    message::sent(&pool, Shelf, &reserve(1, &[line("bread", 1)], CLOSES_S - 5)).await;
    message::sent(&pool, Shelf, &reserve(2, &[line("bread", 1)], CLOSES_S - 5)).await;
    message::sent(&pool, Shelf, &sweep_due(at(CLOSES_S))).await;
    message::sent(&pool, Shelf, &closing_due(at(CLOSES_S))).await;
    assert_eq!(units(&pool, "reserved").await, 2);
    message::sent(&pool, Shelf, &confirm(1, CLOSES_S + 1)).await;
    let released = message::sent(&pool, Shelf, &release(2, CLOSES_S + 1)).await;
    assert_eq!(message::body::<Released>(&released[0]).units, 1);
    let bread = line_of(&report(&pool, "main", date(0)).await, "bread");
    assert_eq!((bread.sold_full, bread.stale, bread.thrown), (1, 1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fresh_unit_released_at_closing_is_thrown_out_and_a_microsecond_before_it_is_not() {
    let pool = bakery().await;
    bake(&pool, "bread", 2, CLOSES_S - 10, 1).await;
    for order in [1, 2] {
        message::sent(&pool, Shelf, &reserve(order, &[line("bread", 1)], CLOSES_S - 5)).await;
    }
    for (order, at, units_now) in [(1, at(CLOSES_S) - instant(), (1, 0)), (2, at(CLOSES_S), (1, 1))]
    {
        let released = message::sent(&pool, Shelf, &release_at(order, at)).await;
        assert_eq!(message::body::<Released>(&released[0]).units, 1, "thrown ones count too");
        assert_eq!((units(&pool, "free").await, units(&pool, "thrown").await), units_now);
    }
}

/// An undo of before closing that is handled after it: the day has been thrown out and reported.
#[tokio::test(flavor = "multi_thread")]
async fn what_comes_back_to_a_day_that_is_closed_already_is_thrown_out_whatever_the_time_of_the_undo()
 {
    let pool = bakery().await;
    bake(&pool, "bread", 4, CLOSES_S - 10, 1).await;
    message::sent(&pool, Shelf, &reserve(1, &[line("bread", 2)], CLOSES_S - 5)).await;
    sell(&pool, 2, 1, CLOSES_S - 5).await;
    message::sent(&pool, Shelf, &closing_due(at(CLOSES_S))).await;
    let released = message::sent(&pool, Shelf, &release(1, CLOSES_S - 2)).await;
    assert_eq!(message::body::<Released>(&released[0]).units, 2);
    assert_eq!(restock(&pool, 2, at(CLOSES_S - 2)).await, (0, 0, 1));
    let bread = line_of(&report(&pool, "main", date(0)).await, "bread");
    assert_eq!((bread.free, bread.thrown, bread.returned), (0, 4, 1));
    // What is of the next day is free again.
    bake(&pool, "bread", 1, CLOSES_S, 2).await;
    message::sent(&pool, Shelf, &reserve(3, &[line("bread", 1)], CLOSES_S)).await;
    message::sent(&pool, Shelf, &release(3, CLOSES_S + 1)).await;
    assert_eq!(units(&pool, "free").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sale_called_off_today_is_for_sale_again_and_one_of_yesterday_is_thrown_out() {
    let pool = lasting().await;
    bake(&pool, "bread", 3, 0, 1).await;
    assert_eq!((sell(&pool, 1, 1, 10).await, sell(&pool, 2, 2, 20).await), (300, 600));
    assert_eq!(restock(&pool, 1, at(30)).await, (1, 0, 0));
    message::sent(&pool, Shelf, &closing_due(at(CLOSES_S))).await;
    bake(&pool, "bread", 1, DAY_S, 2).await;
    assert_eq!(restock(&pool, 2, at(DAY_S + 1)).await, (0, 0, 2));
    // What came back is told of the day it was baked on, not of the day it came back.
    let yesterday = line_of(&report(&pool, "main", date(0)).await, "bread");
    assert_eq!((yesterday.thrown, yesterday.returned), (3, 3));
    assert_eq!((yesterday.takings, yesterday.refunds), (900, 900));
    let today = line_of(&report(&pool, "main", date(1)).await, "bread");
    assert_eq!((today.free, today.returned, today.refunds), (1, 0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sale_called_off_when_it_is_stale_is_stale_whatever_day_it_is() {
    let pool = bakery().await;
    bake(&pool, "bread", 2, 0, 1).await;
    sell(&pool, 1, 1, 10).await;
    sell(&pool, 2, 1, 10).await;
    assert_eq!(restock(&pool, 1, at(SHELF_LIFE_S)).await, (0, 1, 0));
    assert_eq!(restock(&pool, 2, at(DAY_S)).await, (0, 1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_of_tomorrow_that_is_released_today_waits_for_its_day() {
    let pool = bakery().await;
    message::sent(&pool, Shelf, &bake_due("bread", 1, at(CLOSES_S), 1)).await;
    message::sent(&pool, Shelf, &reserve(1, &[line("bread", 1)], CLOSES_S)).await;
    // Two machines' clocks differ by a second.
    message::sent(&pool, Shelf, &release(1, CLOSES_S - 1)).await;
    assert_eq!(units(&pool, "free").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_that_came_back_is_sold_at_the_price_of_that_moment() {
    let pool = bakery().await;
    bake(&pool, "bread", 1, 0, 1).await;
    assert_eq!(sell(&pool, 1, 1, 10).await, 300);
    restock(&pool, 1, at(20)).await;
    message::sent(&pool, Shelf, &discount_due(at(30))).await;
    assert_eq!(sell(&pool, 2, 1, 40).await, 150);
    let bread = line_of(&report(&pool, "main", date(0)).await, "bread");
    assert_eq!((bread.sold_full, bread.sold_discount, bread.returned), (0, 1, 1));
    assert_eq!((bread.takings, bread.refunds), (450, 300));
    restock(&pool, 2, at(50)).await;
    let bread = line_of(&report(&pool, "main", date(0)).await, "bread");
    assert_eq!((bread.free, bread.sold_discount, bread.takings, bread.refunds), (1, 0, 450, 450));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_restock_is_tallied_once() {
    let pool = bakery().await;
    bake(&pool, "bread", 1, 0, 1).await;
    sell(&pool, 1, 1, 10).await;
    for _ in 0..2 {
        assert_eq!(restock(&pool, 1, at(20)).await, (1, 0, 0));
    }
    let bread = line_of(&report(&pool, "main", date(0)).await, "bread");
    assert_eq!((bread.returned, bread.refunds), (1, 300));
}
