//! Tokens as an attacker would like to have them, for tests.

use super::{ACCESS_LIFE_S, Claims, issue, signed};
use crate::auth::caller::Caller;
use crate::auth::key::Key;
use bakery_nats::requests::gateway::Role;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use ring::hmac;
use serde_json::{Value, json};
use uuid::Uuid;

fn encoded(json: &Value) -> String {
    URL_SAFE_NO_PAD.encode(json.to_string())
}

/// The good claims with one changed, or, where it is null, left out.
fn with(caller: &Caller, now: DateTime<Utc>, name: &str, value: Value) -> Value {
    let mut claims = serde_json::to_value(Claims::new(caller, now)).unwrap();
    match value {
        Value::Null => claims.as_object_mut().unwrap().remove(name),
        value => claims.as_object_mut().unwrap().insert(name.to_owned(), value),
    };
    claims
}

/// Well signed by our key, with these claims.
pub(crate) fn claiming(key: &Key, claims: &Value) -> String {
    signed(key, &format!("{}.{}", key.header(), encoded(claims)))
}

/// Well signed by our key, with another header in front of good claims.
fn headed(key: &Key, header: &Value, claims: &Value) -> String {
    signed(key, &format!("{}.{}", encoded(header), encoded(claims)))
}

/// Every token of S1 that must let nobody in, by name. All but the altered ones are as good as they
/// can be made: most are even signed with our own key.
pub(crate) fn all(key: &Key, caller: &Caller, now: DateTime<Utc>) -> Vec<(String, String)> {
    let good = issue(key, caller, now).unwrap();
    let claims = serde_json::to_value(Claims::new(caller, now)).unwrap();
    let mut forged = wrong_claims(key, caller, now);
    forged.extend(wrong_headers(key, &claims));
    forged.extend(altered(&good, &claims));
    let other = issue(&Key::random(), caller, now).unwrap();
    forged.push(("another key".to_owned(), other.clone()));
    let (_, foreign) = other.split_once('.').unwrap();
    forged.push(("another key under our header".to_owned(), format!("{}.{foreign}", key.header())));
    let stranger = Caller { session_id: Uuid::now_v7(), ..*caller };
    let stranger = issue(key, &stranger, now).unwrap();
    forged.push(("a session that nobody has".to_owned(), stranger));
    let stranger = Caller { user_id: Uuid::now_v7(), ..*caller };
    let stranger = issue(key, &stranger, now).unwrap();
    forged.push(("somebody else's session".to_owned(), stranger));
    forged
}

fn wrong_claims(key: &Key, caller: &Caller, now: DateTime<Utc>) -> Vec<(String, String)> {
    let (second, life) = (now.timestamp(), ACCESS_LIFE_S);
    let long_ago = issue(key, caller, now - TimeDelta::seconds(life)).unwrap();
    let cases = [
        ("iss", json!("somebody")),
        ("iss", json!(null)),
        ("iss", json!(["bakery-gateway"])),
        ("aud", json!("another-api")),
        ("aud", json!(["bakery-api", "another-api"])),
        ("aud", json!(null)),
        ("client_id", json!("another")),
        ("exp", json!(second)),
        ("exp", json!(second - 1)),
        ("exp", json!(null)),
        ("exp", json!("9999999999")),
        ("exp", json!(second + 100 * 365 * 86_400)),
        ("exp", json!(i64::MAX)),
        ("nbf", json!(second + 300)),
        ("nbf", json!(null)),
        ("iat", json!(second + 300)),
        ("sub", json!("")),
        ("sub", json!(null)),
        ("sid", json!(null)),
        ("role", json!("owner")),
        ("admin", json!(true)),
    ];
    let cases = cases.map(|(name, value)| {
        let token = claiming(key, &with(caller, now, name, value.clone()));
        (format!("{name} {value}"), token)
    });
    cases.into_iter().chain([("expired".to_owned(), long_ago)]).collect()
}

fn wrong_headers(key: &Key, claims: &Value) -> Vec<(String, String)> {
    let header: Value =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(key.header()).unwrap()).unwrap();
    let good = |name: &str, value: Value| {
        let mut header = header.clone();
        header[name] = value.clone();
        (format!("{name} {value}"), headed(key, &header, claims))
    };
    let mut forged = vec![
        good("alg", json!("none")),
        good("alg", json!("None")),
        good("alg", json!("HS256")),
        good("alg", json!("RS256")),
        good("alg", json!("ES256")),
        good("typ", json!("JWT")),
        good("kid", json!("../../../../dev/null")),
        good("kid", json!("' OR 1=1 --")),
        good("kid", json!("")),
        good("jku", json!("https://attacker.example/keys.json")),
        good("x5u", json!("https://attacker.example/key.pem")),
        good("jwk", json!({"kty": "OKP", "crv": "Ed25519", "x": "AAAA"})),
        good("crit", json!(["b64"])),
        good("b64", json!(false)),
    ];
    let none = json!({"alg": "none", "typ": "at+jwt"});
    let unsigned = format!("{}.{}.", encoded(&none), encoded(claims));
    forged.push(("alg none, unsigned".to_owned(), unsigned));
    // Whoever takes the algorithm from the token checks this with the public key as a secret.
    let mut hs256 = header.clone();
    hs256["alg"] = json!("HS256");
    for (name, header) in
        [("HS256", encoded(&hs256)), ("HS256 under our header", key.header().to_owned())]
    {
        let message = format!("{header}.{}", encoded(claims));
        let secret = hmac::Key::new(hmac::HMAC_SHA256, key.public());
        let tag = URL_SAFE_NO_PAD.encode(hmac::sign(&secret, message.as_bytes()));
        forged.push((format!("{name} with the public key"), format!("{message}.{tag}")));
    }
    forged
}

fn altered(good: &str, claims: &Value) -> Vec<(String, String)> {
    let [header, body, signature] = good.split('.').collect::<Vec<_>>()[..] else { panic!() };
    let mut more = claims.clone();
    more["role"] = json!(Role::Operator);
    more["jti"] = json!(Uuid::new_v4());
    let mut flipped = signature.to_owned();
    let first = if flipped.starts_with('A') { "B" } else { "A" };
    flipped.replace_range(..1, first);
    let cases = [
        ("altered claims", format!("{header}.{}.{signature}", encoded(&more))),
        ("altered signature", format!("{header}.{body}.{flipped}")),
        ("no signature", format!("{header}.{body}.")),
        ("two parts", format!("{header}.{body}")),
        ("a fourth part", format!("{good}.{signature}")),
        ("padding", format!("{good}==")),
        ("a cut signature", good[..good.len() - 4].to_owned()),
        ("a long one", format!("{header}.{}.{signature}", "A".repeat(100_000))),
        ("nothing", String::new()),
        ("dots", "..".to_owned()),
        ("no token at all", "letmein".to_owned()),
    ];
    cases.map(|(name, token)| (name.to_owned(), token)).into()
}
