//! Everything is killed in turn while customers order: nothing accepted is lost, the books add up.

use crate::processes::Processes;
use crate::shop::{Counter, Ground, fill, order_id, roles, wish};
use serde_json::Value;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use uuid::Uuid;

const ORDERS_MIN: u64 = 300;
const CUSTOMERS: u64 = 8;
/// Tries of one order, with the same key, while services are down.
const TRIES_MAX: u32 = 200;
const TRY_PAUSE_MS: u64 = 200;
/// Between two kills, so that orders are under way at each.
const KILL_PAUSE_MS: u64 = 1200;

/// Orders until it is accepted, as a patient customer would: the same key each time.
async fn order_until_accepted(counter: &Counter, n: u64) -> Uuid {
    for _ in 0..TRIES_MAX {
        let request = counter.post_as(n % CUSTOMERS, "/orders");
        let request = request.header("Idempotency-Key", format!("order-{n}"));
        if let Ok(answer) = request.json(&wish("bread", 1)).send().await {
            let status = answer.status().as_u16();
            if status == 200 || status == 202 {
                // The gateway may be gone in the middle of an answer.
                if let Ok(order) = answer.json::<Value>().await {
                    return order_id(&order);
                }
            } else {
                assert_eq!(status, 503, "a fault is a 503 and nothing else");
                assert_eq!(answer.headers()["content-type"], "application/problem+json");
            }
        }
        tokio::time::sleep(Duration::from_millis(TRY_PAUSE_MS)).await;
    }
    panic!("order {n} was never accepted");
}

/// Customers order for as long as the kills go on, and at least [`ORDERS_MIN`] times.
struct Customers {
    tasks: tokio::task::JoinSet<Vec<Uuid>>,
    accepted: Arc<AtomicU64>,
    /// The last kill was made.
    over: Arc<AtomicBool>,
}

impl Customers {
    fn come(counter: &Counter) -> Self {
        let (accepted, over) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let mut tasks = tokio::task::JoinSet::new();
        for customer in 0..CUSTOMERS {
            let (counter, accepted, over) = (counter.clone(), accepted.clone(), over.clone());
            tasks.spawn(async move {
                let mut ids = Vec::new();
                for n in (customer..).step_by(CUSTOMERS as usize) {
                    if n >= ORDERS_MIN && over.load(Ordering::Relaxed) {
                        break;
                    }
                    ids.push(order_until_accepted(&counter, n).await);
                    accepted.fetch_add(1, Ordering::Relaxed);
                    // A steady stream, so that every kill hits orders in the middle.
                    tokio::time::sleep(Duration::from_millis(TRY_PAUSE_MS)).await;
                }
                ids
            });
        }
        Self { tasks, accepted, over }
    }

    fn accepted(&self) -> u64 {
        self.accepted.load(Ordering::Relaxed)
    }
}

async fn pause() {
    tokio::time::sleep(Duration::from_millis(KILL_PAUSE_MS)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killing_every_part_in_turn_loses_nothing() {
    let ground = Ground::new().await;
    let mut processes = Processes::start(&ground).await;
    let accounts: Vec<(u64, i64)> =
        (0..CUSTOMERS).map(|n| (n, if n == 3 { 0 } else { 1_000_000 })).collect();
    let bus = ground.bus().await;
    fill(&bus, &[("bread", 250, 200)]).await;
    let counter = Counter::open(processes.http, &bus, &accounts).await;
    let customers = Customers::come(&counter);

    let mut hits = Vec::new();
    for role in roles() {
        pause().await;
        hits.push((role, customers.accepted()));
        processes.restart(role);
    }
    let nats = ground.servers.nats.as_ref().expect("nats").process();
    let postgres = ground.servers.postgres.as_ref().expect("Postgres").process();
    for server in [nats, postgres] {
        pause().await;
        hits.push((server.name(), customers.accepted()));
        server.kill().await.expect("killed");
        pause().await;
        server.restart().await.expect("restarted");
    }
    customers.over.store(true, Ordering::Relaxed);
    println!("killed after so many accepted orders: {hits:?}");
    let accepted: Vec<Uuid> = customers.tasks.join_all().await.into_iter().flatten().collect();
    let all = accepted.len() as u64;
    assert!(all >= ORDERS_MIN, "{all} orders");
    assert_eq!(accepted.iter().collect::<HashSet<_>>().len() as u64, all, "one order for two keys");
    assert!(hits.iter().all(|(_, accepted)| *accepted < all), "a kill came after all orders");

    ground.settle(&accepted).await;
    let balance = counter.read(&format!("/accounts/{}", counter.account(3))).await;
    assert_eq!(balance["balance"]["amount"], 0);
    drop(processes);
    ground.servers.stop().await.expect("stopped");
}
