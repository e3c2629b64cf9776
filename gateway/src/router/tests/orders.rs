//! Orders in lists, on receipts, and refunded: who is shown what, and what the owners are asked.

use super::people::{person, token, with_token};
use super::shop::{Shop, stored};
use super::{Answered, ORDER, request, send_bare};
use crate::auth::caller::Caller;
use axum::http::HeaderValue;
use bakery_nats::refusal::Refusal;
use bakery_nats::requests::gateway::Role;
use serde_json::{Value, json};
use uuid::Uuid;

async fn list(shop: &Shop, caller: &Caller, query: &str) -> Answered {
    let request = request("GET", &format!("/api/v1/orders{query}"), None);
    send_bare(shop.app.clone(), with_token(request, &token(&shop.app, caller))).await
}

#[tokio::test]
async fn customers_list_their_own_orders_and_nobody_elses() {
    let shop = Shop::open().await;
    let ada = person(&shop.app.users, Role::Customer).await;
    let own = json!(ada.account_id);
    for (query, mut expected) in [
        ("", json!({})),
        ("?branch=pier&status=ready", json!({"branch": "pier", "status": "ready"})),
        (
            "?number=014&date=2026-11-24&limit=5",
            json!({"number": 14, "date": "2026-11-24", "limit": 5}),
        ),
        (&format!("?account={}", ada.account_id), json!({})),
    ] {
        let answered = list(&shop, &ada, query).await;
        assert_eq!((answered.status, answered.json()), (200, stored("orders.list.reply")));
        expected["account_id"] = own.clone();
        let asked = shop.asked();
        assert_eq!(asked.len(), 1);
        assert_eq!(without_nulls(&asked[0].1), expected, "{query}");
    }
    let foreign = list(&shop, &ada, &format!("?account={}", Uuid::now_v7())).await;
    let nothing = json!({"orders": [], "next": null});
    assert_eq!((foreign.status, foreign.json()), (200, nothing));
    assert!(shop.asked().is_empty(), "the time it takes would tell");
}

fn without_nulls(body: &Value) -> Value {
    let fields = body.as_object().unwrap().iter().filter(|(_, value)| !value.is_null());
    Value::Object(fields.map(|(name, value)| (name.clone(), value.clone())).collect())
}

#[tokio::test]
async fn staff_list_the_orders_of_all_by_every_filter() {
    let shop = Shop::open().await;
    let other = Uuid::now_v7();
    for role in [Role::Kitchen, Role::Manager, Role::Operator] {
        let staff = person(&shop.app.users, role).await;
        for (query, expected) in [
            (String::new(), json!({"branch": "main"})),
            ("?number=014".to_owned(), json!({"branch": "main", "number": 14})),
            (format!("?account={other}"), json!({"account_id": other})),
            (
                format!("?account={other}&branch=pier&date=2026-11-24&before={other}"),
                json!({"account_id": other, "branch": "pier", "date": "2026-11-24", "before": other}),
            ),
        ] {
            assert_eq!(list(&shop, &staff, &query).await.status, 200);
            assert_eq!(without_nulls(&shop.asked()[0].1), expected, "{role}: {query}");
        }
    }
}

#[tokio::test]
async fn a_refund_is_asked_of_the_owner_with_its_key() {
    let shop = Shop::open().await;
    let manager = person(&shop.app.users, Role::Manager).await;
    let path = format!("{ORDER}/refunds");
    let send = async |body: &Value, key: Option<&'static str>| {
        let mut request =
            with_token(request("POST", &path, Some(body)), &token(&shop.app, &manager));
        if let Some(key) = key {
            request.headers_mut().insert("idempotency-key", HeaderValue::from_static(key));
        }
        send_bare(shop.app.clone(), request).await
    };
    let body = json!({"lines": [{"product_id": "donut", "quantity": 1}], "reason": "burnt"});
    let answered = send(&body, Some("burnt-1")).await;
    assert_eq!((answered.status, answered.json()), (202, stored("orders.refund.reply")));
    let (name, asked) = shop.asked().remove(0);
    assert_eq!((name.as_str(), &asked["lines"]), ("orders.refund", &body["lines"]));
    assert_eq!((&asked["idempotency_key"], &asked["reason"]), (&json!("burnt-1"), &json!("burnt")));
    assert!(ORDER.ends_with(asked["order_id"].as_str().unwrap()));

    let answered = send(&body, None).await;
    assert_eq!((answered.status, answered.fields()), (400, vec!["Idempotency-Key".to_owned()]));
    assert!(shop.asked().is_empty());

    assert_eq!(send(&json!({"reason": "burnt"}), Some("all")).await.status, 202);
    assert_eq!(shop.asked()[0].1["lines"], Value::Null, "all that is left");
    assert_eq!(send(&json!({}), Some("none")).await.fields(), ["reason"]);
    assert!(shop.asked().is_empty());
    let detail = "order 007 is confirmed; before preparing it is cancelled, not refunded";
    shop.refuses("orders.refund", Refusal::new(409, "wrong_state", detail));
    let answered = send(&body, Some("burnt-2")).await;
    assert_eq!((answered.status, &answered.json()["detail"]), (409, &json!(detail)));
}

#[tokio::test]
async fn a_receipt_is_json_or_a_text_for_the_printer() {
    let shop = Shop::open().await;
    let kitchen = person(&shop.app.users, Role::Kitchen).await;
    let get = async |accept: Option<&'static str>| {
        let request = request("GET", &format!("{ORDER}/receipt"), None);
        let mut request = with_token(request, &token(&shop.app, &kitchen));
        if let Some(accept) = accept {
            request.headers_mut().insert("accept", HeaderValue::from_static(accept));
        }
        send_bare(shop.app.clone(), request).await
    };
    for accept in [None, Some("*/*"), Some("application/json")] {
        let answered = get(accept).await;
        assert_eq!((answered.status, answered.json()), (200, stored("orders.receipt.reply")));
        assert_eq!(answered.headers["vary"], "accept");
    }
    let answered = get(Some("text/plain")).await;
    assert_eq!(answered.headers["content-type"], "text/plain; charset=utf-8");
    let text = String::from_utf8(answered.body).unwrap();
    assert!(text.contains("Remains paid                    7.70 EUR"), "{text}");
    let detail = "order 007 is placed; only a paid order has a receipt";
    shop.refuses("orders.receipt", Refusal::new(409, "wrong_state", detail));
    for accept in [None, Some("text/plain")] {
        let answered = get(accept).await;
        assert_eq!((answered.status, &answered.json()["code"]), (409, &json!("wrong_state")));
    }
}
