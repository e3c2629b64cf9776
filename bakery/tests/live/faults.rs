//! What a customer sees while a part is away: 503 at once or in a stated time, and afterwards
//! everything that was accepted has ended.

use crate::processes::Processes;
use crate::shop::{Counter, Ground, Shop, answer, answer_once, fill, order_id, read_until, wish};
use serde_json::json;
use std::time::{Duration, Instant};

/// The longest a customer waits for a 503: half of what any request may take.
const ANSWER_WITHIN_S: u64 = 15;

/// Orders until the answer is 503, and gives what was accepted before; each answer must come in
/// time.
async fn order_until_unavailable(counter: &Counter) -> Vec<uuid::Uuid> {
    let mut accepted = Vec::new();
    for _ in 0..50 {
        let begin = Instant::now();
        let (status, body) =
            answer_once(counter.post_as(1, "/orders").json(&wish("bread", 1))).await;
        assert!(begin.elapsed() < Duration::from_secs(ANSWER_WITHIN_S), "{:?}", begin.elapsed());
        match status {
            503 => {
                assert_eq!(body["status"], 503);
                return accepted;
            }
            202 => accepted.push(order_id(&body)),
            other => panic!("{other}: {body}"),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it went on accepting orders");
}

async fn order_until_accepted(counter: &Counter) -> uuid::Uuid {
    for _ in 0..300 {
        let (status, body) =
            answer_once(counter.post_as(1, "/orders").json(&wish("bread", 1))).await;
        if status == 202 {
            return order_id(&body);
        }
        assert_eq!(status, 503, "{body}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it did not recover");
}

/// Waits until the health says so: on a busy machine a probe may fail of what is well.
async fn health_is(shop: &Shop, status: u16, state: &str) {
    let read = async || {
        let (status, health) = answer_once(shop.counter.get("/health")).await;
        json!({ "answered": status, "health": health })
    };
    read_until(read, |told| told["answered"] == status && told["health"]["state"] == state).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_postgres_or_nats_the_answer_is_503_and_it_recovers_by_itself() {
    let shop = Shop::open(&[("bread", 100, 50)], &[(1, 100_000)]).await;
    let mut accepted = vec![order_id(&shop.counter.order(1, "bread", 1).await.1)];
    let nats = shop.ground.servers.nats.as_ref().unwrap().process();
    let postgres = shop.ground.servers.postgres.as_ref().unwrap().process();
    for server in [postgres, nats] {
        server.kill().await.expect("killed");
        accepted.extend(order_until_unavailable(&shop.counter).await);
        health_is(&shop, 503, "down").await;
        server.restart().await.expect("restarted");
        accepted.push(order_until_accepted(&shop.counter).await);
    }
    shop.close(&accepted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_redis_everything_works() {
    let shop = Shop::open(&[("bread", 100, 50)], &[(1, 100_000)]).await;
    shop.ground.servers.redis.as_ref().unwrap().process().kill().await.expect("killed");
    let (status, order) = shop.counter.order(1, "bread", 1).await;
    assert_eq!((status, &order["status"]), (200, &"confirmed".into()));
    for _ in 0..5 {
        let (status, menu) = answer_once(shop.counter.get("/menu")).await;
        assert_eq!((status, &menu["products"][0]["id"]), (200, &"bread".into()), "{menu}");
    }
    health_is(&shop, 200, "degraded").await;
    shop.close(&[order_id(&order)]).await;
}

/// Orders are accepted while inventory and the bank are away, and go on when they are back.
#[tokio::test(flavor = "multi_thread")]
async fn orders_do_not_need_the_others_to_accept() {
    let ground = Ground::new().await;
    let mut processes = Processes::start(&ground).await;
    let bus = ground.bus().await;
    fill(&bus, &[("bread", 100, 50)]).await;
    let counter = Counter::open(processes.http, &bus, &[(1, 100_000)]).await;
    // The first order teaches the orders service who the customer is, and what bread is.
    let mut accepted = vec![order_id(&counter.order(1, "bread", 1).await.1)];
    processes.kill("inventory");
    processes.kill("bank");
    for _ in 0..5 {
        let (status, order) = answer(counter.place(1, "bread", 1)).await;
        assert_eq!((status, &order["status"]), (202, &"placed".into()), "{order}");
        accepted.push(order_id(&order));
    }
    let begin = Instant::now();
    let (status, _) = answer_once(counter.get("/products/bread")).await;
    assert_eq!(status, 503);
    assert!(begin.elapsed() < Duration::from_secs(ANSWER_WITHIN_S));
    processes.kill("orders");
    let (status, _) = answer_once(counter.post_as(1, "/orders").json(&wish("bread", 1))).await;
    assert_eq!(status, 503);
    for role in ["inventory", "bank", "orders"] {
        processes.revive(role);
    }
    ground.settle(&accepted).await;
    drop(processes);
    ground.servers.stop().await.expect("stopped");
}
