//! A good product, and every way to get one wrong.

use super::ProductBody;
use crate::input::{parse, tests};
use bakery_nats::refusal::Refusal;
use bakery_nats::requests::inventory::NewProduct;
use serde_json::{Value, json};

fn product() -> Value {
    json!({
        "name": "Donut",
        "description": "Sugar glaze.",
        "price": {"amount": 150, "currency": "EUR"},
        "image": "/images/donut.svg",
        "shelf_life_s": 28800,
        "discount_percent": 30,
        "production": {"every_s": 60, "batch": 1},
    })
}

fn read(body: &Value) -> Result<NewProduct, Refusal> {
    parse::<ProductBody>(body.to_string().as_bytes())?.read("donut".parse().unwrap())
}

/// The good product with one value set (or, where it is null, taken out).
fn with(pointer: &str, value: Value) -> Value {
    tests::with(product(), pointer, value)
}

fn wrong_fields(body: &Value) -> Vec<String> {
    tests::wrong_fields(read(body))
}

#[test]
fn a_good_product_is_read() {
    let mut expected = product();
    expected["id"] = json!("donut");
    assert_eq!(serde_json::to_value(read(&product()).unwrap()).unwrap(), expected);
    assert_eq!(read(&with("/production", json!(null))).unwrap().production, None);
    for (pointer, value) in [
        ("/price/amount", json!(0)),
        ("/discount_percent", json!(0)),
        ("/discount_percent", json!(100)),
        ("/shelf_life_s", json!(1)),
        ("/shelf_life_s", json!(i32::MAX)),
        ("/description", json!("")),
        ("/image", json!("")),
        ("/production/every_s", json!(86_400)),
        ("/production/batch", json!(10_000)),
    ] {
        assert!(read(&with(pointer, value)).is_ok(), "{pointer}");
    }
}

#[test]
fn a_wrong_field_is_named() {
    let cases = [
        ("/name", json!("ä".repeat(81)), "name"),
        ("/description", json!("ä".repeat(501)), "description"),
        ("/description", json!("a\u{0}b"), "description"),
        ("/image", json!("ä".repeat(501)), "image"),
        ("/price", json!(150), "price"),
        ("/price/amount", json!(-1), "price.amount"),
        ("/price/amount", json!(1.5), "price.amount"),
        ("/price/amount", json!(10_000_000_001_i64), "price.amount"),
        ("/price/currency", json!("euro"), "price.currency"),
        ("/price/tax", json!(7), "price.tax"),
        ("/shelf_life_s", json!(0), "shelf_life_s"),
        ("/shelf_life_s", json!(2_147_483_648_i64), "shelf_life_s"),
        ("/shelf_life_s", json!("a day"), "shelf_life_s"),
        ("/discount_percent", json!(-1), "discount_percent"),
        ("/discount_percent", json!(101), "discount_percent"),
        ("/production", json!([60, 1]), "production"),
        ("/production/every_s", json!(0), "production.every_s"),
        ("/production/every_s", json!(86_401), "production.every_s"),
        ("/production/batch", json!(null), "production.batch"),
        ("/production/batch", json!(10_001), "production.batch"),
        ("/state", json!("retired"), "state"),
    ];
    for (pointer, value, field) in cases {
        let body = with(pointer, value);
        assert_eq!(wrong_fields(&body), [field], "{body}");
    }
}

#[test]
fn one_answer_names_everything() {
    let body = json!({"name": "", "price": {"currency": "x"}, "discount_percent": 200,
        "production": {}});
    let fields = [
        "name",
        "description",
        "price.amount",
        "price.currency",
        "image",
        "shelf_life_s",
        "discount_percent",
        "production.every_s",
        "production.batch",
    ];
    assert_eq!(wrong_fields(&body), fields);
}
