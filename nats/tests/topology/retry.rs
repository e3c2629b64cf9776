//! A dead letter that is handled once more by its service: when its cause is mended it takes effect,
//! once; until then it is refused as before.

use crate::dead::{BURIED, MIGRATIONS, Service, Tiny, all_acknowledged, reserve, with_body};
use crate::pull::{count, publish};
use crate::server::{Server, until};
use bakery_nats::Pool;
use bakery_nats::ask::ask;
use bakery_nats::connect::Bus;
use bakery_nats::consume::Consumer;
use bakery_nats::dead::{DEAD, letter};
use bakery_nats::envelope::Wire;
use bakery_nats::publish::Stream;
use bakery_nats::requests::dead::{InventoryRetryDead, Retried, RetryOutcome};
use bakery_nats::retry::STILL_DEAD;
use bakery_nats::serve::Desk;
use bakery_nats::topology::STREAM;
use bakery_testbed::{at, database};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

/// A server on which these became dead letters of inventory, in this order.
async fn buried(wires: &[Wire]) -> (Server, Pool, Bus) {
    let (server, pool) = tokio::join!(Server::new(), database::fresh("inventory", MIGRATIONS));
    let inventory = server.bus("inventory").await;
    let service = Service::start(&inventory, &pool);
    for (place, wire) in wires.iter().enumerate() {
        publish(&server.bus("orders").await, vec![wire.clone()]).await;
        all_acknowledged(&inventory, place + 1).await;
    }
    service.stop().await;
    (server, pool, inventory)
}

fn consumer(bus: &Bus, pool: &Pool, mended: bool) -> Consumer<Tiny, Stream> {
    Consumer {
        bus: bus.clone(),
        pool: pool.clone(),
        handler: Arc::new(Tiny { mended }),
        outlet: Arc::new(Stream { context: bus.context.clone() }),
        clock: Arc::new(|| at(100)),
    }
}

async fn records(pool: &Pool) -> i64 {
    database::number(pool, "SELECT count(*) AS number FROM record").await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_still_wrong_is_refused_with_the_reason_and_makes_no_second_letter() {
    let wires = [with_body(1, r#"{"lines":[]}"#), reserve(2, BURIED)];
    let (server, pool, inventory) = buried(&wires).await;
    let consumer = consumer(&inventory, &pool, false);
    for (sequence, reason) in [(1, "missing field `order_id`"), (2, "two lines are one too many")] {
        for _ in 0..2 {
            let refusal = consumer.retry(sequence, Uuid::now_v7()).await.unwrap_err();
            assert_eq!((refusal.status, refusal.code.as_str()), (409, STILL_DEAD));
            assert!(refusal.detail.contains(reason), "{refusal}");
        }
    }
    let operator = server.bus("operator").await;
    assert_eq!((count(&operator, DEAD).await, count(&operator, STREAM).await), (2, 2));
    assert_eq!(records(&pool).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_mended_takes_effect_once_however_many_want_it_at_once() {
    let (server, pool, inventory) = buried(&[reserve(1, BURIED)]).await;
    let consumer = consumer(&inventory, &pool, true);
    let tries = (0..5).map(|_| consumer.retry(1, Uuid::now_v7()));
    let outcomes: Vec<Retried> =
        futures::future::join_all(tries).await.into_iter().map(Result::unwrap).collect();
    let done = outcomes.iter().filter(|one| one.outcome == RetryOutcome::Done).count();
    assert_eq!(done, 1, "{outcomes:?}");
    assert!(outcomes.iter().all(|one| one.messages == 1), "{outcomes:?}");
    let again = consumer.retry(1, Uuid::now_v7()).await.unwrap();
    assert_eq!(again.outcome, RetryOutcome::AlreadyDone);
    assert_eq!(records(&pool).await, 1);
    // The letter stays: it tells what was. What followed from it is in the log, once in a moment.
    let operator = server.bus("operator").await;
    assert_eq!((count(&operator, DEAD).await, count(&operator, STREAM).await), (1, 2));
    let stream = operator.context.get_stream(STREAM).await.unwrap();
    let answer = stream.get_raw_message(2).await.unwrap();
    assert_eq!(answer.subject.as_str(), "bakery.evt.inventory.main.released");
    let cause = answer.headers.get("Causation-Id").unwrap().as_str();
    assert!(cause.starts_with("retry:1:"), "{cause}");
}

/// Only the gateway asks, and no service touches what another could not take.
#[tokio::test(flavor = "multi_thread")]
async fn a_desk_handles_its_own_letters_and_no_others() {
    let (server, pool, inventory) = buried(&[reserve(1, BURIED)]).await;
    let wire = reserve(2, 1);
    let headers = wire.header_map();
    let foreign = letter("bank", &wire.subject, 7, Some(&headers), wire.payload.clone(), "a test");
    publish(&server.bus("bank").await, vec![foreign]).await;
    let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
    let ends = (tasks.clone(), stop.clone());
    let desk = Desk::open(&inventory, "inventory", "a desk", Arc::new(|| at(0)), ends);
    let desk = desk.await.unwrap();
    let consumer = Arc::new(consumer(&inventory, &pool, true));
    consumer.answer_retries::<InventoryRetryDead>(&desk).await.unwrap();
    let gateway = server.bus("gateway").await.client;
    let ask = async |sequence| ask(&gateway, &InventoryRetryDead { sequence }).await;
    let done = until("the desk", || async { ask(1).await.ok() }).await;
    assert_eq!(done.messages, 1);
    for sequence in [0, 2, 3, u64::MAX] {
        let refusal = ask(sequence).await.unwrap_err();
        assert_eq!((refusal.status, refusal.code.as_str()), (404, "not_found"), "{sequence}");
    }
    assert_eq!(records(&pool).await, 1);
    stop.cancel();
    desk.close().await;
}
