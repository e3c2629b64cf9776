//! Two workers on the same orders take turns, and never wait for each other in a circle (R10, W8,
//! W18). One worker is the test itself: it holds an order's lock in a transaction of its own and
//! watches in `pg_locks` what the other waits for.

use crate::{ada, answer, balance, bank, charge_wire, code, deposit, deposits, eur, order_id};
use bakery_bank::Ledger;
use bakery_nats::Pool;
use bakery_nats::record::Record;
use bakery_testbed::{database, id, message};
use diesel_async::SimpleAsyncConnection;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Orders of the batch.
const ORDERS: u64 = 20;

/// The key of an order's lock, as the database sorts them.
async fn key(pool: &Pool, order: u64) -> i64 {
    let sql = format!("SELECT hashtextextended('{}', 0) AS number", order_id(order));
    database::number(pool, &sql).await
}

/// How many advisory locks of this database are waited for, or held.
async fn locks(pool: &Pool, granted: bool) -> i64 {
    let sql = format!(
        "SELECT count(*) AS number FROM pg_locks
         WHERE locktype = 'advisory' AND granted = {granted}
           AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    );
    database::number(pool, &sql).await
}

/// Handles a batch of charges while the test holds the lock of one of its orders; gives how many
/// locks the batch held when it had to wait.
async fn held_while_waiting_for(pool: &Pool, order: u64) -> i64 {
    let mut conn = pool.get().await.unwrap();
    conn.batch_execute("BEGIN").await.unwrap();
    Record::lock(&mut conn, &BTreeSet::from([order_id(order)])).await.unwrap();
    let wires: Vec<_> = (0..ORDERS).map(|n| charge_wire(n, 1)).collect();
    let other = pool.clone();
    let batch =
        tokio::spawn(async move { message::handle(&other, Ledger::default(), &wires).await });
    // Either it waits, which is seen, or it comes to its end, which is the fault.
    while locks(pool, false).await == 0 {
        assert!(!batch.is_finished(), "the batch did not wait for who works on one of its orders");
    }
    let held = locks(pool, true).await - 1;
    conn.batch_execute("COMMIT").await.unwrap();
    assert_eq!(batch.await.unwrap().len() as u64, ORDERS);
    held
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_waits_for_who_works_on_one_of_its_orders() {
    let pool = bank().await;
    held_while_waiting_for(&pool, 7).await;
    assert_eq!(balance(&pool, ada()).await, 10_000 - 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_waits_holds_only_locks_that_come_before_in_the_order_of_all() {
    let pool = bank().await;
    let mut keys: Vec<(i64, u64)> = Vec::new();
    for order in 0..ORDERS {
        keys.push((key(&pool, order).await, order));
    }
    let ids: BTreeSet<Uuid> = (0..ORDERS).map(order_id).collect();
    let by_id: Vec<u64> =
        ids.iter().map(|id| (0..ORDERS).find(|n| order_id(*n) == *id).unwrap()).collect();
    keys.sort_unstable();
    let by_key: Vec<u64> = keys.iter().map(|(_, order)| *order).collect();
    assert_ne!(by_key, by_id, "these orders cannot tell one order of locks from another");
    for (before, order) in [(0, by_key[0]), (10, by_key[10]), (19, by_key[19])] {
        assert_eq!(held_while_waiting_for(&pool, order).await, before, "behind order {order}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deposit_waits_for_who_works_on_the_same_deposit() {
    let pool = bank().await;
    let mut conn = pool.get().await.unwrap();
    conn.batch_execute("BEGIN").await.unwrap();
    Record::lock(&mut conn, &BTreeSet::from([id("deposit", 1)])).await.unwrap();
    let other = pool.clone();
    let paying = tokio::spawn(async move { deposits(&other, &[deposit(1, 100)]).await });
    while locks(&pool, false).await == 0 {
        assert!(!paying.is_finished(), "it did not wait for who works on its deposit");
    }
    conn.batch_execute("COMMIT").await.unwrap();
    let reply = paying.await.unwrap().remove(0).expect("paid in");
    assert_eq!(reply.balance, eur(10_100));
}

/// Two orders of one account have no lock in common but the account's own.
#[tokio::test(flavor = "multi_thread")]
async fn a_charge_waits_for_who_moves_the_money_of_its_account_and_sees_what_is_left() {
    let pool = bank().await;
    let mut conn = pool.get().await.unwrap();
    let spend = format!("BEGIN; UPDATE account SET balance = 299 WHERE id = '{}'", ada());
    conn.batch_execute(&spend).await.unwrap();
    let other = pool.clone();
    let charging = tokio::spawn(async move { answer(&other, &charge_wire(1, 300)).await });
    let waiting = "SELECT count(*) AS number FROM pg_stat_activity
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while database::number(&pool, waiting).await == 0 {
        assert!(!charging.is_finished(), "it did not wait for who moves its account's money");
    }
    conn.batch_execute("COMMIT").await.unwrap();
    assert_eq!(code(&charging.await.unwrap()), "insufficient_funds");
    assert_eq!(balance(&pool, ada()).await, 299);
}
