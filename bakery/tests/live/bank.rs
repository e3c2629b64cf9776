//! A bank that misbehaves, told so at run time.

use crate::shop::{Shop, answer, order_id, read_until};
use bakery_nats::ask::ask_patiently;
use bakery_nats::requests::bank::{Behaviour, Scope, SetBehaviour};
use serde_json::Value;
use std::time::{Duration, Instant};

pub(crate) async fn tell(shop: &Shop, behaviour: Behaviour) {
    let request = SetBehaviour { scope: Scope::All, behaviour };
    ask_patiently(&shop.ground.bus().await.client, &request).await.expect("told");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_a_doubling_and_a_refusing_bank_still_end_every_order_right() {
    let shop = Shop::open(&[("bread", 100, 50)], &[(1, 10_000)]).await;
    tell(&shop, Behaviour { latency_ms: 800, ..Behaviour::default() }).await;
    let begin = Instant::now();
    let (_, slow) = shop.counter.order(1, "bread", 1).await;
    assert_eq!(slow["status"], "confirmed");
    assert!(begin.elapsed() >= Duration::from_millis(800), "the bank was not slow");

    tell(&shop, Behaviour { doubled: true, ..Behaviour::default() }).await;
    let (_, doubled) = shop.counter.order(1, "bread", 1).await;
    assert_eq!(doubled["status"], "confirmed");

    tell(&shop, Behaviour { decline_percent: 100, ..Behaviour::default() }).await;
    let (_, refused) = shop.counter.order(1, "bread", 1).await;
    assert_eq!(refused["status"], "declined");
    assert_eq!(refused["reason"]["code"], "refused_by_bank");

    let accepted = [&slow, &doubled, &refused].map(order_id);
    shop.close(&accepted).await;
}

/// How often the bank was asked for the money of an order.
fn charges(timeline: &Value) -> usize {
    let events = timeline["events"].as_array().unwrap().iter();
    let charges = events.filter(|event| {
        event["direction"] == "sent" && event["subject"] == "bakery.cmd.bank.main.charge"
    });
    charges.count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_bank_is_asked_again_until_it_speaks() {
    let shop = Shop::open(&[("bread", 100, 50)], &[(1, 10_000)]).await;
    tell(&shop, Behaviour { silent: true, ..Behaviour::default() }).await;
    let (status, order) = answer(shop.counter.place(1, "bread", 1)).await;
    assert_eq!(status, 202, "{order}");
    let id = order_id(&order);
    // It cannot end without the bank, which is asked again.
    let path = format!("/orders/{id}/events");
    let read = async || shop.counter.read(&path).await;
    read_until(read, |timeline| charges(timeline) >= 2).await;
    let order = shop.counter.read(&format!("/orders/{id}")).await;
    assert_eq!(order["status"], "reserved");
    tell(&shop, Behaviour::default()).await;
    shop.ground.settle(&[id]).await;
    let order: Value = shop.counter.read(&format!("/orders/{id}")).await;
    assert_eq!(order["status"], "confirmed");
    shop.close(&[id]).await;
}
