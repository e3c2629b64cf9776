//! `inventory.reserve` and `inventory.confirm`.

use crate::{
    CLOSES_S, SHELF_LIFE_S, bake, bakery, behind, confirm, discount_due, line, order_id, reserve,
    reserve_at, units,
};
use bakery_inventory::Shelf;
use bakery_nats::messages::inventory::{Reserve, ReserveRefused, Reserved, Sold};
use bakery_nats::process::Outcome;
use bakery_testbed::{at, message};
use chrono::TimeDelta;

#[tokio::test(flavor = "multi_thread")]
async fn the_oldest_fresh_units_are_held_at_todays_price() {
    let pool = bakery().await;
    bake(&pool, "bread", 2, 0, 1).await;
    bake(&pool, "bread", 2, 100, 2).await;
    let answers = message::sent(&pool, Shelf, &reserve(1, &[line("bread", 3)], 200)).await;
    let reserved: Reserved = message::body(&answers[0]);
    assert_eq!((reserved.total, reserved.lines[0].line_total), (900, 900));
    let ages: Vec<_> = reserved.lines[0].units.iter().map(|unit| unit.baked_at).collect();
    assert_eq!(ages, [at(0), at(0), at(100)]);
    assert_eq!((units(&pool, "reserved").await, units(&pool, "free").await), (3, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_of_orders_never_holds_a_unit_twice() {
    let pool = bakery().await;
    bake(&pool, "donut", 10, 0, 1).await;
    let wires: Vec<_> = (0..15).map(|n| reserve(n, &[line("donut", 1)], 1)).collect();
    let outcomes = message::handle(&pool, Shelf, &wires).await;
    let held = outcomes.iter().filter(|outcome| match outcome {
        Outcome::Send(wires) => wires[0].subject.ends_with(".reserved"),
        Outcome::Dead(reason) => panic!("{reason}"),
    });
    assert_eq!(held.count(), 10);
    assert_eq!((units(&pool, "reserved").await, units(&pool, "free").await), (10, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_names_the_missing_lines_and_holds_nothing() {
    let pool = bakery().await;
    bake(&pool, "bread", 1, 0, 1).await;
    let wish = [line("bread", 1), line("donut", 2)];
    let answers = message::sent(&pool, Shelf, &reserve(1, &wish, 1)).await;
    let refused: ReserveRefused = message::body(&answers[0]);
    assert_eq!(refused.code, "out_of_stock");
    assert_eq!(refused.missing[0].product_id.as_str(), "donut");
    assert_eq!(units(&pool, "reserved").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_is_answered_from_the_record_under_its_own_attempt() {
    let pool = bakery().await;
    bake(&pool, "bread", 5, 0, 1).await;
    let first = message::sent(&pool, Shelf, &reserve(1, &[line("bread", 2)], 1)).await;
    let body = Reserve { order_id: order_id(1), lines: vec![line("bread", 2)] };
    let again = message::wire_again("orders", &body, at(999), 2);
    let second = message::sent(&pool, Shelf, &again).await;
    assert_eq!(first[0].payload, second[0].payload, "a recorded result changed");
    assert!(first[0].message_id().ends_with(":reserve:evt:1"));
    assert!(second[0].message_id().ends_with(":reserve:evt:2"), "the repeat would be swallowed");
    assert_eq!(units(&pool, "reserved").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_step_with_other_content_is_a_dead_letter() {
    let pool = bakery().await;
    bake(&pool, "bread", 5, 0, 1).await;
    message::sent(&pool, Shelf, &reserve(1, &[line("bread", 2)], 1)).await;
    let reason = message::dead(&pool, Shelf, &reserve(1, &[line("bread", 3)], 1)).await;
    assert!(reason.contains("other content"), "{reason}");
    assert_eq!(units(&pool, "reserved").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poisonous_message_does_not_hold_up_the_good_ones_of_its_batch() {
    let pool = bakery().await;
    bake(&pool, "bread", 5, 0, 1).await;
    let wires = [
        reserve(1, &[line("bread", 1)], 1),
        reserve(2, &[line("bread", 0)], 1),
        reserve(3, &[line("bread", 1)], 1),
    ];
    let outcomes = message::handle(&pool, Shelf, &wires).await;
    assert!(matches!(outcomes[1], Outcome::Dead(_)));
    assert_eq!(units(&pool, "reserved").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn confirmed_units_are_sold_and_an_order_that_holds_nothing_cannot_be_confirmed() {
    let pool = bakery().await;
    bake(&pool, "bread", 5, 0, 1).await;
    message::sent(&pool, Shelf, &reserve(1, &[line("bread", 2)], 1)).await;
    let answers = message::sent(&pool, Shelf, &confirm(1, 2)).await;
    assert_eq!(message::body::<Sold>(&answers[0]).units, 2);
    assert_eq!((units(&pool, "sold").await, units(&pool, "free").await), (2, 3));
    message::dead(&pool, Shelf, &confirm(2, 2)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_is_not_sold_from_the_second_it_is_stale_and_takes_no_fresh_ones_place() {
    let pool = bakery().await;
    bake(&pool, "bread", 1, 0, 1).await;
    bake(&pool, "bread", 1, 1, 2).await;
    let answers = message::sent(&pool, Shelf, &reserve(1, &[line("bread", 1)], SHELF_LIFE_S)).await;
    let reserved: Reserved = message::body(&answers[0]);
    assert_eq!(reserved.lines[0].units[0].baked_at, at(1));
    let late = reserve(2, &[line("bread", 1)], SHELF_LIFE_S);
    let refused: ReserveRefused = message::body(&message::sent(&pool, Shelf, &late).await[0]);
    assert_eq!(refused.missing[0].available, 0);
}

/// Two orders of one product have no lock in common but the shelf's own.
#[tokio::test(flavor = "multi_thread")]
async fn a_reserve_waits_for_who_works_on_its_section_and_takes_the_oldest_that_is_left() {
    let pool = bakery().await;
    bake(&pool, "bread", 1, 0, 1).await;
    bake(&pool, "bread", 1, 1, 2).await;
    let take = format!(
        "SELECT 1 FROM product WHERE branch = 'main' AND id = 'bread' FOR NO KEY UPDATE;
         UPDATE unit SET state = 'reserved', order_id = '{}', price = 300
         WHERE baked_at = (SELECT min(baked_at) FROM unit)",
        order_id(1)
    );
    let other = pool.clone();
    let order =
        async move { message::sent(&other, Shelf, &reserve(2, &[line("bread", 1)], 2)).await };
    let reserved: Reserved = message::body(&behind(&pool, &take, order).await[0]);
    assert_eq!(reserved.lines[0].units[0].baked_at, at(1));
}

/// One transaction, and each order by its own time: neither the price nor the day is that of the
/// latest.
#[tokio::test(flavor = "multi_thread")]
async fn orders_of_one_batch_pay_the_price_and_belong_to_the_day_of_their_own_moment() {
    let pool = bakery().await;
    bake(&pool, "bread", 3, CLOSES_S - 60, 1).await;
    let (begins, closes) = (at(CLOSES_S - 30), at(CLOSES_S));
    let instant = TimeDelta::microseconds(1);
    let order = |n, at| reserve_at(n, &[line("bread", 1)], at);
    let batch = [
        order(1, begins),
        discount_due(begins),
        order(2, begins - instant),
        order(3, closes),
        order(4, closes - instant),
    ];
    let outcomes = message::handle(&pool, Shelf, &batch).await;
    let said = |place: usize| match &outcomes[place] {
        Outcome::Send(wires) => wires[0].clone(),
        Outcome::Dead(reason) => panic!("{reason}"),
    };
    let price = |place| message::body::<Reserved>(&said(place)).total;
    assert_eq!([2, 0, 4].map(price), [300, 150, 150]);
    let full = |place| message::body::<Reserved>(&said(place)).lines[0].units[0].full_price;
    assert_eq!([2, 0, 4].map(full), [None, Some(300), Some(300)], "what it costs otherwise");
    let refused: ReserveRefused = message::body(&said(3));
    assert_eq!(refused.code, "out_of_stock");
}
