//! What people do with an order after it is placed.

use crate::shop::{Shop, answer, order_id};

#[tokio::test(flavor = "multi_thread")]
async fn the_kitchen_prepares_readies_and_serves_in_that_order_only() {
    let shop = Shop::open(&[("bread", 100, 5)], &[(1, 1000)]).await;
    let (_, order) = shop.counter.order(1, "bread", 1).await;
    let id = order_id(&order);
    let step = |action: &str| answer(shop.counter.post(&format!("/kitchen/orders/{id}/{action}")));
    assert_eq!(step("serve").await.0, 409);
    for (action, status) in [("start", "preparing"), ("ready", "ready"), ("serve", "served")] {
        let (code, order) = step(action).await;
        assert_eq!((code, &order["status"]), (200, &status.into()), "{order}");
        let (code, again) = step(action).await;
        assert_eq!((code, &again["status"]), (200, &status.into()), "a repeat is the same answer");
    }
    let (code, problem) = answer(shop.counter.post(&format!("/orders/{id}/cancel"))).await;
    assert_eq!((code, &problem["code"]), (409, &"wrong_state".into()));
    shop.close(&[id]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_order_gives_the_money_back_and_the_bread() {
    let shop = Shop::open(&[("bread", 100, 5)], &[(1, 1000)]).await;
    let (_, order) = shop.counter.order(1, "bread", 3).await;
    let id = order_id(&order);
    assert_eq!(shop.counter.available("bread").await, 2);
    let (status, order) = answer(shop.counter.post_as(1, &format!("/orders/{id}/cancel"))).await;
    assert_eq!((status, &order["status"]), (200, &"cancelled".into()));
    assert_eq!(order["reason"]["code"], "cancelled");
    shop.ground.settle(&[id]).await;
    assert_eq!(shop.counter.available("bread").await, 5);
    let account = shop.counter.read(&format!("/accounts/{}", shop.counter.account(1))).await;
    assert_eq!(account["balance"]["amount"], 1000);
    shop.close(&[id]).await;
}
