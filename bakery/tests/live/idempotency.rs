//! One key, one order, one answer (I18).

use crate::shop::{Shop, answer, order_id, wish};
use std::collections::HashSet;

#[tokio::test(flavor = "multi_thread")]
async fn one_key_is_one_order_even_fifty_times_at_once() {
    let shop = Shop::open(&[("bread", 100, 100)], &[(1, 10_000), (2, 10_000)]).await;
    let mut tries = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let counter = shop.counter.clone();
        tries.spawn(async move {
            let request = counter.post_as(1, "/orders").header("Idempotency-Key", "k1");
            let (status, order) = answer(request.json(&wish("bread", 1))).await;
            assert_eq!(status, 202, "{order}");
            order_id(&order)
        });
    }
    let ids: HashSet<_> = tries.join_all().await.into_iter().collect();
    assert_eq!(ids.len(), 1, "one key made {} orders", ids.len());

    let again = |customer, quantity| {
        let request = shop.counter.post_as(customer, "/orders").header("Idempotency-Key", "k1");
        answer(request.json(&wish("bread", quantity)))
    };
    let (status, problem) = again(1, 2).await;
    assert_eq!((status, &problem["code"]), (422, &"idempotency_key_reused".into()));
    let (status, other) = again(2, 2).await;
    assert_eq!(status, 202, "another customer's key is another key: {other}");

    let mut accepted: Vec<_> = ids.into_iter().collect();
    accepted.push(order_id(&other));
    let all = shop.counter.read("/orders").await;
    assert_eq!(all["orders"].as_array().unwrap().len(), 2);
    shop.close(&accepted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deposit_with_the_same_key_is_made_once() {
    let shop = Shop::open(&[("bread", 100, 1)], &[(1, 0)]).await;
    let path = format!("/accounts/{}/deposits", shop.counter.account(1));
    let deposit = |cents: i64| {
        let body = serde_json::json!({"amount": {"amount": cents, "currency": "EUR"}});
        answer(shop.counter.post(&path).header("Idempotency-Key", "d1").json(&body))
    };
    for _ in 0..3 {
        let (status, account) = deposit(500).await;
        assert_eq!(status, 201, "{account}");
        assert_eq!(account["balance"]["amount"], 500);
    }
    let (status, problem) = deposit(600).await;
    assert_eq!((status, &problem["code"]), (422, &"idempotency_key_reused".into()));
    shop.close(&[]).await;
}
