//! S4: an idempotency key is one order, whatever is done with it: at two gateways at once, while what
//! stands behind them is killed, with other bodies, by others, and too long.

use crate::processes::Processes;
use crate::shop::{Counter, Ground, answer, fill, order_id, wish};
use futures::StreamExt;
use serde_json::Value;
use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use uuid::Uuid;

const KEYS: usize = 200;
/// How often each key is used, over both gateways.
const USES: usize = 6;
const AT_ONCE: usize = 24;
/// A request that was not answered, or with 503, is sent again for so long.
const ANSWERED_WITHIN_S: u64 = 60;
const TRY_PAUSE_MS: u64 = 50;

/// One use of a key by a customer who tries until there is an answer.
async fn buy(counter: &Counter, customer: u64, key: &str) -> Uuid {
    let begin = Instant::now();
    loop {
        let request = counter.post_as(customer, "/orders").header("Idempotency-Key", key);
        let request = request.json(&wish("bread", 1));
        let sent = request.send().await.ok();
        let answered = match sent {
            Some(answer) => Some((answer.status().as_u16(), answer.json::<Value>().await)),
            None => None,
        };
        match answered {
            Some((202, Ok(order))) => return order_id(&order),
            // The gateway or what it asks is gone just now, also in the middle of an answer.
            None | Some((503 | 202, _)) => {}
            Some((status, problem)) => panic!("{status} {problem:?}"),
        }
        assert!(begin.elapsed() < Duration::from_secs(ANSWERED_WITHIN_S), "no answer to {key}");
        tokio::time::sleep(Duration::from_millis(TRY_PAUSE_MS)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_one_order_over_two_gateways_and_through_crashes() {
    let ground = Ground::new().await;
    let mut processes = Processes::start(&ground).await;
    let second = processes.second_gateway();
    let bus = ground.bus().await;
    fill(&bus, &[("bread", 100, 1000)]).await;
    let counter = Counter::open(processes.http, &bus, &[(1, 1_000_000), (2, 1_000_000)]).await;
    let gateways = [counter.clone(), counter.at(second)];
    gateways[1].answers().await;

    // Uses of the same key are next to each other, so that they are under way together.
    let done = AtomicUsize::new(0);
    let uses = futures::stream::iter(0..KEYS * USES).map(|n| {
        let (counter, done) = (&gateways[n % 2], &done);
        async move {
            let key = format!("key-{}", n / USES);
            let id = buy(counter, 1, &key).await;
            done.fetch_add(1, Ordering::Relaxed);
            (key, id)
        }
    });
    let crashes = async {
        for role in ["orders", "gateway", "gateway-2", "orders"] {
            let before = done.load(Ordering::Relaxed);
            while done.load(Ordering::Relaxed) < before + KEYS * USES / 6 {
                tokio::time::sleep(Duration::from_millis(TRY_PAUSE_MS)).await;
            }
            processes.restart(role);
        }
        done.load(Ordering::Relaxed)
    };
    let uses = uses.buffer_unordered(AT_ONCE).collect::<HashSet<_>>();
    let (ids, last_crash) = tokio::join!(uses, crashes);
    assert!(last_crash < KEYS * USES, "the last crash came after the last use");
    assert_eq!(ids.len(), KEYS, "some key is more than one order");
    let ids: Vec<Uuid> = ids.into_iter().map(|(_, id)| id).collect();
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), KEYS, "an order has more than one key");

    refused_or_another_order(&counter, &ids).await;
    ground.settle(&ids).await;
    drop(processes);
    ground.servers.stop().await.expect("stopped");
}

/// Keys that are used in a way they should not be.
async fn refused_or_another_order(counter: &Counter, ids: &[Uuid]) {
    let with = |customer, key: &str, quantity| {
        let request = counter.post_as(customer, "/orders").header("Idempotency-Key", key);
        answer(request.json(&wish("bread", quantity)))
    };
    let (status, problem) = with(1, "key-0", 2).await;
    assert_eq!((status, &problem["code"]), (422, &"idempotency_key_reused".into()));
    let (status, other) = with(2, "key-0", 1).await;
    assert_eq!(status, 202, "{other}");
    assert!(!ids.contains(&order_id(&other)), "another customer's key gave away an order");
    for key in ["x".repeat(10_000).as_str(), "", "two words", "key\u{e9}"] {
        let (status, problem) = with(1, key, 1).await;
        assert_eq!(status, 400, "{problem}");
        assert_eq!(problem["errors"][0]["field"], "Idempotency-Key", "{problem}");
    }
}
