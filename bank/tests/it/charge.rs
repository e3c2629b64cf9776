//! `bank.charge`: the whole sum once, or nothing and the reason.

use crate::{
    ada, answer, answers, balance, bank, bob, charge, charge_wire, code, deposit, deposits, eur,
    money, order_id, records, transfers,
};
use bakery_bank::Ledger;
use bakery_bank::ledger::{House, TransferKind};
use bakery_nats::messages::bank::{Charge, Charged};
use bakery_nats::process::Outcome;
use bakery_testbed::{at, database, id, message};

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_sum_goes_from_the_account_into_the_till_of_the_branch() {
    let pool = bank().await;
    let said = answer(&pool, &charge_wire(1, 300)).await;
    assert_eq!(said.subject, "bakery.evt.bank.main.charged");
    assert_eq!(said.message_id(), format!("bank:{}:charge:evt:1", order_id(1)));
    let transfer_id = TransferKind::Charge.transfer_id(order_id(1));
    let expected =
        Charged { order_id: order_id(1), account_id: ada(), transfer_id, amount: eur(300) };
    assert_eq!(message::body::<Charged>(&said), expected);
    assert_eq!(balance(&pool, ada()).await, 9700);
    let till = House::Till("main".parse().unwrap()).account_id(&eur(0).currency);
    let sql = format!(
        "SELECT amount AS number FROM entry
         WHERE transfer_id = '{transfer_id}' AND account_id = '{till}'"
    );
    assert_eq!(database::number(&pool, &sql).await, 300);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_charges_in_one_batch_never_overdraw_the_account_together() {
    let pool = bank().await;
    let said = answers(&pool, &[charge_wire(1, 6000), charge_wire(2, 6000)]).await;
    assert_eq!(message::body::<Charged>(&said[0]).amount, eur(6000));
    assert_eq!(code(&said[1]), "insufficient_funds");
    assert_eq!((balance(&pool, ada()).await, transfers(&pool, "charge").await), (4000, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_charges_in_one_batch_just_those_the_money_lasts_for_are_taken() {
    let pool = bank().await;
    let wires: Vec<_> = (0..15).map(|n| charge_wire(n, 1000)).collect();
    let said = answers(&pool, &wires).await;
    let charged: Vec<bool> =
        said.iter().map(|answer| answer.subject.ends_with(".charged")).collect();
    assert_eq!(charged, [[true; 10].as_slice(), [false; 5].as_slice()].concat());
    assert_eq!((balance(&pool, ada()).await, transfers(&pool, "charge").await), (0, 10));
    // The table would not let the balance below zero, and the batch would be halved until each
    // charge stands alone: right as well, but not one transaction.
    let commits = "SELECT count(DISTINCT xmin::text) AS number FROM record WHERE step = 'charge'";
    assert_eq!(database::number(&pool, commits).await, 1, "the batch was halved");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_is_answered_from_the_record_under_its_own_attempt() {
    let pool = bank().await;
    let first = answer(&pool, &charge_wire(1, 300)).await;
    let again = message::wire_again("orders", &charge(1, 300), at(999), 2);
    let second = answer(&pool, &again).await;
    assert_eq!(first.payload, second.payload, "a recorded result changed");
    assert_eq!(first.header("At"), second.header("At"), "the same thing has two times");
    assert!(first.message_id().ends_with(":charge:evt:1"));
    assert!(second.message_id().ends_with(":charge:evt:2"), "the repeat would be swallowed");
    assert_eq!((balance(&pool, ada()).await, transfers(&pool, "charge").await), (9700, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn doubles_in_one_batch_are_each_answered_and_charged_once() {
    let pool = bank().await;
    let again = message::wire_again("orders", &charge(1, 300), at(2), 2);
    let said = answers(&pool, &[charge_wire(1, 300), again]).await;
    assert_eq!(said[0].payload, said[1].payload);
    assert!(said[0].message_id().ends_with(":charge:evt:1"));
    assert!(said[1].message_id().ends_with(":charge:evt:2"));
    assert_eq!((balance(&pool, ada()).await, transfers(&pool, "charge").await), (9700, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declined_charge_stays_declined_although_there_is_money_now() {
    let pool = bank().await;
    let first = answer(&pool, &charge_wire(1, 10_001)).await;
    assert_eq!(code(&first), "insufficient_funds");
    deposits(&pool, &[deposit(1, 1)]).await.remove(0).expect("paid in");
    let again = message::wire_again("orders", &charge(1, 10_001), at(9), 2);
    let second = answer(&pool, &again).await;
    assert_eq!(first.payload, second.payload, "a refusal was taken back");
    assert_eq!((balance(&pool, ada()).await, transfers(&pool, "charge").await), (10_001, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_step_with_other_content_is_a_dead_letter() {
    let pool = bank().await;
    answer(&pool, &charge_wire(1, 300)).await;
    let bobs = Charge { account_id: bob(), ..charge(1, 300) };
    for other in [charge_wire(1, 301), message::wire("orders", &bobs, at(1))] {
        let reason = message::dead(&pool, Ledger::default(), &other).await;
        assert!(reason.contains("other content"), "{reason}");
    }
    assert_eq!((balance(&pool, ada()).await, transfers(&pool, "charge").await), (9700, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_impostor_in_the_same_batch_is_a_dead_letter_and_the_first_is_charged() {
    let pool = bank().await;
    let wires = [charge_wire(1, 300), charge_wire(1, 301)];
    let outcomes = message::handle(&pool, Ledger::default(), &wires).await;
    assert!(matches!(&outcomes[0], Outcome::Send(_)), "{:?}", outcomes[0]);
    assert!(matches!(&outcomes[1], Outcome::Dead(reason) if reason.contains("other content")));
    assert_eq!(balance(&pool, ada()).await, 9700);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_account_and_one_of_the_house_are_declined() {
    let pool = bank().await;
    let world = House::World.account_id(&eur(0).currency);
    for (n, stranger) in [(1, id("account", 9)), (2, world)] {
        let body = Charge { account_id: stranger, ..charge(n, 1) };
        let said = answer(&pool, &message::wire("orders", &body, at(1))).await;
        assert_eq!(code(&said), "unknown_account");
    }
    assert_eq!(transfers(&pool, "charge").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_currency_is_declined_and_takes_nothing() {
    let pool = bank().await;
    let body = Charge { amount: money(1, "USD"), ..charge(1, 1) };
    let said = answer(&pool, &message::wire("orders", &body, at(1))).await;
    assert_eq!(code(&said), "wrong_currency");
    assert_eq!((balance(&pool, ada()).await, transfers(&pool, "charge").await), (10_000, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_free_order_is_charged_and_moves_nothing() {
    let pool = bank().await;
    let body = Charge { account_id: bob(), ..charge(1, 0) };
    let said = answer(&pool, &message::wire("orders", &body, at(1))).await;
    assert_eq!(message::body::<Charged>(&said).amount, eur(0));
    assert_eq!(transfers(&pool, "charge").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_negative_charge_is_a_dead_letter_without_a_record_and_the_good_ones_do_not_wait() {
    let pool = bank().await;
    let wires = [charge_wire(1, 100), charge_wire(2, -100), charge_wire(3, 100)];
    let outcomes = message::handle(&pool, Ledger::default(), &wires).await;
    assert!(matches!(&outcomes[1], Outcome::Dead(reason) if reason.contains("negative")));
    assert_eq!(records(&pool, order_id(2)).await, 0);
    assert_eq!((balance(&pool, ada()).await, transfers(&pool, "charge").await), (9800, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_charge_whose_record_is_gone_is_answered_from_the_ledger_and_taken_once() {
    let pool = bank().await;
    let first = answer(&pool, &charge_wire(1, 300)).await;
    let forget = format!("DELETE FROM record WHERE business_id = '{}'", order_id(1));
    database::execute(&pool, &forget).await;
    let second = answer(&pool, &charge_wire(1, 300)).await;
    assert_eq!(first.payload, second.payload);
    assert_eq!((balance(&pool, ada()).await, transfers(&pool, "charge").await), (9700, 1));
}
