//! Bad input: a clear answer that names the field, and nothing is changed.

use crate::shop::{Shop, answer, send, wish};
use serde_json::{Value, json};
use uuid::Uuid;

/// A body, the status it must get, and a field the answer must name (empty for none).
fn bad_orders() -> Vec<(Value, u16, &'static str)> {
    let good = wish("bread", 1);
    let with = |path: &str, value: Value| {
        let mut body = good.clone();
        *body.pointer_mut(path).unwrap_or_else(|| panic!("no {path}")) = value;
        body
    };
    let mut extra = good.clone();
    extra["price"] = json!(1);
    let mut payer = good.clone();
    payer["account_id"] = json!(Uuid::nil());
    let mut both = good.clone();
    both["product_id"] = json!("bread");
    both["quantity"] = json!(1);
    let line = json!({"product_id": "bread", "quantity": 1});
    vec![
        (with("/items/0/product_id", json!("none")), 422, "items[0].product_id"),
        (with("/items/0/product_id", json!("../x")), 422, "items[0].product_id"),
        (with("/items/0/quantity", json!(0)), 422, "items[0].quantity"),
        (with("/items/0/quantity", json!(-1)), 422, "items[0].quantity"),
        (with("/items/0/quantity", json!(9_223_372_036_854_775_808_u64)), 422, "items[0].quantity"),
        (with("/items/0/quantity", json!(1.5)), 422, "items[0].quantity"),
        (with("/items/0/quantity", json!("two")), 422, "items[0].quantity"),
        (with("/items", json!([])), 422, "items"),
        (with("/items", json!(vec![line.clone(); 10_000])), 413, ""),
        (with("/items", json!(vec![line; 100])), 422, "items"),
        (with("/customer/name", json!("")), 422, "customer.name"),
        (with("/customer/name", json!("a\u{0}b")), 422, "customer.name"),
        (extra, 422, "price"),
        (payer, 422, "account_id"),
        (both, 422, "items"),
        (json!([]), 422, ""),
        (json!({}), 422, "items"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_orders_are_refused_by_field_and_write_nothing() {
    let shop = Shop::open(&[("bread", 100, 5)], &[(1, 10_000)]).await;
    for (body, status, field) in bad_orders() {
        let (code, problem) = answer(shop.counter.post_as(1, "/orders").json(&body)).await;
        let text = body.to_string();
        let text: String = text.chars().take(200).collect();
        assert_eq!(code, status, "{text}: {problem}");
        assert_eq!(problem["status"], status);
        let errors = problem["errors"].as_array().cloned().unwrap_or_default();
        let named = field.is_empty() || errors.iter().any(|error| error["field"] == field);
        assert!(named, "{text}: {field} is not named in {problem}");
    }
    for (body, status) in [
        (&b"{"[..], 400),
        (&b"{\"branch\":\"\xff\"}"[..], 400),
        (&b"null"[..], 422),
        (&vec![b' '; 70_000], 413),
    ] {
        let request = shop.counter.post("/orders").header("Content-Type", "application/json");
        let (code, problem) = answer(request.body(body.to_vec())).await;
        assert_eq!(code, status, "{problem}");
    }
    let orders = shop.counter.read("/orders").await;
    assert_eq!(orders["orders"].as_array().unwrap().len(), 0, "a bad order was written");
    assert_eq!(shop.counter.available("bread").await, 5);
    shop.close(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_things_are_not_found_and_every_error_is_a_problem_document() {
    let shop = Shop::open(&[("bread", 100, 5)], &[(1, 10_000)]).await;
    let nobody = Uuid::now_v7();
    let cases = [
        (shop.counter.get(&format!("/orders/{nobody}")), 404),
        (shop.counter.get(&format!("/orders/{nobody}/events")), 404),
        (shop.counter.get("/orders/17"), 404),
        (shop.counter.post(&format!("/orders/{nobody}/cancel")), 404),
        (shop.counter.get(&format!("/accounts/{nobody}")), 404),
        (shop.counter.get("/products/none"), 404),
        (shop.counter.get("/nowhere"), 404),
        (shop.counter.post("/menu"), 405),
        (shop.counter.get("/orders?status=eaten"), 422),
        (shop.counter.get("/orders?limit=0"), 422),
        (shop.counter.post("/orders").body("x"), 415),
    ];
    for (request, status) in cases {
        let answer = send(request).await;
        let url = &answer.url;
        assert_eq!(answer.status, status, "{url}");
        assert_eq!(answer.headers["content-type"], "application/problem+json", "{url}");
        let problem = answer.json();
        assert!(problem["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{url}");
    }
    shop.close(&[]).await;
}
