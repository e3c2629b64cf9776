//! Money back while the order stays, through the front door, with a bank that is silent and one that
//! answers twice; the receipt and the day's report say the same.

use crate::bank::tell;
use crate::shop::{Shop, answer, order_id, send};
use bakery_nats::requests::bank::Behaviour;
use serde_json::{Value, json};

/// What the customer has left.
async fn balance(shop: &Shop) -> i64 {
    let account = shop.counter.read(&format!("/accounts/{}", shop.counter.account(1))).await;
    account["balance"]["amount"].as_i64().expect("a number")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_outlasts_a_silent_and_a_doubling_bank_and_is_in_every_book_once() {
    let shop = Shop::open(&[("bread", 100, 5)], &[(1, 1000)]).await;
    let (_, order) = shop.counter.order(1, "bread", 3).await;
    let id = order_id(&order);
    let refund = async |key: &str, body: Value| {
        let post = shop.counter.post(&format!("/orders/{id}/refunds"));
        answer(post.header("Idempotency-Key", key).json(&body)).await
    };
    let one = json!({"lines": [{"product_id": "bread", "quantity": 1}], "reason": "burnt"});
    let (status, problem) = refund("k1", one.clone()).await;
    assert_eq!((status, &problem["code"]), (409, &json!("wrong_state")), "{problem}");
    answer(shop.counter.post(&format!("/kitchen/orders/{id}/start"))).await;

    tell(&shop, Behaviour { silent: true, ..Behaviour::default() }).await;
    let (status, asked) = refund("k1", one.clone()).await;
    assert_eq!((status, &asked["refunds"][0]["state"]), (202, &json!("asked")), "{asked}");
    assert_eq!(asked["items"][0]["prices"], json!([{"quantity": 3, "unit_price": 100}]));
    let (_, again) = refund("k1", one).await;
    assert_eq!(again["refunds"].as_array().unwrap().len(), 1, "{again}");
    tell(&shop, Behaviour { doubled: true, ..Behaviour::default() }).await;
    shop.ground.settle(&[id]).await;
    assert_eq!(balance(&shop).await, 800);

    let (_, all) = refund("k2", json!({"reason": "all of it"})).await;
    assert_eq!(all["refunds"][1]["amount"], 200);
    shop.ground.settle(&[id]).await;
    assert_eq!((balance(&shop).await, shop.counter.available("bread").await), (1000, 2));
    let order = shop.counter.read(&format!("/orders/{id}")).await;
    assert_eq!((&order["status"], &order["refunded"]), (&json!("preparing"), &json!(300)));
    let (status, problem) = refund("k3", json!({"reason": "more"})).await;
    assert_eq!((status, &problem["code"]), (409, &json!("nothing_to_refund")));

    let receipt = shop.counter.get(&format!("/orders/{id}/receipt")).header("Accept", "text/plain");
    let receipt = send(receipt).await.text;
    assert!(receipt.contains("Remains paid                    0.00 EUR"), "{receipt}");
    let today = shop.counter.read("/branches/main").await["date"].clone();
    let report = format!("/admin/reports/main/{}", today.as_str().expect("a date"));
    let report = shop.counter.read(&report).await;
    assert_eq!(report["adds_up"], true, "{report}");
    assert_eq!(report["orders"]["paid_back"], 300, "{report}");
    shop.close(&[id]).await;
}
