//! A good branch, and every way to get one wrong.

use super::BranchBody;
use crate::input::{parse, tests};
use bakery_nats::refusal::Refusal;
use bakery_nats::requests::inventory::PutBranch;
use serde_json::{Value, json};

fn branch() -> Value {
    json!({
        "name": "Bakery on the square",
        "address": "1 Market Square",
        "time_zone": "Europe/Berlin",
        "hours": {
            "mon": {"open": "07:00", "close": "18:00"},
            "tue": {"open": "00:00", "close": "24:00"},
        },
        "currency": "EUR",
    })
}

fn read(body: &Value) -> Result<PutBranch, Refusal> {
    parse::<BranchBody>(body.to_string().as_bytes())?.read("main".parse().unwrap())
}

/// The good branch with one value set (or, where it is null, taken out).
fn with(pointer: &str, value: Value) -> Value {
    tests::with(branch(), pointer, value)
}

fn wrong_fields(body: &Value) -> Vec<String> {
    tests::wrong_fields(read(body))
}

#[test]
fn a_good_branch_is_read() {
    let mut expected = branch();
    expected["id"] = json!("main");
    assert_eq!(serde_json::to_value(read(&branch()).unwrap()).unwrap(), expected);
    let put = read(&with("/name", json!("  Ada's  "))).unwrap();
    assert_eq!(put.name, "Ada's");
    let never = read(&with("/hours", json!({"sun": null}))).unwrap();
    assert_eq!(serde_json::to_value(never.hours).unwrap(), json!({}));
    assert!(read(&with("/address", json!(""))).is_ok());
}

#[test]
fn a_wrong_field_is_named() {
    let cases = [
        ("/name", json!(null), "name"),
        ("/name", json!("  "), "name"),
        ("/name", json!("ä".repeat(81)), "name"),
        ("/name", json!("a\nb"), "name"),
        ("/address", json!(null), "address"),
        ("/address", json!("ä".repeat(201)), "address"),
        ("/time_zone", json!(null), "time_zone"),
        ("/time_zone", json!("Berlin"), "time_zone"),
        ("/time_zone", json!("+01:00"), "time_zone"),
        ("/currency", json!(null), "currency"),
        ("/currency", json!("eur"), "currency"),
        ("/hours", json!(null), "hours"),
        ("/hours", json!("daily"), "hours"),
        ("/hours/monday", json!({"open": "07:00", "close": "18:00"}), "hours.monday"),
        ("/hours/mon", json!(["07:00", "18:00"]), "hours.mon"),
        ("/hours/mon/open", json!("7:00"), "hours.mon.open"),
        ("/hours/mon/open", json!(700), "hours.mon.open"),
        ("/hours/mon/close", json!(null), "hours.mon.close"),
        ("/hours/mon/close", json!("24:01"), "hours.mon.close"),
        ("/hours/mon/close", json!("07:00"), "hours.mon.close"),
        ("/hours/mon/lunch", json!("12:00"), "hours.mon.lunch"),
        ("/closed", json!(true), "closed"),
        ("/id", json!("main"), "id"),
    ];
    for (pointer, value, field) in cases {
        let body = with(pointer, value);
        assert_eq!(wrong_fields(&body), [field], "{body}");
    }
}

#[test]
fn one_answer_names_everything() {
    let body = json!({
        "name": "",
        "time_zone": "Mars/Olympus",
        "hours": {
            "mon": {"open": "late"},
            "wed": {"open": "18:00", "close": "07:00"},
            "sun": {"open": "25:00", "close": "26:00"},
        },
        "currency": "€",
    });
    let fields = [
        "name",
        "address",
        "time_zone",
        "hours.mon.open",
        "hours.mon.close",
        "hours.sun.open",
        "hours.sun.close",
        "hours.wed.close",
        "currency",
    ];
    assert_eq!(wrong_fields(&body), fields);
    let reasons = read(&body).unwrap_err().errors;
    let reason = |field: &str| &reasons.iter().find(|error| error.field == field).unwrap().reason;
    assert!(reason("time_zone").contains("IANA database, such as Europe/Berlin"));
    assert_eq!(reason("hours.mon.open"), "must be a time such as 07:30, from 00:00 to 24:00");
    assert_eq!(reason("hours.wed.close"), "must be later than open");
}
