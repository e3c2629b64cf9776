//! Signing in, going on with a refresh token, signing out, and what ends a session.

use super::people::{operator, token, with_token};
use super::shop::Shop;
use super::{Answered, request, send_bare};
use crate::sweep::round;
use crate::users::sweep::SWEEPS;
use bakery_testbed::database::{execute, number};
use serde_json::{Value, json};
use uuid::Uuid;

const PASSWORD: &str = "correct horse battery";

/// A user with the tokens of the first session.
pub(super) struct Somebody {
    pub(super) username: String,
    pub(super) id: Uuid,
    pub(super) tokens: Value,
}

pub(super) async fn somebody(shop: &Shop) -> Somebody {
    let username = format!("u{}", Uuid::new_v4().simple());
    let body = json!({"username": username, "password": PASSWORD, "name": "Ada"});
    let answered = plain(shop, "POST", "/users", Some(&body)).await;
    assert_eq!(answered.status, 201);
    let tokens = answered.json();
    let id = tokens["user"]["id"].as_str().unwrap().parse().unwrap();
    Somebody { username, id, tokens }
}

/// A request without a token.
pub(super) async fn plain(shop: &Shop, method: &str, path: &str, body: Option<&Value>) -> Answered {
    send_bare(shop.app.clone(), request(method, &format!("/api/v1{path}"), body)).await
}

/// A request with the access token out of an answer.
pub(super) async fn with(
    shop: &Shop,
    tokens: &Value,
    (method, path): (&str, &str),
    body: Option<&Value>,
) -> Answered {
    let request = request(method, &format!("/api/v1{path}"), body);
    let token = tokens["access_token"].as_str().unwrap();
    send_bare(shop.app.clone(), with_token(request, token)).await
}

async fn me(shop: &Shop, tokens: &Value) -> u16 {
    with(shop, tokens, ("GET", "/users/me"), None).await.status
}

async fn sign_in(shop: &Shop, username: &str, password: &str) -> Answered {
    let body = json!({"username": username, "password": password});
    plain(shop, "POST", "/sessions", Some(&body)).await
}

async fn refresh(shop: &Shop, tokens: &Value) -> Answered {
    let body = json!({"refresh_token": tokens["refresh_token"]});
    plain(shop, "POST", "/sessions/refresh", Some(&body)).await
}

/// Lets so many seconds pass for the tokens of a user.
async fn wait(shop: &Shop, user: &Somebody, seconds: u32) {
    let of_user = format!("session_id IN (SELECT id FROM session WHERE user_id = '{}')", user.id);
    let past = format!("interval '{seconds} s'");
    let sql = format!(
        "UPDATE refresh_token SET used_at = used_at - {past}, expires_at = expires_at - {past}
         WHERE {of_user};
         UPDATE session SET expires_at = expires_at - {past} WHERE user_id = '{}'",
        user.id
    );
    execute(&shop.app.users.pool, &sql).await;
}

#[tokio::test]
async fn who_signs_in_gets_tokens_that_work() {
    let shop = Shop::open().await;
    let user = somebody(&shop).await;
    let answered = sign_in(&shop, &user.username, PASSWORD).await;
    assert_eq!(answered.status, 200);
    let tokens = answered.json();
    let mut names: Vec<&String> = tokens.as_object().unwrap().keys().collect();
    names.sort();
    assert_eq!(names, ["access_token", "expires_in", "refresh_token", "token_type"]);
    assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&json!("Bearer"), &json!(600)));
    assert_eq!((me(&shop, &tokens).await, me(&shop, &user.tokens).await), (200, 200));
    let pool = &shop.app.users.pool;
    let sql = format!("SELECT count(*) AS number FROM session WHERE user_id = '{}'", user.id);
    assert_eq!(number(pool, &sql).await, 2);
    for wrong in ["", "correct horse batter", "Correct horse battery"] {
        assert_eq!(sign_in(&shop, &user.username, wrong).await.status, 401);
    }
}

#[tokio::test]
async fn a_refresh_token_is_good_once_and_each_answer_brings_the_next() {
    let shop = Shop::open().await;
    let user = somebody(&shop).await;
    let mut tokens = user.tokens.clone();
    for _ in 0..4 {
        let answered = refresh(&shop, &tokens).await;
        assert_eq!(answered.status, 200);
        let next = answered.json();
        assert_ne!(next["refresh_token"], tokens["refresh_token"]);
        tokens = next;
        assert_eq!(me(&shop, &tokens).await, 200);
        wait(&shop, &user, 3600).await;
    }
}

#[tokio::test]
async fn a_token_that_comes_twice_ends_the_session_for_both() {
    let shop = Shop::open().await;
    let user = somebody(&shop).await;
    let next = refresh(&shop, &user.tokens).await.json();
    wait(&shop, &user, 11).await;
    assert_eq!(refresh(&shop, &user.tokens).await.status, 401);
    assert_eq!(me(&shop, &next).await, 401, "the access token still opens");
    assert_eq!(refresh(&shop, &next).await.status, 401, "the thief goes on");
}

#[tokio::test]
async fn at_once_it_ends_as_well_where_the_next_token_was_used() {
    let shop = Shop::open().await;
    let user = somebody(&shop).await;
    let next = refresh(&shop, &user.tokens).await.json();
    let after = refresh(&shop, &next).await.json();
    assert_eq!(refresh(&shop, &user.tokens).await.status, 401);
    assert_eq!(refresh(&shop, &after).await.status, 401);
}

#[tokio::test]
async fn a_lost_answer_can_be_asked_for_again_and_the_lost_token_is_void() {
    let shop = Shop::open().await;
    let user = somebody(&shop).await;
    let lost = refresh(&shop, &user.tokens).await.json();
    let again = refresh(&shop, &user.tokens).await;
    assert_eq!(again.status, 200);
    let again = again.json();
    assert_eq!(me(&shop, &again).await, 200);
    let more = refresh(&shop, &again).await.json();
    assert_eq!(me(&shop, &more).await, 200);
    // Whoever caught the lost answer gives themselves away.
    assert_eq!(refresh(&shop, &lost).await.status, 401);
    assert_eq!(me(&shop, &more).await, 401);
}

#[tokio::test]
async fn of_many_at_once_with_one_token_one_at_most_can_go_on() {
    let shop = Shop::open().await;
    let user = somebody(&shop).await;
    let all = (0..8).map(|_| refresh(&shop, &user.tokens));
    let answers: Vec<Answered> = futures::future::join_all(all).await;
    let good = answers.iter().filter(|answered| answered.status == 200).count();
    assert!(good >= 1);
    let sql = format!(
        "SELECT count(*) AS number FROM refresh_token WHERE used_at IS NULL AND session_id IN
             (SELECT id FROM session WHERE user_id = '{}')",
        user.id
    );
    assert_eq!(number(&shop.app.users.pool, &sql).await, 1, "the chain has branched");
}

#[tokio::test]
async fn what_is_no_refresh_token_of_ours_is_refused_in_the_same_form() {
    let shop = Shop::open().await;
    let user = somebody(&shop).await;
    let strange = crate::auth::refresh::RefreshToken::new().unwrap().text;
    for bad in [json!(strange), json!(""), json!("x"), user.tokens["access_token"].clone()] {
        let answered = refresh(&shop, &json!({"refresh_token": bad})).await;
        assert_eq!((answered.status, &answered.json()["code"]), (401, &json!("unauthorized")));
        assert_eq!(answered.headers["www-authenticate"], "Bearer");
    }
    wait(&shop, &user, 30 * 86_400 + 1).await;
    assert_eq!(refresh(&shop, &user.tokens).await.status, 401, "it is good for ever");
}

#[tokio::test]
async fn signing_out_ends_this_session_and_no_other() {
    let shop = Shop::open().await;
    let user = somebody(&shop).await;
    let other = sign_in(&shop, &user.username, PASSWORD).await.json();
    let out = with(&shop, &user.tokens, ("DELETE", "/sessions/current"), None).await;
    assert_eq!((out.status, out.body.len()), (204, 0));
    assert_eq!((me(&shop, &user.tokens).await, me(&shop, &other).await), (401, 200));
    assert_eq!(refresh(&shop, &user.tokens).await.status, 401);
}

#[tokio::test]
async fn another_password_ends_all_other_sessions() {
    let shop = Shop::open().await;
    let user = somebody(&shop).await;
    let other = sign_in(&shop, &user.username, PASSWORD).await.json();
    let change = async |old: &str, new: &str| {
        let body = json!({"old": old, "new": new});
        with(&shop, &user.tokens, ("PUT", "/users/me/password"), Some(&body)).await
    };
    let wrong = change("not the password", "another long password").await;
    assert_eq!((wrong.status, wrong.fields()), (422, vec!["old".to_owned()]));
    assert_eq!(me(&shop, &other).await, 200);
    assert_eq!(change(PASSWORD, "another long password").await.status, 204);
    assert_eq!((me(&shop, &user.tokens).await, me(&shop, &other).await), (200, 401));
    assert_eq!(refresh(&shop, &other).await.status, 401);
    assert_eq!(refresh(&shop, &user.tokens).await.status, 200);
    assert_eq!(sign_in(&shop, &user.username, PASSWORD).await.status, 401);
    assert_eq!(sign_in(&shop, &user.username, "another long password").await.status, 200);
}

#[tokio::test]
async fn who_is_disabled_is_out_at_once_and_cannot_come_back_until_let() {
    let shop = Shop::open().await;
    let user = somebody(&shop).await;
    assert_eq!(me(&shop, &user.tokens).await, 200);
    let set = async |disabled: bool| {
        let path = format!("/api/v1/users/{}/disabled", user.id);
        let request = request("PUT", &path, Some(&json!({"disabled": disabled})));
        let token = token(&shop.app, &operator().await);
        send_bare(shop.app.clone(), with_token(request, &token)).await
    };
    let answered = set(true).await;
    assert_eq!((answered.status, &answered.json()["disabled"]), (200, &json!(true)));
    assert_eq!(me(&shop, &user.tokens).await, 401);
    assert_eq!(refresh(&shop, &user.tokens).await.status, 401);
    let refused = sign_in(&shop, &user.username, PASSWORD).await;
    assert_eq!((refused.status, &refused.json()["code"]), (401, &json!("wrong_credentials")));
    assert_eq!(set(false).await.status, 200);
    assert_eq!(me(&shop, &user.tokens).await, 401, "an old session lives again");
    assert_eq!(sign_in(&shop, &user.username, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn with_too_many_sessions_the_oldest_ends() {
    let shop = Shop::open().await;
    let user = somebody(&shop).await;
    let sql = format!(
        "INSERT INTO session (id, user_id, created_at, expires_at)
         SELECT gen_random_uuid(), '{}', now(), now() + interval '1 day'
         FROM generate_series(1, 19)",
        user.id
    );
    execute(&shop.app.users.pool, &sql).await;
    assert_eq!(me(&shop, &user.tokens).await, 200);
    let newest = sign_in(&shop, &user.username, PASSWORD).await.json();
    assert_eq!((me(&shop, &user.tokens).await, me(&shop, &newest).await), (401, 200));
}

#[tokio::test]
async fn what_has_ended_is_swept_and_what_lives_is_left() {
    let users = super::people::strangers().await;
    let caller =
        super::people::person(&users, bakery_nats::requests::gateway::Role::Customer).await;
    let sql = format!(
        "INSERT INTO session (id, user_id, created_at, expires_at, revoked_at) VALUES
             (gen_random_uuid(), '{0}', now(), now() - interval '1 s', NULL),
             (gen_random_uuid(), '{0}', now(), now() + interval '1 day', now() - interval '2 days');
         INSERT INTO app_user (id, name, role, account_id, account_opened, created_at, disabled) VALUES
             (gen_random_uuid(), 'a', 'customer', gen_random_uuid(), false,
              now() - interval '2 hours', false),
             (gen_random_uuid(), 'b', 'customer', gen_random_uuid(), false, now(), false);
         INSERT INTO refresh_token (hash, session_id, expires_at, used_at) VALUES
             (sha256('a'), '{1}', now() + interval '1 day', NULL),
             (sha256('b'), '{1}', now() + interval '1 day', now() - interval '8 days'),
             (sha256('c'), '{1}', now() - interval '1 s', NULL)",
        caller.user_id, caller.session_id
    );
    execute(&users.pool, &sql).await;
    assert_eq!(round(&users.pool, &SWEEPS).await, Ok(5));
    assert_eq!(round(&users.pool, &SWEEPS).await, Ok(0));
    for (table, rows) in [("session", 1), ("refresh_token", 1), ("app_user", 2)] {
        let sql = format!("SELECT count(*) AS number FROM {table}");
        assert_eq!(number(&users.pool, &sql).await, rows, "{table}");
    }
}
