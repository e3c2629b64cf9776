//! `bank.refund`: the undo of a charge comes late, twice, or first.

use crate::{
    ada, answer, answers, balance, bank, bob, charge, charge_wire, code, order_id, records, refund,
    refund_wire, transfers,
};
use bakery_bank::Ledger;
use bakery_nats::messages::bank::{Charged, Refund, Refunded};
use bakery_testbed::{at, message};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_is_given_back_once_and_a_second_refund_says_the_same() {
    let pool = bank().await;
    answer(&pool, &charge_wire(1, 300)).await;
    let first = answer(&pool, &refund_wire(1)).await;
    let again = message::wire_again("orders", &refund(1), at(9), 2);
    let second = answer(&pool, &again).await;
    let expected = Refunded { order_id: order_id(1), account_id: ada(), amount: 300 };
    assert_eq!(message::body::<Refunded>(&first), expected);
    assert_eq!(first.payload, second.payload);
    assert!(first.message_id().ends_with(":refund:evt:1"));
    assert!(second.message_id().ends_with(":refund:evt:2"), "the repeat would be swallowed");
    assert_eq!((balance(&pool, ada()).await, transfers(&pool, "refund").await), (10_000, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_before_its_charge_leaves_a_tombstone_the_late_charge_finds() {
    let pool = bank().await;
    let refunded = answer(&pool, &refund_wire(1)).await;
    assert_eq!(message::body::<Refunded>(&refunded).amount, 0);
    let late = answer(&pool, &charge_wire(1, 300)).await;
    assert_eq!(code(&late), "already_refunded");
    let moved = (transfers(&pool, "charge").await, transfers(&pool, "refund").await);
    assert_eq!((balance(&pool, ada()).await, moved), (10_000, (0, 0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn charge_and_refund_in_one_batch_leave_the_money_where_it_was() {
    let pool = bank().await;
    let said = answers(&pool, &[refund_wire(1), charge_wire(1, 300)]).await;
    assert_eq!(message::body::<Refunded>(&said[0]).amount, 300);
    assert_eq!(message::body::<Charged>(&said[1]).order_id, order_id(1));
    answers(&pool, &[charge_wire(2, 300), refund_wire(2)]).await;
    let moved = (transfers(&pool, "charge").await, transfers(&pool, "refund").await);
    assert_eq!((balance(&pool, ada()).await, moved), (10_000, (2, 2)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_charge_repeated_after_its_refund_says_the_same_and_takes_nothing() {
    let pool = bank().await;
    let first = answer(&pool, &charge_wire(1, 300)).await;
    answer(&pool, &refund_wire(1)).await;
    let again = message::wire_again("orders", &charge(1, 300), at(9), 2);
    assert_eq!(answer(&pool, &again).await.payload, first.payload);
    assert_eq!((balance(&pool, ada()).await, transfers(&pool, "charge").await), (10_000, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_of_a_declined_charge_gives_nothing() {
    let pool = bank().await;
    answer(&pool, &charge_wire(1, 10_001)).await;
    let refunded = answer(&pool, &refund_wire(1)).await;
    assert_eq!(message::body::<Refunded>(&refunded).amount, 0);
    assert_eq!((balance(&pool, ada()).await, transfers(&pool, "refund").await), (10_000, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_money_goes_back_to_who_paid_whatever_account_the_refund_names() {
    let pool = bank().await;
    answer(&pool, &charge_wire(1, 300)).await;
    let bobs = Refund { account_id: bob(), ..refund(1) };
    let said = answer(&pool, &message::wire("orders", &bobs, at(2))).await;
    assert_eq!(message::body::<Refunded>(&said).account_id, ada());
    assert_eq!((balance(&pool, ada()).await, balance(&pool, bob()).await), (10_000, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_for_another_account_than_before_is_a_dead_letter() {
    let pool = bank().await;
    answer(&pool, &charge_wire(1, 300)).await;
    answer(&pool, &refund_wire(1)).await;
    let bobs = Refund { account_id: bob(), ..refund(1) };
    let wire = message::wire("orders", &bobs, at(3));
    let reason = message::dead(&pool, Ledger::default(), &wire).await;
    assert!(reason.contains("other content"), "{reason}");
    assert_eq!((transfers(&pool, "refund").await, records(&pool, order_id(1)).await), (1, 2));
}
