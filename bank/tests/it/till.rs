//! `bank.till`: what came into a branch's till in a span of time, and what left it.

use crate::{ada, answers, asked, bank, bob, charge, deposit, deposits, eur, money, new, refund};
use bakery_bank::{OpenAccountsWriter, till};
use bakery_nats::Pool;
use bakery_nats::envelope::Wire;
use bakery_nats::messages::bank::Charge;
use bakery_nats::refusal::Refusal;
use bakery_nats::requests::bank::{GetTill, NewAccount, OpenAccounts, Till};
use bakery_testbed::{at, id, message};
use chrono::{DateTime, TimeDelta, Utc};

/// What moved at a branch from one second of the test day to another.
async fn moved(pool: &Pool, branch: &str, span: (i64, i64)) -> Till {
    between(pool, branch, "EUR", (at(span.0), at(span.1))).await.expect("sums")
}

async fn between(
    pool: &Pool,
    branch: &str,
    currency: &str,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Till, Refusal> {
    let currency = money(0, currency).currency;
    let body = GetTill { branch: branch.parse().unwrap(), currency, from, to };
    till(pool.clone(), asked(body)).await
}

/// The transfer is made at this time.
async fn charged(pool: &Pool, order: u64, amount: i64, time: DateTime<Utc>) {
    answers(pool, &[message::wire("orders", &charge(order, amount), time)]).await;
}

fn at_branch(mut wire: Wire, branch: &str) -> Wire {
    wire.subject = wire.subject.replace(".main.", &format!(".{branch}."));
    wire
}

fn sums(charged: i64, refunded: i64) -> Till {
    Till { charged, refunded }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_span_begins_with_its_first_microsecond_and_ends_before_its_last() {
    let pool = bank().await;
    let instant = TimeDelta::microseconds(1);
    let (from, to) = (at(100), at(200));
    for (order, amount, time) in
        [(1, 1, from - instant), (2, 10, from), (3, 100, to - instant), (4, 1000, to)]
    {
        charged(&pool, order, amount, time).await;
    }
    let span = |from, to| between(&pool, "main", "EUR", (from, to));
    assert_eq!(span(from, to).await.unwrap(), sums(110, 0));
    assert_eq!(span(from - instant, to + instant).await.unwrap(), sums(1111, 0));
    assert_eq!(span(from, from + instant).await.unwrap(), sums(10, 0));
    assert_eq!(span(from, from).await.unwrap(), sums(0, 0), "an empty span is no mistake");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_span_that_ends_before_it_begins_is_named_by_its_field() {
    let pool = bank().await;
    let backwards = (at(100), at(100) - TimeDelta::microseconds(1));
    let refusal = between(&pool, "main", "EUR", backwards).await.expect_err("sums");
    assert_eq!((refusal.status, refusal.errors[0].field.as_str()), (422, "to"));
}

#[tokio::test(flavor = "multi_thread")]
async fn charges_and_refunds_are_added_up_apart_and_each_at_its_own_time() {
    let pool = bank().await;
    for (order, amount) in [(1, 300), (2, 500), (3, 700)] {
        charged(&pool, order, amount, at(10)).await;
    }
    let back = [refund(1), refund(2)].map(|refund| message::wire("orders", &refund, at(20)));
    answers(&pool, &back).await;
    // Neither moves any money: a tombstone, and a charge that finds it.
    answers(&pool, &[message::wire("orders", &refund(4), at(15))]).await;
    charged(&pool, 4, 900, at(16)).await;
    assert_eq!(moved(&pool, "main", (0, 100)).await, sums(1500, 800));
    assert_eq!(moved(&pool, "main", (0, 20)).await, sums(1500, 0));
    assert_eq!(moved(&pool, "main", (20, 21)).await, sums(0, 800));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_branch_has_a_till_of_its_own_and_an_unknown_one_is_empty() {
    let pool = bank().await;
    let wires =
        [(1, "main", 30), (2, "north", 400), (3, "north", 5)].map(|(order, branch, sum)| {
            at_branch(message::wire("orders", &charge(order, sum), at(10)), branch)
        });
    answers(&pool, &wires).await;
    // Whatever branch a refund is asked at, the till that was paid gives it back.
    answers(&pool, &[message::wire("orders", &refund(2), at(20))]).await;
    assert_eq!(moved(&pool, "main", (0, 100)).await, sums(30, 0));
    assert_eq!(moved(&pool, "north", (0, 100)).await, sums(405, 400));
    assert_eq!(moved(&pool, "south", (0, 100)).await, sums(0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_currency_has_a_till_of_its_own() {
    let pool = bank().await;
    let opening = money(10_000, "USD");
    let carl = NewAccount { opening, ..new(id("account", 3), 0) };
    let open = OpenAccounts { accounts: vec![carl.clone()] };
    message::write(&pool, OpenAccountsWriter, open, at(1)).await.0.expect("opened");
    let dollars = Charge { account_id: carl.id, amount: money(7, "USD"), ..charge(1, 0) };
    answers(&pool, &[message::wire("orders", &dollars, at(10))]).await;
    charged(&pool, 2, 30, at(10)).await;
    let day = (at(0), at(100));
    assert_eq!(between(&pool, "main", "USD", day).await.unwrap(), sums(7, 0));
    assert_eq!(between(&pool, "main", "EUR", day).await.unwrap(), sums(30, 0));
    assert_eq!(between(&pool, "main", "CHF", day).await.unwrap(), sums(0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn deposits_and_declined_charges_are_not_the_tills() {
    let pool = bank().await;
    let before = crate::balance(&pool, ada()).await;
    deposits(&pool, &[deposit(1, 5000)]).await.remove(0).expect("paid in");
    assert_eq!(crate::balance(&pool, ada()).await, before + 5000);
    let bobs = Charge { account_id: bob(), amount: eur(1), ..charge(1, 0) };
    answers(&pool, &[message::wire("orders", &bobs, at(10))]).await;
    assert_eq!(moved(&pool, "main", (-1_000_000, 1_000_000)).await, sums(0, 0));
}
