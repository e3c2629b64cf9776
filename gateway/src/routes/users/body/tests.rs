//! What a user may be called, and what is said of what may not be.

use super::{GuestBody, PasswordBody, RoleBody, SignInBody, UserBody};
use crate::input::parse;
use bakery_nats::refusal::Refusal;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// The fields that are named, none where all is well.
fn fields<B: DeserializeOwned, T>(
    body: &Value,
    read: impl FnOnce(B) -> Result<T, Refusal>,
) -> Vec<String> {
    let refusal = parse::<B>(body.to_string().as_bytes()).and_then(read).err();
    let errors = refusal.map(|refusal| {
        assert_eq!(refusal.status, 422, "{body}");
        refusal.errors
    });
    errors.unwrap_or_default().into_iter().map(|error| error.field).collect()
}

fn user(changed: &[(&str, Value)]) -> Vec<String> {
    let mut body = json!({"username": "ada.l", "password": "12345678", "name": "Ada"});
    for (field, value) in changed {
        body[field] = value.clone();
    }
    fields(&body, UserBody::read)
}

#[test]
fn the_ends_of_the_ranges_are_allowed() {
    assert!(user(&[]).is_empty());
    let longest = [
        ("username", json!("a".repeat(40))),
        ("password", json!("ä".repeat(128))),
        ("name", json!("ä".repeat(80))),
        ("email", json!("ada@example.org")),
    ];
    assert!(user(&longest).is_empty());
    assert!(user(&[("username", json!("0-_")), ("name", json!("A"))]).is_empty());
}

#[test]
fn every_wrong_field_is_named() {
    assert_eq!(fields(&json!({}), UserBody::read), ["username", "password", "name"]);
    let long = "a".repeat(41);
    for bad in ["", "ab", &long, "Ada", "ad a", "a\u{0}da", "ädä", "ada@example.org", "ada/.."] {
        assert_eq!(user(&[("username", json!(bad))]), ["username"], "{bad:?}");
    }
    for bad in ["", "1234567", &"x".repeat(129)] {
        assert_eq!(user(&[("password", json!(bad))]), ["password"], "{bad:?}");
    }
    for bad in ["", " ", "a\nb", &"x".repeat(81)] {
        assert_eq!(user(&[("name", json!(bad))]), ["name"], "{bad:?}");
    }
    assert_eq!(user(&[("email", json!("nobody"))]), ["email"]);
    let wrong = [("username", json!("A")), ("password", json!("1")), ("email", json!("@"))];
    assert_eq!(user(&wrong), ["username", "password", "email"]);
}

#[test]
fn nobody_gives_themselves_what_is_not_theirs_to_give() {
    for field in ["role", "account_id", "id", "disabled", "balance", "password_hash"] {
        assert_eq!(user(&[(field, json!("operator"))]), [field]);
        let guest = json!({"name": "Ada", field: "operator"});
        assert_eq!(fields(&guest, GuestBody::read), [field]);
    }
}

#[test]
fn the_other_bodies_name_their_fields() {
    assert_eq!(fields(&json!({}), GuestBody::read), ["name"]);
    assert_eq!(fields(&json!({}), SignInBody::read), ["username", "password"]);
    let odd = json!({"username": "\u{0}", "password": "x"});
    assert!(fields(&odd, SignInBody::read).is_empty(), "they are wrong, and no more is said");
    assert_eq!(fields(&json!({"new": "short"}), PasswordBody::read), ["old", "new"]);
    for bad in [json!("owner"), json!("Operator"), json!("")] {
        assert_eq!(fields(&json!({"role": bad}), RoleBody::read), ["role"]);
    }
}
