//! What is a good token, and what is none.

use super::forged::{all, claiming};
use super::{ACCESS_LIFE_S, Claims, LEEWAY_S, TOKEN_BYTES_MAX, issue, read};
use crate::auth::caller::Caller;
use crate::auth::key::Key;
use bakery_nats::requests::gateway::Role;
use bakery_testbed::{at, id};
use chrono::TimeDelta;

fn caller() -> Caller {
    let (user_id, account_id, session_id) = (id("user", 1), id("account", 1), id("session", 1));
    Caller { user_id, role: Role::Operator, account_id, session_id }
}

#[test]
fn a_token_is_good_for_ten_minutes_and_names_its_user_and_session() {
    let key = Key::random();
    let token = issue(&key, &caller(), at(0)).unwrap();
    assert!(token.len() < TOKEN_BYTES_MAX);
    for good in [-LEEWAY_S, 0, ACCESS_LIFE_S - 1] {
        let claims = read(&key, &token, at(good)).unwrap();
        assert_eq!((claims.sub, claims.sid), (caller().user_id, caller().session_id));
    }
    for bad in [-LEEWAY_S - 1, ACCESS_LIFE_S, ACCESS_LIFE_S + 1] {
        assert_eq!(read(&key, &token, at(bad)), None, "{bad}");
    }
    assert_ne!(token, issue(&key, &caller(), at(0)).unwrap(), "two tokens are the same");
}

/// RFC 9068, 2.2: what must be in it, and nothing that is not for the client's eyes.
#[test]
fn a_token_has_the_claims_of_an_access_token() {
    let claims = serde_json::to_value(Claims::new(&caller(), at(0))).unwrap();
    let mut names: Vec<&String> = claims.as_object().unwrap().keys().collect();
    names.sort();
    let expected = ["aud", "client_id", "exp", "iat", "iss", "jti", "nbf", "role", "sid", "sub"];
    assert_eq!(names, expected);
    let key = Key::random();
    assert!(read(&key, &claiming(&key, &claims), at(0)).is_some(), "the forger's tools are blunt");
}

#[test]
fn no_forged_token_is_read() {
    let key = Key::random();
    // Only the database knows that these two are nobody's.
    let of_database = ["a session that nobody has", "somebody else's session"];
    let forged = all(&key, &caller(), at(0));
    assert!(forged.len() > 45, "{}", forged.len());
    for (name, token) in forged {
        let known = of_database.contains(&name.as_str());
        assert_eq!(read(&key, &token, at(0)).is_some(), known, "{name}");
    }
}

#[test]
fn a_day_later_or_earlier_nothing_is_good_any_more() {
    let key = Key::random();
    let token = issue(&key, &caller(), at(0)).unwrap();
    for days in [-1, 1] {
        assert_eq!(read(&key, &token, at(0) + TimeDelta::days(days)), None);
    }
}
