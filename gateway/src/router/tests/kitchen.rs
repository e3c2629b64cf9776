//! The kitchen's questions, translated.

use super::shop::{Shop, stored};
use bakery_nats::refusal::Refusal;
use serde_json::{Value, json};

#[tokio::test]
async fn the_kitchen_sees_its_orders_and_anyone_their_numbers() {
    let shop = Shop::open().await;
    let answered = shop.send("GET", "/api/v1/kitchen/orders", None).await;
    assert_eq!((answered.status, answered.json()), (200, stored("orders.kitchen.reply")));
    let answered = shop.send("GET", "/api/v1/display?branch=main", None).await;
    let expected = json!({"orders": [{"number": "007", "status": "ready"}]});
    assert_eq!((answered.status, answered.json()), (200, expected), "no ids, no names");
    let asked = shop.asked();
    let expected = ["orders.kitchen", "orders.board"]
        .map(|name| (name.to_owned(), stored(&format!("{name}.request"))));
    assert_eq!(asked, expected);
}

#[tokio::test]
async fn the_bake_list_puts_what_is_wanted_beside_what_is_free() {
    let shop = Shop::open().await;
    let line = |product: &str, units| json!({"product_id": product, "units": units, "orders": 2});
    shop.says("orders.bake-list", json!({"lines": [line("donut", 12), line("old-bun", 1)]}));
    let answered = shop.send("GET", "/api/v1/kitchen/bake-list", None).await;
    let list = answered.json();
    let free = stored("inventory.menu.reply")["products"][0]["available"].clone();
    let donut = &list["products"][0];
    assert_eq!((answered.status, &donut["product_id"]), (200, &json!("donut")));
    assert_eq!(
        (&donut["wanted"], &donut["orders"], &donut["free"]),
        (&json!(12), &json!(2), &free)
    );
    let gone = list["products"].as_array().unwrap().last().unwrap();
    assert_eq!((&gone["product_id"], &gone["name"]), (&json!("old-bun"), &Value::Null));
    assert_eq!((&gone["wanted"], &gone["free"]), (&json!(1), &json!(0)));
}

#[tokio::test]
async fn the_stats_are_of_a_day_of_the_branchs_own_clock() {
    let shop = Shop::open().await;
    let answered = shop.send("GET", "/api/v1/kitchen/stats?date=2026-11-20", None).await;
    let stats = answered.json();
    assert_eq!((answered.status, &stats["date"]), (200, &json!("2026-11-20")));
    assert_eq!(stats["by_status"], json!({"served": 320}));
    for part in ["stages", "products", "hours"] {
        assert_eq!(stats[part], stored("orders.kitchen-stats.reply")[part], "{part}");
    }
    let zone = stored("inventory.branch.reply")["branch"]["time_zone"].clone();
    let asked = json!({"branch": "main", "date": "2026-11-20", "time_zone": zone});
    assert_eq!(shop.asked().pop().unwrap(), ("orders.kitchen-stats".to_owned(), asked));

    let today = stored("inventory.branch.reply")["date"].clone();
    let answered = shop.send("GET", "/api/v1/kitchen/stats", None).await;
    assert_eq!(answered.json()["date"], today);

    shop.refuses("inventory.branch", Refusal::not_found("branch", "main"));
    let answered = shop.send("GET", "/api/v1/kitchen/stats", None).await;
    assert_eq!((answered.status, &answered.json()["code"]), (404, &json!("not_found")));
    let wrong = shop.send("GET", "/api/v1/kitchen/stats?date=yesterday&day=1", None).await;
    assert_eq!((wrong.status, wrong.fields()), (422, vec!["date".to_owned(), "day".to_owned()]));
}

#[tokio::test]
async fn the_steps_of_the_kitchen_are_asked_of_orders() {
    let shop = Shop::open().await;
    let id = "0190c6a8-0000-7000-8000-000000000001";
    for action in ["start", "ready", "serve"] {
        let path = format!("/api/v1/kitchen/orders/{id}/{action}");
        assert_eq!(shop.send("POST", &path, None).await.status, 200);
        let asked = json!({"order_id": id, "action": action});
        assert_eq!(shop.asked(), [("orders.advance".to_owned(), asked)]);
    }
    let detail = "order 007 is ready, so \"start\" does not fit; what fits is \"serve\"";
    shop.refuses("orders.advance", Refusal::new(409, "wrong_state", detail));
    let refused = shop.send("POST", &format!("/api/v1/kitchen/orders/{id}/start"), None).await;
    assert_eq!((refused.status, &refused.json()["detail"]), (409, &json!(detail)));
}
