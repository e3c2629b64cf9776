//! What the database itself holds on to, whatever the code above it does.

use crate::{
    ada, answer, answers, balance, bank, bob, charge, charge_wire, deposit, deposits, eur, refund,
    refund_wire, refused, transfers,
};
use bakery_bank::Ledger;
use bakery_bank::ledger::House;
use bakery_nats::Pool;
use bakery_testbed::{at, database, id, message};

/// Charges, refunds, refusals and deposits in several batches.
async fn busy_day(pool: &Pool) {
    let charges: Vec<_> = (0..8).map(|n| charge_wire(n, 2000)).collect();
    answers(pool, &charges).await;
    let mut mixed = vec![refund_wire(0), refund_wire(1), refund_wire(20)];
    mixed.push(message::wire_again("orders", &charge(2, 2000), at(3), 2));
    mixed.push(message::wire_again("orders", &refund(0), at(3), 2));
    answers(pool, &mixed).await;
    deposits(pool, &(0..5).map(|n| deposit(n, 333)).collect::<Vec<_>>()).await;
    let last = [charge_wire(20, 1), charge_wire(21, 150), charge_wire(22, -1)];
    message::handle(pool, Ledger::default(), &last).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_transfer_has_two_entries_that_sum_to_zero() {
    let pool = bank().await;
    busy_day(&pool).await;
    let mut all = 0;
    for kind in ["deposit", "charge", "refund"] {
        let made = transfers(&pool, kind).await;
        assert!(made > 0, "the day saw no {kind}");
        all += made;
    }
    let right = "SELECT count(*) AS number FROM (
                     SELECT t.id FROM transfer t JOIN entry e ON e.transfer_id = t.id
                     GROUP BY t.id, t.amount
                     HAVING count(*) = 2 AND sum(e.amount) = 0 AND max(e.amount) = t.amount
                 ) AS balanced";
    assert_eq!(database::number(&pool, right).await, all);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_balance_is_the_sum_of_the_entries() {
    let pool = bank().await;
    busy_day(&pool).await;
    // Five charges of 20.00 until nothing was left, two of them given back, one of 1.50 after.
    assert_eq!(balance(&pool, ada()).await, 4000 - 150 + 5 * 333);
    let wrong = "SELECT count(*) AS number FROM account a
                 WHERE kind = 'customer' AND balance IS DISTINCT FROM coalesce(
                     (SELECT sum(amount) FROM entry WHERE account_id = a.id), 0)";
    assert_eq!(database::number(&pool, wrong).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_till_of_each_branch_holds_what_it_was_paid_less_what_it_gave_back() {
    let pool = bank().await;
    let mut north = charge_wire(1, 500);
    north.subject = north.subject.replace(".main.", ".north.");
    answers(&pool, &[charge_wire(2, 70), north, charge_wire(3, 7)]).await;
    answer(&pool, &refund_wire(3)).await;
    // Whatever branch a refund is asked at, the till that was paid gives it back.
    answer(&pool, &refund_wire(1)).await;
    for (branch, holds) in [("main", 70), ("north", 0)] {
        let till = House::Till(branch.parse().unwrap()).account_id(&eur(0).currency);
        let sql =
            format!("SELECT sum(amount)::bigint AS number FROM entry WHERE account_id = '{till}'");
        assert_eq!(database::number(&pool, &sql).await, holds, "{branch}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ledger_can_only_be_added_to() {
    let pool = bank().await;
    answer(&pool, &charge_wire(1, 300)).await;
    let count = "SELECT (SELECT count(*) FROM transfer) + (SELECT count(*) FROM entry) AS number";
    let before = database::number(&pool, count).await;
    for table in ["transfer", "entry"] {
        for sql in [
            format!("UPDATE {table} SET amount = amount + 1"),
            format!("DELETE FROM {table}"),
            format!("TRUNCATE {table} CASCADE"),
        ] {
            let reason = refused(&pool, &sql).await;
            assert!(reason.contains("is insert-only"), "{sql}: {reason}");
        }
    }
    assert_eq!(database::number(&pool, count).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lopsided_transfer_is_refused_whole() {
    let pool = bank().await;
    let before = transfers(&pool, "deposit").await;
    let (transfer, ada) = (id("transfer", 1), ada());
    let reason = refused(
        &pool,
        &format!(
            "BEGIN;
             INSERT INTO transfer (id, kind, account_id, amount, currency, at)
             VALUES ('{transfer}', 'deposit', '{ada}', 5, 'EUR', now());
             INSERT INTO entry (transfer_id, account_id, amount, at)
             VALUES ('{transfer}', '{ada}', 5, now());
             COMMIT"
        ),
    )
    .await;
    assert!(reason.contains("do not sum to zero"), "{reason}");
    database::execute(&pool, "ROLLBACK").await;
    assert_eq!(transfers(&pool, "deposit").await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_balance_below_zero_and_no_second_charge_of_an_order_can_be_written_at_all() {
    let pool = bank().await;
    let overdrawn = format!("UPDATE account SET balance = -1 WHERE id = '{}'", bob());
    let reason = refused(&pool, &overdrawn).await;
    assert!(reason.contains("account_balance_check"), "{reason}");
    answer(&pool, &charge_wire(1, 300)).await;
    let second = format!(
        "INSERT INTO transfer (id, kind, order_id, branch, account_id, amount, currency, at)
         SELECT '{}', kind, order_id, branch, account_id, amount, currency, at
         FROM transfer WHERE kind = 'charge'",
        id("transfer", 1)
    );
    let reason = refused(&pool, &second).await;
    assert!(reason.contains("transfer_of_order"), "{reason}");
}
