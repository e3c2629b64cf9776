//! Reports from the three books, in both forms, and what becomes of them when a book is missing.

use super::send_to;
use super::shop::{Shop, stored};
use axum::body::Body;
use axum::http::Request;
use bakery_nats::refusal::Refusal;
use serde_json::{Value, json};

const REPORT: &str = "/api/v1/admin/reports/main/2026-11-24";
const OFFICE: &str = "/api/v1/admin/reports?date=2026-11-24";
const FIGURES: &str = "baked,sold_full,sold_discount,stale,thrown,free,reserved,returned,missed,\
                       takings,refunds,paid_back";
const DONUTS: &str = "660,500,40,112,7,0,1,2,31,78300,300,";

#[tokio::test]
async fn a_report_puts_three_books_side_by_side() {
    let shop = Shop::open().await;
    let answered = shop.send("GET", REPORT, None).await;
    assert_eq!(answered.status, 200);
    let figures = json!({
        "baked": 660, "sold_full": 500, "sold_discount": 40, "stale": 112, "thrown": 7, "free": 0,
        "reserved": 1, "returned": 2, "missed": 31, "takings": 78300, "refunds": 300,
    });
    let mut line = figures.clone();
    line["product_id"] = json!("donut");
    let check = |name: &str, both: i64| json!({"name": name, "expected": both, "found": both, "ok": true, "detail": null});
    let expected = json!({
        "branch": "main", "date": "2026-11-24", "currency": "EUR", "closed": true,
        "lines": [line], "totals": figures,
        "orders": {"by_status": {"served": 320}, "open": 1, "paid_back": null},
        "checks": [
            check("units", 660), check("sold", 540), check("takings", 78300),
            check("refunds", 300), check("money", 78000),
        ],
        "adds_up": true,
    });
    assert_eq!(answered.json(), expected);
    let mut asked = shop.asked();
    asked.sort_by(|one, other| one.0.cmp(&other.0));
    let files = [
        ("bank.till", "bank.till.request"),
        ("inventory.day", "inventory.day.request"),
        // Orders and bank are asked for the same span.
        ("orders.day-sales", "orders.day-sales.request.grown"),
    ];
    assert_eq!(asked, files.map(|(name, file)| (name.to_owned(), stored(file))));
}

#[tokio::test]
async fn a_report_is_a_table_for_whoever_wants_one() {
    let shop = Shop::open().await;
    let accept = async |path: &str, accept: &str| {
        let request = Request::get(path).header("accept", accept).body(Body::empty());
        send_to(shop.app.clone(), request.unwrap()).await
    };
    for answered in [
        accept(REPORT, "text/csv").await,
        accept(&format!("{REPORT}?format=csv"), "application/json").await,
    ] {
        assert_eq!(answered.status, 200);
        assert_eq!(answered.headers["content-type"], "text/csv; charset=utf-8");
        assert_eq!(answered.headers["report-adds-up"], "true");
        let table = format!("product_id,{FIGURES}\r\ndonut,{DONUTS}\r\ntotal,{DONUTS}\r\n");
        assert_eq!(String::from_utf8(answered.body).unwrap(), table);
    }
    let answered = accept(OFFICE, "text/csv").await;
    let table = format!("branch,currency,{FIGURES}\r\nmain,EUR,{DONUTS}\r\ntotal,EUR,{DONUTS}\r\n");
    assert_eq!(String::from_utf8(answered.body).unwrap(), table);
    assert!(accept(&format!("{REPORT}?format=json"), "text/csv").await.json().is_object());

    shop.says("bank.till", json!({"charged": 1, "refunded": 0}));
    for path in [REPORT, OFFICE] {
        assert_eq!(accept(path, "text/csv").await.headers["report-adds-up"], "false");
    }
}

#[tokio::test]
async fn head_office_sees_every_branch() {
    let shop = Shop::open().await;
    let mut branches = stored("inventory.branches.reply");
    let mut other = branches["branches"][0].clone();
    other["branch"]["id"] = json!("other");
    branches["branches"].as_array_mut().unwrap().push(other);
    shop.says("inventory.branches", branches);
    let answered = shop.send("GET", OFFICE, None).await;
    assert_eq!(answered.status, 200);
    let office = answered.json();
    let ids: Vec<&Value> =
        office["branches"].as_array().unwrap().iter().map(|branch| &branch["branch"]).collect();
    assert_eq!(ids, ["main", "other"]);
    assert_eq!(office["branches"][1]["totals"]["baked"], 660);
    assert_eq!(office["currencies"].as_array().unwrap().len(), 1);
    assert_eq!(office["currencies"][0]["totals"]["takings"], 2 * 78300);
    assert_eq!((&office["date"], &office["adds_up"]), (&json!("2026-11-24"), &json!(true)));
    assert_eq!(shop.asked().len(), 1 + 2 * 3);
}

#[tokio::test]
async fn a_day_without_a_beginning_has_no_till() {
    let mut shop = Shop::open().await;
    let mut day = stored("inventory.day.reply");
    day["from"] = Value::Null;
    shop.says("inventory.day", day);
    shop.close("bank").await;
    let report = shop.send("GET", REPORT, None).await.json();
    let money = report["checks"].as_array().unwrap().last().unwrap();
    assert_eq!((&money["name"], &money["ok"]), (&json!("money"), &Value::Null));
    assert_eq!(report["adds_up"], true);
}

#[tokio::test]
async fn without_one_of_the_books_there_is_no_report() {
    for service in ["inventory", "orders", "bank"] {
        let mut shop = Shop::open().await;
        shop.close(service).await;
        for path in [REPORT, OFFICE] {
            let answered = shop.send("GET", path, None).await;
            assert_eq!(answered.status, 503, "{service} {path}");
            assert_eq!(answered.json()["code"], "unavailable", "{service} {path}");
        }
    }
}

#[tokio::test]
async fn an_unknown_branch_has_no_report() {
    let shop = Shop::open().await;
    shop.refuses("inventory.day", Refusal::not_found("branch", "main"));
    shop.refuses("orders.day-sales", Refusal::unavailable("the orders database"));
    let answered = shop.send("GET", REPORT, None).await;
    assert_eq!((answered.status, &answered.json()["code"]), (404, &json!("not_found")));
}
