//! Answers after the order went on without them: nothing changes, and nothing is wrong.

use crate::{
    answer, charged, happen, place, reach, records, released, reserved, said, shop, sold, stored,
    tell,
};
use bakery_nats::Pool;
use bakery_orders::saga::{Event, State};

/// Says it twice, and both times nothing happens; the first time leaves a record.
async fn ignored(pool: &Pool, order: u64, event: Event, step: &str) {
    let before = stored(pool, order).await;
    for _ in 0..2 {
        let sent = happen(pool, order, event).await;
        assert!(sent.is_empty(), "a late {event:?} sends {:?}", said(&sent));
    }
    assert_eq!(stored(pool, order).await, before, "a late {event:?} moved a {}", before.state);
    assert_eq!(records(pool, order, step).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_after_the_order_gave_up_is_ignored() {
    let pool = shop().await;
    for (order, late) in [(1, Event::Reserved), (2, Event::ReserveRefused)] {
        place(&pool, order).await;
        happen(&pool, order, Event::Cancel).await;
        ignored(&pool, order, late, "reserve").await;
    }
    for (order, late) in [(3, Event::Charged), (4, Event::Declined)] {
        reach(&pool, order, State::Reserved).await;
        happen(&pool, order, Event::Cancel).await;
        ignored(&pool, order, late, "charge").await;
        // The refund found the charge, or left its tombstone: either way it is the end.
        happen(&pool, order, Event::Refunded).await;
        happen(&pool, order, Event::Released).await;
        assert_eq!(stored(&pool, order).await.state, "cancelled");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_after_the_end_is_ignored() {
    let pool = shop().await;
    place(&pool, 1).await;
    for event in [Event::Cancel, Event::Released, Event::Refunded] {
        happen(&pool, 1, event).await;
    }
    ignored(&pool, 1, Event::Reserved, "reserve").await;
    ignored(&pool, 1, Event::Charged, "charge").await;
    assert_eq!(stored(&pool, 1).await.state, "cancelled");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_charge_whatever_its_sum_is_too_late_for_an_order_that_gave_up() {
    let pool = shop().await;
    reach(&pool, 1, State::Reserved).await;
    happen(&pool, 1, Event::Cancel).await;
    let mut other = charged(1);
    other.amount.amount += 1;
    assert!(tell(&pool, &other).await.is_empty());
    assert_eq!(stored(&pool, 1).await.state, "giving_up");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_in_the_kitchen_is_not_moved_by_the_answers_of_its_buying() {
    let pool = shop().await;
    for (order, state) in [(1, State::Preparing), (2, State::Ready), (3, State::Served)] {
        reach(&pool, order, state).await;
        let before = stored(&pool, order).await;
        tell(&pool, &reserved(order)).await;
        tell(&pool, &charged(order)).await;
        tell(&pool, &sold(order)).await;
        assert_eq!(stored(&pool, order).await, before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_answer_and_the_one_that_matters_share_a_batch() {
    let pool = shop().await;
    place(&pool, 1).await;
    happen(&pool, 1, Event::Cancel).await;
    let batch = [answer(1, Event::Reserved), answer(1, Event::Refunded)];
    bakery_testbed::message::handle(&pool, bakery_orders::Saga, &batch).await;
    assert_eq!(stored(&pool, 1).await.state, "giving_up_goods");
    tell(&pool, &released(1)).await;
    assert_eq!(stored(&pool, 1).await.state, "cancelled");
}
