//! `bank.deposit`: money from outside, once for each deposit id.

use crate::{ada, balance, bank, bob, deposit, deposits, eur, money, records, transfers};
use bakery_bank::ledger::House;
use bakery_nats::money::AMOUNT_MAX;
use bakery_nats::requests::bank::Deposit;
use bakery_testbed::id;

#[tokio::test(flavor = "multi_thread")]
async fn many_deposits_in_one_batch_add_up_and_each_is_told_the_balance_after_it() {
    let pool = bank().await;
    let wanted: Vec<_> = (0..50).map(|n| deposit(n, 100)).collect();
    let told: Vec<i64> = (deposits(&pool, &wanted).await.into_iter())
        .map(|reply| reply.expect("paid in").balance.amount)
        .collect();
    assert_eq!(told, (1..=50).map(|n| 10_000 + n * 100).collect::<Vec<_>>());
    assert_eq!(balance(&pool, ada()).await, 15_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_deposit_again_is_the_same_success_and_paid_once() {
    let pool = bank().await;
    let before = transfers(&pool, "deposit").await;
    let twice = deposits(&pool, &[deposit(1, 100), deposit(1, 100)]).await;
    let later = deposits(&pool, &[deposit(1, 100)]).await;
    for reply in twice.into_iter().chain(later) {
        assert_eq!(reply.expect("paid in").balance, eur(10_100));
    }
    let made = transfers(&pool, "deposit").await - before;
    assert_eq!((balance(&pool, ada()).await, made), (10_100, 1));
    assert_eq!(records(&pool, id("deposit", 1)).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deposit_id_with_other_content_is_refused_and_its_batch_goes_on() {
    let pool = bank().await;
    deposits(&pool, &[deposit(1, 100)]).await.remove(0).expect("paid in");
    let bobs = Deposit { account_id: bob(), ..deposit(1, 100) };
    let dollars = Deposit { amount: money(100, "USD"), ..deposit(1, 100) };
    let replies = deposits(&pool, &[deposit(1, 101), bobs, dollars, deposit(2, 1)]).await;
    for reply in &replies[..3] {
        let refusal = reply.as_ref().expect_err("paid in twice");
        assert_eq!((refusal.status, refusal.code.as_str()), (422, "idempotency_key_reused"));
    }
    assert_eq!(replies[3].as_ref().expect("paid in").balance, eur(10_101));
    assert_eq!((balance(&pool, ada()).await, balance(&pool, bob()).await), (10_101, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deposit_into_no_customers_account_is_not_found() {
    let pool = bank().await;
    let before = transfers(&pool, "deposit").await;
    for account_id in [id("account", 9), House::World.account_id(&eur(0).currency)] {
        let replies = deposits(&pool, &[Deposit { account_id, ..deposit(1, 1) }]).await;
        assert_eq!(replies[0].as_ref().expect_err("paid in").status, 404);
    }
    assert_eq!(transfers(&pool, "deposit").await, before);
    assert_eq!(records(&pool, id("deposit", 1)).await, 0, "a refused deposit left a record");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_sum_or_currency_is_named_by_its_field_and_nothing_moves() {
    let pool = bank().await;
    let dollars = Deposit { amount: money(1, "USD"), ..deposit(4, 1) };
    let wrong = [
        deposit(1, 0),
        deposit(2, -1),
        deposit(3, AMOUNT_MAX + 1),
        dollars,
        deposit(5, AMOUNT_MAX),
    ];
    let replies = deposits(&pool, &wrong).await;
    let field = |n: usize| {
        let refusal = replies[n].as_ref().expect_err("paid in");
        (refusal.status, refusal.errors[0].field.clone())
    };
    for n in 0..3 {
        assert_eq!(field(n), (422, "amount.amount".to_owned()));
    }
    assert_eq!(field(3), (422, "amount.currency".to_owned()));
    assert!(replies[4].is_ok(), "the largest sum is refused");
    assert_eq!(balance(&pool, ada()).await, 10_000 + AMOUNT_MAX);
}
