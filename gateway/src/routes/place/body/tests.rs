//! Good orders in both forms, and every way to get one wrong.

use super::OrderBody;
use crate::input::{parse, tests};
use bakery_nats::refusal::Refusal;
use bakery_nats::requests::orders::Place;
use serde_json::{Value, json};
use uuid::Uuid;

fn order() -> Value {
    json!({
        "branch": "main",
        "customer": {"name": "Ada", "email": "ada@example.org"},
        "items": [
            {"product_id": "sourdough", "quantity": 2},
            {"product_id": "donut", "quantity": 1},
        ],
    })
}

fn read(body: &Value) -> Result<Place, Refusal> {
    parse::<OrderBody>(body.to_string().as_bytes())?.read((Uuid::nil(), Uuid::max()), None)
}

/// The good order with one value set (or, where it is null, taken out).
fn with(pointer: &str, value: Value) -> Value {
    tests::with(order(), pointer, value)
}

fn wrong_fields(body: &Value) -> Vec<String> {
    tests::wrong_fields(read(body))
}

#[test]
fn both_forms_are_read() {
    let place = read(&order()).unwrap();
    let lines: Vec<_> =
        place.items.iter().map(|line| (line.product_id.as_str(), line.quantity)).collect();
    assert_eq!(lines, [("sourdough", 2), ("donut", 1)]);

    let single = json!({
        "customer": {"name": "  Ada "},
        "product_id": "rye", "quantity": 1000,
    });
    let place = read(&single).unwrap();
    assert_eq!((place.branch.as_str(), place.customer.name.as_str()), ("main", "Ada"));
    assert_eq!((place.items.len(), place.items[0].quantity), (1, 1000));
}

#[test]
fn a_wrong_field_is_named() {
    let cases = [
        ("/branch", json!("Main!"), "branch"),
        ("/branch", json!(7), "branch"),
        ("/customer", json!(null), "customer"),
        ("/customer", json!("Ada"), "customer"),
        ("/customer", json!(["Ada", "ada@example.org"]), "customer"),
        ("/customer/name", json!(null), "customer.name"),
        ("/customer/name", json!("   "), "customer.name"),
        ("/customer/name", json!("a\u{0}b"), "customer.name"),
        ("/customer/name", json!("ä".repeat(81)), "customer.name"),
        ("/customer/email", json!("ada"), "customer.email"),
        ("/customer/email", json!("ada@"), "customer.email"),
        ("/customer/email", json!("a@b@c"), "customer.email"),
        ("/customer/email", json!("a b@c"), "customer.email"),
        ("/customer/email", json!("a@b\r\nBcc: c"), "customer.email"),
        ("/customer/email", json!(format!("{}@c", "a".repeat(253))), "customer.email"),
        ("/customer/admin", json!(true), "customer.admin"),
        // S3: what is ours to say.
        ("/price", json!(0), "price"),
        ("/total", json!(0), "total"),
        ("/status", json!("confirmed"), "status"),
        ("/role", json!("operator"), "role"),
        ("/account_id", json!("0190c6a8-0000-7000-8000-000000000001"), "account_id"),
        ("/items", json!(null), "items"),
        ("/items", json!([]), "items"),
        ("/items", json!({}), "items"),
        ("/items", json!([["donut", 1]]), "items[0]"),
        ("/items", json!(vec![json!({"product_id": "donut", "quantity": 1}); 51]), "items"),
        ("/items", json!([{"product_id": "donut"}]), "items[0].quantity"),
        ("/items", json!([{"quantity": 1}]), "items[0].product_id"),
        ("/items", json!([{"product_id": "a.b", "quantity": 1}]), "items[0].product_id"),
        (
            "/items",
            json!(vec![json!({"product_id": "a", "quantity": 1}); 2]),
            "items[1].product_id",
        ),
        ("/items", json!([{"product_id": "a", "quantity": 1, "x": 1}]), "items[0].x"),
    ];
    for (pointer, value, field) in cases {
        let body = with(pointer, value);
        assert_eq!(wrong_fields(&body), [field], "{body}");
    }
}

#[test]
fn a_quantity_is_a_whole_number_from_1_to_1000() {
    for bad in ["0", "-1", "1001", "9223372036854775808", "1e300", "1.5", "1.0", "\"two\"", "[]"] {
        let quantity: Value = serde_json::from_str(bad).unwrap();
        let lines =
            json!([{"product_id": "a", "quantity": 1}, {"product_id": "b", "quantity": quantity}]);
        assert_eq!(wrong_fields(&with("/items", lines)), ["items[1].quantity"], "{bad}");
        let mut single = with("/items", Value::Null);
        single["product_id"] = json!("a");
        single["quantity"] = quantity;
        assert_eq!(wrong_fields(&single), ["quantity"], "{bad}");
    }
}

#[test]
fn one_form_at_a_time() {
    assert_eq!(wrong_fields(&with("/product_id", json!("a"))), ["items", "product_id"]);
    assert_eq!(wrong_fields(&with("/quantity", json!(1))), ["items", "product_id"]);
    let mut half = with("/items", Value::Null);
    half["product_id"] = json!("a");
    assert_eq!(wrong_fields(&half), ["quantity"]);
}

#[test]
fn one_answer_names_everything() {
    let body = json!({
        "branch": "-",
        "customer": {"name": "", "email": "x"},
        "items": [{"product_id": "A", "quantity": 0}, {"quantity": -1}],
    });
    let fields = [
        "branch",
        "customer.name",
        "customer.email",
        "items[0].product_id",
        "items[0].quantity",
        "items[1].product_id",
        "items[1].quantity",
    ];
    assert_eq!(wrong_fields(&body), fields);
}
