//! A person and a message about the same order take turns: cancel and charged cannot cross. The
//! test holds the order's lock in a transaction of its own and watches who waits for it.

use crate::{advance, answer, order_id, reach, shop, stored};
use bakery_nats::Pool;
use bakery_nats::messages::orders::Status;
use bakery_nats::record::Record;
use bakery_nats::requests::orders::Action;
use bakery_orders::Saga;
use bakery_orders::saga::{Event, State};
use bakery_testbed::{database, message};
use diesel_async::SimpleAsyncConnection;
use std::collections::BTreeSet;

/// Runs `work` while the test holds the lock of order 1, which it must wait for.
async fn waits<F: Future<Output = ()> + Send + 'static>(pool: &Pool, work: F) {
    let waiting = "SELECT count(*) AS number FROM pg_locks
                   WHERE locktype = 'advisory' AND NOT granted AND database =
                       (SELECT oid FROM pg_database WHERE datname = current_database())";
    let mut conn = pool.get().await.unwrap();
    conn.batch_execute("BEGIN").await.unwrap();
    Record::lock(&mut conn, &BTreeSet::from([order_id(1)])).await.unwrap();
    let work = tokio::spawn(work);
    // Either it waits, which is seen, or it comes to its end, which is the fault.
    while database::number(pool, waiting).await == 0 {
        assert!(!work.is_finished(), "it did not wait for who works on its order");
    }
    conn.batch_execute("COMMIT").await.unwrap();
    work.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_waits_for_who_works_on_its_order() {
    let pool = shop().await;
    reach(&pool, 1, State::Reserved).await;
    let other = pool.clone();
    waits(&pool, async move {
        message::sent(&other, Saga, &answer(1, Event::Charged)).await;
    })
    .await;
    assert_eq!(stored(&pool, 1).await.state, "charged");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_waits_for_who_works_on_the_order() {
    let pool = shop().await;
    reach(&pool, 1, State::Reserved).await;
    let other = pool.clone();
    waits(&pool, async move {
        advance(&other, 1, Action::Cancel).await.0.expect("cancelled");
    })
    .await;
    assert_eq!(stored(&pool, 1).await.state, "giving_up");
}

/// The clock takes no lock but the row's: what an answer decides must be decided after it.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_and_a_person_that_waited_for_the_clock_see_what_the_clock_did() {
    let pool = shop().await;
    for order in [1, 2] {
        reach(&pool, order, State::Reserved).await;
    }
    let mut conn = pool.get().await.unwrap();
    let give_up = "BEGIN; UPDATE orders SET state = 'giving_up', status = 'cancelled', version = 3";
    conn.batch_execute(give_up).await.unwrap();
    let (first, second) = (pool.clone(), pool.clone());
    let charged =
        tokio::spawn(async move { message::sent(&first, Saga, &answer(1, Event::Charged)).await });
    let cancelled = tokio::spawn(async move { advance(&second, 2, Action::Cancel).await });
    let waiting = "SELECT count(*) AS number FROM pg_stat_activity
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while database::number(&pool, waiting).await < 2 {
        assert!(!charged.is_finished() && !cancelled.is_finished(), "it did not wait");
    }
    conn.batch_execute("COMMIT").await.unwrap();
    assert!(charged.await.unwrap().is_empty(), "sold after the clock gave it up");
    let (reply, sent) = cancelled.await.unwrap();
    assert_eq!((reply.expect("the same answer").status, sent.len()), (Status::Cancelled, 0));
    for order in [1, 2] {
        let row = stored(&pool, order).await;
        assert_eq!((row.state.as_str(), row.version), ("giving_up", 3));
    }
}
