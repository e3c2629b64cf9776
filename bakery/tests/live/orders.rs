//! Orders through the front door.

use crate::shop::{Shop, answer, order_id, wish};
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};
use std::time::Instant;
use uuid::Uuid;

const ORDERS: u64 = 500;
const CONNECTIONS: u64 = 64;
/// Of so many customers one has no money: 5 %.
const CUSTOMERS: u64 = 20;
/// So often an order may be answered late, or the clock be faster than what it waits for, where it is looked at
/// what usually happens.
const LATE_MAX: u32 = 4;
/// How the timeline calls a step that the clock took.
const DEADLINE: &str = "(deadline)";

/// Every connection orders one after the other; gives each order as it ended.
async fn buy_all(shop: &Shop) -> Vec<Value> {
    let mut connections = tokio::task::JoinSet::new();
    for connection in 0..CONNECTIONS {
        let counter = shop.counter.clone();
        connections.spawn(async move {
            let mut ended = Vec::new();
            for n in (connection..ORDERS).step_by(CONNECTIONS as usize) {
                let product = if n % 10 == 0 { "donut" } else { "bread" };
                let request = counter.post_as(n % CUSTOMERS, "/orders").header("Prefer", "wait=20");
                let request = request.header("Idempotency-Key", format!("order-{n}"));
                let request = request.json(&wish(product, 1 + (n % 3) as u32));
                let (status, order) = answer(request).await;
                assert_eq!(status, 200, "{order}");
                ended.push(order);
            }
            ended
        });
    }
    connections.join_all().await.into_iter().flatten().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_orders_over_64_connections_end_and_everything_adds_up() {
    let products = [("bread", 320, 2000), ("donut", 150, 40)];
    let accounts: Vec<(u64, i64)> =
        (0..CUSTOMERS).map(|n| (n, if n == 7 { 0 } else { 10_000_000 })).collect();
    let shop = Shop::open(&products, &accounts).await;
    let begin = Instant::now();
    let orders = buy_all(&shop).await;
    let took = begin.elapsed().as_secs_f64();
    println!("{ORDERS} orders in {took:.2} s: {:.0} orders/s", ORDERS as f64 / took);

    let mut ends: BTreeMap<String, u64> = BTreeMap::new();
    for order in &orders {
        let status = order["status"].as_str().expect("a status");
        let code = order["reason"]["code"].as_str().unwrap_or("-");
        *ends.entry(format!("{status} {code}")).or_default() += 1;
    }
    println!("{ends:?}");
    assert_eq!(ends["declined insufficient_funds"], ORDERS / CUSTOMERS);
    assert!(ends["rejected out_of_stock"] > 0, "the donuts did not run out");
    assert_eq!(ends.values().sum::<u64>(), ORDERS);
    assert_eq!(ends.len(), 3, "an unexpected end: {ends:?}");

    let numbers: HashSet<&str> = orders.iter().filter_map(|o| o["number"].as_str()).collect();
    assert_eq!(numbers.len() as u64, ORDERS, "a number was given twice");
    let accepted: Vec<Uuid> = orders.iter().map(order_id).collect();
    assert_eq!(accepted.iter().collect::<HashSet<_>>().len() as u64, ORDERS);
    shop.close(&accepted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_answered_at_once_read_listed_and_its_timeline_shows_every_cause() {
    for _ in 0..LATE_MAX {
        if an_order_goes_as_usual().await {
            return;
        }
    }
    panic!("{LATE_MAX} orders were not answered in time, or had to be asked for again");
}

/// The first order of a shop. False where the machine stood still until it was not answered in time, or what
/// it waits for was asked for again: then more happens than usual.
async fn an_order_goes_as_usual() -> bool {
    let shop = Shop::open(&[("bread", 320, 10)], &[(1, 1000)]).await;
    let request = shop.counter.post_as(1, "/orders").json(&wish("bread", 2));
    let response = request.send().await.expect("an answer");
    if response.status() == 503 {
        shop.close(&[]).await;
        return false;
    }
    assert_eq!(response.status(), 202);
    let location = response.headers()["location"].to_str().unwrap().to_owned();
    let placed: Value = response.json().await.unwrap();
    let id = order_id(&placed);
    assert_eq!(location, format!("/api/v1/orders/{id}"));
    assert_eq!((&placed["number"], &placed["status"]), (&"001".into(), &"placed".into()));

    shop.ground.settle(&[id]).await;
    let order = shop.counter.read(&format!("/orders/{id}")).await;
    assert_eq!(order["status"], "confirmed");
    assert_eq!((&order["total"], &order["currency"]), (&640.into(), &"EUR".into()));
    assert_eq!(order["items"][0]["units"].as_array().unwrap().len(), 2);
    assert_eq!(shop.counter.available("bread").await, 8);
    let account = shop.counter.read(&format!("/accounts/{}", shop.counter.account(1))).await;
    assert_eq!(account["balance"]["amount"], 360);
    assert_eq!(account["entries"][0]["amount"], -640);

    let timeline = shop.counter.read(&format!("/orders/{id}/events")).await;
    let events = timeline["events"].as_array().unwrap();
    let known: HashSet<&str> = events.iter().filter_map(|e| e["message_id"].as_str()).collect();
    let names: Vec<&str> =
        events.iter().filter_map(|e| e["subject"].as_str()?.rsplit('.').next()).collect();
    if names.contains(&DEADLINE) {
        shop.close(&[id]).await;
        return false;
    }
    let expected = [
        "place",
        "placed",
        "reserve",
        "reserved",
        "reserved",
        "charge",
        "charged",
        "confirm",
        "sold",
        "confirmed",
    ];
    assert_eq!(names, expected);
    for event in events {
        assert_eq!(event["correlation_id"], id.to_string());
        let cause = event["causation_id"].as_str();
        assert!(cause.is_none_or(|cause| known.contains(cause)), "{event} has no cause here");
    }

    let list = shop.counter.read("/orders?status=confirmed&limit=1").await;
    assert_eq!(list["orders"][0]["id"], id.to_string());
    let empty = shop.counter.read("/orders?status=declined").await;
    assert_eq!(empty["orders"].as_array().unwrap().len(), 0);
    shop.close(&[id]).await;
    true
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_orders_hold_each_order_once_newest_first() {
    let shop = Shop::open(&[("bread", 1, 100)], &[(1, 1000)]).await;
    let mut accepted = Vec::new();
    for _ in 0..7 {
        let (status, order) = answer(shop.counter.place(1, "bread", 1)).await;
        assert_eq!(status, 202, "{order}");
        accepted.push(order_id(&order));
    }
    let (mut seen, mut next) = (Vec::new(), Value::Null);
    loop {
        let cursor = next.as_str().map(|id| format!("&before={id}")).unwrap_or_default();
        let page = shop.counter.read(&format!("/orders?limit=3{cursor}")).await;
        seen.extend(page["orders"].as_array().unwrap().iter().map(order_id));
        next = page["next"].clone();
        if next.is_null() {
            break;
        }
    }
    let newest_first: Vec<Uuid> = accepted.iter().rev().copied().collect();
    assert_eq!(seen, newest_first);
    shop.close(&accepted).await;
}
