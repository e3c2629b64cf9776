//! `bank.pay-back`: parts of a charge come doubled, late, together, and for more than there is.

use crate::{
    ada, answer, answers, asked, balance, bank, bob, charge, charge_wire, eur, order_id, refund,
    refund_wire, refused, transfers,
};
use bakery_bank::{Ledger, till};
use bakery_nats::Pool;
use bakery_nats::envelope::Wire;
use bakery_nats::messages::bank::{Charged, PaidBack, PayBack, Refunded};
use bakery_nats::process::Outcome;
use bakery_nats::requests::bank::{GetTill, Till};
use bakery_testbed::{at, database, id, message};
use diesel_async::SimpleAsyncConnection;
use tokio::task::JoinSet;

const UP: &str = include_str!("../../../migrations/bank/2026-11-24-210000_pay_back/up.sql");
const DOWN: &str = include_str!("../../../migrations/bank/2026-11-24-210000_pay_back/down.sql");
/// Parts that are asked for at the same time.
const AT_ONCE: u64 = 12;

/// A part of the first order, made in the 50th second.
fn part(n: u64, amount: i64) -> PayBack {
    PayBack {
        refund_id: id("refund", n),
        order_id: order_id(1),
        account_id: ada(),
        amount: eur(amount),
        made_at: at(50),
    }
}

fn part_wire(n: u64, amount: i64) -> Wire {
    message::wire("orders", &part(n, amount), at(60))
}

async fn refused_part(pool: &Pool, part: &PayBack) -> String {
    message::dead(pool, Ledger::default(), &message::wire("orders", part, at(60))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_is_paid_back_once_and_every_repeat_says_the_same_under_its_own_attempt() {
    let pool = bank().await;
    answer(&pool, &charge_wire(1, 300)).await;
    let first = answer(&pool, &part_wire(1, 100)).await;
    let again = message::wire_again("orders", &part(1, 100), at(90), 2);
    let second = answer(&pool, &again).await;
    let expected = PaidBack {
        refund_id: id("refund", 1),
        order_id: order_id(1),
        account_id: ada(),
        amount: eur(100),
    };
    assert_eq!(message::body::<PaidBack>(&first), expected);
    assert_eq!(first.payload, second.payload);
    assert!(first.message_id().ends_with(":pay-back:evt:1"));
    assert!(second.message_id().ends_with(":pay-back:evt:2"), "the repeat would be swallowed");
    assert_eq!((balance(&pool, ada()).await, transfers(&pool, "pay-back").await), (9_800, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_that_come_together_never_come_to_more_than_was_charged() {
    let pool = bank().await;
    answer(&pool, &charge_wire(1, 300)).await;
    // Each in a transaction of its own: they have no lock in common but that of the account.
    let mut at_once = JoinSet::new();
    for n in 0..AT_ONCE {
        let (pool, wire) = (pool.clone(), part_wire(n, 100));
        at_once.spawn(async move { message::handle(&pool, Ledger::default(), &[wire]).await });
    }
    let mut paid = 0;
    for outcome in at_once.join_all().await.into_iter().flatten() {
        match outcome {
            Outcome::Send(_) => paid += 1,
            Outcome::Dead(reason) => assert!(reason.contains("more than is left"), "{reason}"),
        }
    }
    assert_eq!((paid, transfers(&pool, "pay-back").await), (3, 3));
    assert_eq!(balance(&pool, ada()).await, 10_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_waits_for_who_moves_the_money_of_its_account_and_sees_what_is_left() {
    let pool = bank().await;
    answer(&pool, &charge_wire(1, 300)).await;
    let mut conn = pool.get().await.unwrap();
    let lock = format!("BEGIN; SELECT 1 FROM account WHERE id = '{}' FOR UPDATE", ada());
    conn.batch_execute(&lock).await.unwrap();
    let other = pool.clone();
    let part = tokio::spawn(async move { refused_part(&other, &part(1, 300)).await });
    let waiting = "SELECT count(*) AS number FROM pg_stat_activity
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while database::number(&pool, waiting).await == 0 {
        assert!(!part.is_finished(), "it did not wait for who moves its account's money");
    }
    let spend = format!(
        "INSERT INTO transfer (id, kind, order_id, branch, account_id, amount, currency, at)
         VALUES ('{}', 'pay-back', '{}', 'main', '{}', 1, 'EUR', now()); COMMIT",
        id("transfer", 1),
        order_id(1),
        ada()
    );
    conn.batch_execute(&spend).await.unwrap();
    let reason = part.await.unwrap();
    assert!(reason.contains("more than is left"), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_and_the_refund_of_the_whole_share_one_charge_in_any_order() {
    let pool = bank().await;
    answer(&pool, &charge_wire(1, 300)).await;
    let batch = answers(&pool, &[refund_wire(1), part_wire(1, 100)]).await;
    assert_eq!(message::body::<Refunded>(&batch[0]).amount, 200, "the rest, behind the part");
    assert_eq!(message::body::<PaidBack>(&batch[1]).amount, eur(100));
    assert!(refused_part(&pool, &part(2, 1)).await.contains("more than is left"));
    let again = message::wire_again("orders", &refund(1), at(99), 2);
    assert_eq!(message::body::<Refunded>(&answer(&pool, &again).await).amount, 200);
    assert_eq!(balance(&pool, ada()).await, 10_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_of_nothing_leaves_no_record_and_the_late_charge_is_taken() {
    let pool = bank().await;
    assert!(refused_part(&pool, &part(1, 100)).await.contains("was not charged"));
    let charged = answer(&pool, &charge_wire(1, 300)).await;
    assert_eq!(message::body::<Charged>(&charged).amount, eur(300));
    answer(&pool, &message::wire_again("orders", &part(1, 100), at(70), 2)).await;
    assert_eq!(balance(&pool, ada()).await, 9_800);
    let stolen = PayBack { account_id: bob(), ..part(2, 100) };
    assert!(refused_part(&pool, &stolen).await.contains("another account"));
    assert_eq!(balance(&pool, bob()).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_tombstone_there_is_nothing_to_pay_back() {
    let pool = bank().await;
    answer(&pool, &refund_wire(1)).await;
    answer(&pool, &message::wire("orders", &charge(1, 300), at(3))).await;
    assert!(refused_part(&pool, &part(1, 100)).await.contains("was not charged"));
    assert_eq!(balance(&pool, ada()).await, 10_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_till_counts_a_part_when_the_refund_was_made_however_late_it_is_paid() {
    let pool = bank().await;
    answer(&pool, &charge_wire(1, 300)).await;
    answer(&pool, &message::wire("orders", &part(1, 100), at(9_000))).await;
    let sums = async |from, to| {
        let (branch, currency) = ("main".parse().unwrap(), eur(0).currency);
        let body = GetTill { branch, currency, from: at(from), to: at(to) };
        till(pool.clone(), asked(body)).await.unwrap()
    };
    assert_eq!(sums(0, 50).await, Till { charged: 300, refunded: 0 });
    assert_eq!(sums(50, 51).await, Till { charged: 0, refunded: 100 });
    assert_eq!(sums(51, 10_000).await, Till { charged: 0, refunded: 0 });
}

#[tokio::test(flavor = "multi_thread")]
async fn the_migration_goes_back_only_while_nothing_was_paid_back() {
    let pool = bank().await;
    answer(&pool, &charge_wire(1, 300)).await;
    database::execute(&pool, DOWN).await;
    database::execute(&pool, UP).await;
    answer(&pool, &part_wire(1, 100)).await;
    let reason = refused(&pool, &format!("BEGIN; {DOWN}")).await;
    assert!(reason.contains("transfer_kind_check"), "{reason}");
}
