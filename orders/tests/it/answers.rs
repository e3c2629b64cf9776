//! Answers that cannot be true: to the dead letters, without a record, and the order goes on.

use crate::{answer, charged, happen, order_id, reach, records, said, shop, stored, tell, wire};
use bakery_nats::process::Outcome;
use bakery_orders::Saga;
use bakery_orders::saga::{Event, State};
use bakery_testbed::{database, message};

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_for_an_unknown_order_is_a_dead_letter_and_its_batch_goes_on() {
    let pool = shop().await;
    reach(&pool, 1, State::Placed).await;
    let events = [
        Event::Reserved,
        Event::ReserveRefused,
        Event::Charged,
        Event::Declined,
        Event::Sold,
        Event::Released,
        Event::Refunded,
        Event::Restocked,
    ];
    for event in events {
        let reason = message::dead(&pool, Saga, &answer(9, event)).await;
        assert!(reason.contains("no such order"), "{event:?}: {reason}");
    }
    let batch = [answer(9, Event::Charged), answer(1, Event::Reserved)];
    let outcomes = message::handle(&pool, Saga, &batch).await;
    assert!(matches!(&outcomes[0], Outcome::Dead(_)));
    assert_eq!(stored(&pool, 1).await.state, "reserved");
    let left =
        format!("SELECT count(*) AS number FROM record WHERE business_id = '{}'", order_id(9));
    assert_eq!(database::number(&pool, &left).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_charge_of_another_amount_than_the_price_is_a_dead_letter_and_the_right_one_counts() {
    let pool = shop().await;
    reach(&pool, 1, State::Reserved).await;
    let before = stored(&pool, 1).await;
    let (mut more, mut less, mut dollars) = (charged(1), charged(1), charged(1));
    more.amount.amount += 1;
    less.amount.amount -= 1;
    dollars.amount.currency = "USD".to_owned().try_into().unwrap();
    for other in [more, less, dollars] {
        let reason = message::dead(&pool, Saga, &wire(&other)).await;
        assert!(reason.contains("instead of the price"), "{reason}");
    }
    assert_eq!(stored(&pool, 1).await, before);
    assert_eq!(records(&pool, 1, "charge").await, 0);
    assert_eq!(said(&tell(&pool, &charged(1)).await), ["cmd.inventory.main.confirm 1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_early_answer_is_a_dead_letter_without_a_record_and_counts_when_its_time_comes() {
    let pool = shop().await;
    reach(&pool, 1, State::Placed).await;
    for (event, step) in [(Event::Charged, "charge"), (Event::Sold, "confirm")] {
        let reason = message::dead(&pool, Saga, &answer(1, event)).await;
        assert!(reason.contains("cannot be true of a placed order"), "{reason}");
        assert_eq!(records(&pool, 1, step).await, 0, "a forged {event:?} left a record");
    }
    assert_eq!(stored(&pool, 1).await.state, "placed");
    for event in [Event::Reserved, Event::Charged, Event::Sold] {
        happen(&pool, 1, event).await;
    }
    assert_eq!(stored(&pool, 1).await.state, "confirmed");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_order_takes_an_answer_to_what_it_never_asked() {
    let pool = shop().await;
    let never = [
        (State::Placed, Event::Declined),
        (State::Placed, Event::Released),
        (State::Placed, Event::Refunded),
        (State::Reserved, Event::Sold),
        (State::Reserved, Event::Released),
        (State::Charged, Event::Released),
        (State::Charged, Event::Refunded),
        (State::Confirmed, Event::Released),
        (State::Confirmed, Event::Restocked),
        (State::Served, Event::Refunded),
        (State::Rejected, Event::Charged),
        (State::Releasing, Event::Sold),
        (State::Declined, Event::Refunded),
    ];
    for (order, (state, event)) in (1..).zip(never) {
        reach(&pool, order, state).await;
        let before = stored(&pool, order).await;
        let reason = message::dead(&pool, Saga, &answer(order, event)).await;
        assert!(reason.contains("cannot be true"), "{event:?} of {state:?}: {reason}");
        assert_eq!(stored(&pool, order).await, before, "{event:?} moved {state:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_step_with_other_content_is_a_dead_letter() {
    let pool = shop().await;
    reach(&pool, 1, State::Charged).await;
    let before = stored(&pool, 1).await;
    let mut other = charged(1);
    other.amount.amount += 1;
    for impostor in [wire(&other), answer(1, Event::Declined), answer(1, Event::ReserveRefused)] {
        let reason = message::dead(&pool, Saga, &impostor).await;
        assert!(reason.contains("other content"), "{reason}");
    }
    assert_eq!(stored(&pool, 1).await, before);
}
