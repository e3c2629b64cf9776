//! Becoming a user, also where the bank is away; and what the operator sees and does.

use super::guessing::{HERE, post};
use super::people::{operator, person, strangers, token, with_token};
use super::sessions::{plain, somebody, with};
use super::shop::Shop;
use super::{Answered, request, send_bare};
use crate::auth::caller::Caller;
use crate::users::row::{self, Newcomer, User};
use crate::users::session;
use bakery_nats::id::derived;
use bakery_nats::money::{Currency, Money};
use bakery_nats::refusal::Refusal;
use bakery_nats::requests::gateway::Role;
use bakery_testbed::database::{connection, execute, number};
use serde_json::{Value, json};
use std::sync::Arc;
use uuid::Uuid;

fn name() -> String {
    format!("u{}", Uuid::new_v4().simple())
}

async fn register(shop: &Shop, username: &str, password: &str) -> Answered {
    let body = json!({"username": username, "password": password, "name": "Ada L."});
    plain(shop, "POST", "/users", Some(&body)).await
}

/// A request of somebody known.
async fn send_as(shop: &Shop, caller: &Caller, method: &str, path: &str, body: Value) -> Answered {
    let body = (method != "GET").then_some(&body);
    let request = request(method, &format!("/api/v1{path}"), body);
    send_bare(shop.app.clone(), with_token(request, &token(&shop.app, caller))).await
}

#[tokio::test]
async fn who_registers_has_an_account_with_money_and_is_signed_in() {
    let shop = Shop::open().await;
    let username = name();
    let answered = register(&shop, &username, "a long password").await;
    assert_eq!(answered.status, 201);
    let welcome = answered.json();
    let user = &welcome["user"];
    let id = user["id"].as_str().unwrap();
    assert_eq!(answered.headers["location"], format!("/api/v1/users/{id}"));
    let account_id = derived(&["user", "account", id, "EUR"]);
    assert_eq!(user["account_id"], json!(account_id));
    assert_eq!((&user["username"], &user["role"]), (&json!(username), &json!("customer")));
    assert_eq!((&user["name"], &user["email"]), (&json!("Ada L."), &Value::Null));
    let opening = json!({"amount": 200_000, "currency": "EUR"});
    let account = json!({"id": account_id, "name": username, "opening": opening});
    assert_eq!(shop.asked(), [("bank.open-accounts".to_owned(), json!({"accounts": [account]}))]);
    assert_eq!(with(&shop, &welcome, ("GET", "/users/me"), None).await.status, 200);

    let again = register(&shop, &username, "a long password").await;
    assert_eq!((again.status, &again.json()["code"]), (409, &json!("username_taken")));
}

#[tokio::test]
async fn a_guest_leaves_a_name_and_can_order() {
    let shop = Shop::open().await;
    let answered = plain(&shop, "POST", "/guests", Some(&json!({"name": "Ada"}))).await;
    assert_eq!(answered.status, 201);
    let welcome = answered.json();
    assert_eq!(welcome["user"]["username"], Value::Null);
    let (name, asked) = shop.asked().pop().unwrap();
    assert_eq!(
        (name.as_str(), &asked["accounts"][0]["name"]),
        ("bank.open-accounts", &json!("Ada"))
    );
    let order = with(&shop, &welcome, ("POST", "/orders"), Some(&super::good_order())).await;
    assert_eq!(order.status, 202);
    assert_eq!(shop.asked()[0].1["account_id"], welcome["user"]["account_id"]);
    let body = json!({"old": "a long password", "new": "a long password"});
    let answered = with(&shop, &welcome, ("PUT", "/users/me/password"), Some(&body)).await;
    assert_eq!((answered.status, &answered.json()["code"]), (409, &json!("guest")));
}

#[tokio::test]
async fn an_account_is_kept_in_the_currency_that_its_owner_wants() {
    let shop = Shop::open().await;
    let guest = json!({"name": "Ada", "currency": "CHF"});
    assert_eq!(plain(&shop, "POST", "/guests", Some(&guest)).await.status, 201);
    let opening = json!({"amount": 50_000, "currency": "CHF"});
    assert_eq!(shop.asked()[0].1["accounts"][0]["opening"], opening);
    for bad in ["USD", "chf", ""] {
        let guest = json!({"name": "Ada", "currency": bad});
        let answered = plain(&shop, "POST", "/guests", Some(&guest)).await;
        assert_eq!((answered.status, answered.fields()), (422, vec!["currency".to_owned()]));
    }
    assert!(shop.asked().is_empty());
}

/// Nothing is left half done, and no username is lost for it.
#[tokio::test]
async fn where_the_bank_is_away_nobody_becomes_a_user_and_anybody_can_try_again() {
    let mut shop = Shop::open().await;
    shop.app.users = Arc::new(strangers().await);
    shop.refuses("bank.open-accounts", Refusal::unavailable("the bank database"));
    let username = name();
    for password in ["a long password", "a long password", "another password"] {
        let answered = register(&shop, &username, password).await;
        assert_eq!((answered.status, &answered.json()["code"]), (503, &json!("unavailable")));
    }
    let ids: Vec<Value> =
        shop.asked().into_iter().map(|(_, asked)| asked["accounts"][0]["id"].clone()).collect();
    assert_eq!(ids.len(), 3);
    assert!(ids.iter().all(|id| *id == ids[0]), "the bank would have opened several accounts");
    let sign_in = json!({"username": username, "password": "another password"});
    assert_eq!(plain(&shop, "POST", "/sessions", Some(&sign_in)).await.status, 401);
    let guest = json!({"name": "Ada"});
    assert_eq!(plain(&shop, "POST", "/guests", Some(&guest)).await.status, 503);
    let pool = &shop.app.users.pool;
    let claims = "SELECT count(*) AS number FROM app_user";
    assert_eq!(number(pool, claims).await, 1, "a guest was left behind");
    assert_eq!(number(pool, "SELECT count(*) AS number FROM session").await, 0);

    let swiss = json!({"username": username, "password": "another password", "name": "Ada L.", "currency": "CHF"});
    assert_eq!(plain(&shop, "POST", "/users", Some(&swiss)).await.status, 503);
    let swiss = shop.asked()[0].1["accounts"][0].clone();
    assert_ne!(swiss["id"], ids[0], "the bank would keep francs in an account that may have euros");

    shop.says("bank.open-accounts", json!({"opened": 0}));
    let answered = register(&shop, &username, "the last password").await;
    assert_eq!(answered.status, 201);
    assert_eq!(answered.json()["user"]["account_id"], ids[0]);
    for (password, status) in [("another password", 401), ("the last password", 200)] {
        let sign_in = json!({"username": username, "password": password});
        assert_eq!(plain(&shop, "POST", "/sessions", Some(&sign_in)).await.status, status);
    }
}

#[tokio::test]
async fn what_the_bank_has_against_an_account_is_not_the_clients_to_mend() {
    let shop = Shop::open().await;
    let refusal = Refusal::new(422, "invalid_input", "accounts[0].opening.amount is wrong");
    shop.refuses("bank.open-accounts", refusal);
    let answered = register(&shop, &name(), "a long password").await;
    assert_eq!((answered.status, &answered.json()["code"]), (500, &json!("internal")));
}

/// Registers until it is decided: where the machine is busy, connections may be few. It is done from here,
/// where newcomers may be many.
async fn until_decided(shop: &Shop, username: &str, password: &str) -> u16 {
    let body = json!({"username": username, "password": password, "name": "Ada L."});
    for _ in 0..20 {
        let status = post(&shop.app, "/api/v1/users", &body, HERE).await.status;
        assert!([201, 409, 503].contains(&status), "{status}");
        if status != 503 {
            return status;
        }
    }
    panic!("it is never decided");
}

#[tokio::test]
async fn of_many_who_want_one_username_one_gets_it() {
    let shop = Shop::open().await;
    let username = name();
    let passwords: Vec<String> = (0..6).map(|n| format!("password number {n}")).collect();
    let all = passwords.iter().map(|password| until_decided(&shop, &username, password));
    let statuses: Vec<u16> = futures::future::join_all(all).await;
    let winners: Vec<usize> = (0..6).filter(|n| statuses[*n] == 201).collect();
    assert_eq!(winners.len(), 1, "{statuses:?}");
    for (n, password) in passwords.iter().enumerate().take(5) {
        let sign_in = json!({"username": username, "password": password});
        let status = plain(&shop, "POST", "/sessions", Some(&sign_in)).await.status;
        assert_eq!(status == 200, winners == [n], "{n}");
    }
}

fn newcomer(username: &str, password_hash: &str) -> Newcomer {
    Newcomer {
        username: Some(username.to_owned()),
        password_hash: Some(password_hash.to_owned()),
        name: "Ada".to_owned(),
        email: None,
        role: Role::Customer,
        opening: nothing(),
    }
}

fn nothing() -> Money {
    Money { amount: 0, currency: Currency::try_from("EUR".to_owned()).unwrap() }
}

/// Whoever took a claim over finishes it, and nobody else; with the ids of the first.
#[tokio::test]
async fn a_claim_that_was_taken_over_is_not_finished_by_who_had_it() {
    let users = strangers().await;
    let mut conn = connection(&users.pool).await;
    let ids = || (Uuid::now_v7(), Uuid::now_v7());
    let first = User::claim(&mut conn, ids(), &newcomer("ada", "a")).await.unwrap().unwrap();
    let second = User::claim(&mut conn, ids(), &newcomer("ada", "b")).await.unwrap().unwrap();
    assert_eq!((first.id, first.account_id), (second.id, second.account_id));
    let session = (Uuid::now_v7(), first.id);
    assert!(!session::begin(&mut conn, session, Some("b"), &[1; 32]).await.unwrap());
    assert!(!row::finish(&mut conn, &first).await.unwrap());
    assert!(row::finish(&mut conn, &second).await.unwrap());
    assert!(!row::finish(&mut conn, &second).await.unwrap(), "twice");
    assert!(User::claim(&mut conn, ids(), &newcomer("ada", "c")).await.unwrap().is_none());
    // Who signs in with a password that was changed meanwhile has come too late.
    assert!(!session::begin(&mut conn, session, Some("a"), &[1; 32]).await.unwrap());
    assert!(session::begin(&mut conn, session, Some("b"), &[1; 32]).await.unwrap());
}

#[tokio::test]
async fn users_are_listed_in_pages() {
    let mut shop = Shop::open().await;
    shop.app.users = Arc::new(strangers().await);
    let manager = person(&shop.app.users, Role::Manager).await;
    let mut expected = vec![manager.user_id];
    for _ in 0..4 {
        expected.push(person(&shop.app.users, Role::Customer).await.user_id);
    }
    // A claim is nobody yet.
    let claim = "INSERT INTO app_user (id, name, role, account_id, account_opened, created_at, disabled)
                 VALUES (gen_random_uuid(), 'x', 'customer', gen_random_uuid(), false, now(), false)";
    execute(&shop.app.users.pool, claim).await;
    let (mut seen, mut next) = (Vec::new(), Value::Null);
    loop {
        let after = next.as_str().map(|id| format!("&after={id}")).unwrap_or_default();
        let page =
            send_as(&shop, &manager, "GET", &format!("/users?limit=2{after}"), json!({})).await;
        assert_eq!(page.status, 200);
        let page = page.json();
        for user in page["users"].as_array().unwrap() {
            let names: Vec<&String> = user.as_object().unwrap().keys().collect();
            assert!(!names.iter().any(|name| name.contains("password")), "{names:?}");
            seen.push(user["id"].as_str().unwrap().parse::<Uuid>().unwrap());
        }
        next = page["next"].clone();
        if next.is_null() {
            break;
        }
    }
    assert_eq!(seen, expected);
    for (query, field) in [("limit=0", "limit"), ("after=x", "after"), ("role=x", "role")] {
        let answered = send_as(&shop, &manager, "GET", &format!("/users?{query}"), json!({})).await;
        assert_eq!((answered.status, answered.fields()), (422, vec![field.to_owned()]));
    }
}

#[tokio::test]
async fn a_user_is_shown_with_orders_money_and_favourites() {
    let shop = Shop::open().await;
    let user = somebody(&shop).await;
    let account_id = user.tokens["user"]["account_id"].as_str().unwrap();
    let order = |status: &str, total: &str, lines: &str| {
        format!(
            "(gen_random_uuid(), '{account_id}', 'main', 3, '{status}', {total},
              CASE WHEN {total} IS NULL THEN NULL ELSE 'EUR' END, '{lines}', now())"
        )
    };
    let line = |product: &str, n: u32| format!(r#"{{"product_id":"{product}","quantity":{n}}}"#);
    let many: Vec<String> = (0..6).map(|n| line(&format!("p{n}"), 10 - n)).collect();
    let rows = [
        order("served", "500", &format!("[{},{}]", line("rye", 2), line("donut", 1))),
        order("confirmed", "300", &format!("[{}]", line("donut", 5))),
        order("cancelled", "900", &format!("[{}]", line("cake", 99))),
        order("placed", "NULL", &format!("[{}]", line("cake", 99))),
        order("ready", "100", &format!("[{}]", many.join(","))),
    ];
    let sql = format!(
        "INSERT INTO seen_order (order_id, account_id, branch, version, status, total, currency,
                                 lines, at) VALUES {};
         INSERT INTO seen_account VALUES ('{account_id}', 'EUR', now())",
        rows.join(",")
    );
    execute(&shop.app.users.pool, &sql).await;
    let me = with(&shop, &user.tokens, ("GET", "/users/me"), None).await;
    assert_eq!(me.status, 200);
    let mut profile = me.json();
    let balance = json!({"amount": 49_080, "currency": "EUR"});
    let account = json!({"id": account_id, "currency": "EUR", "balance": balance});
    assert_eq!(profile["account"], account);
    let by_status = json!({"cancelled": 1, "confirmed": 1, "placed": 1, "ready": 1, "served": 1});
    assert_eq!(profile["orders"], json!({"all": 5, "by_status": by_status}));
    assert_eq!(profile["spent"], json!([{"amount": 900, "currency": "EUR"}]));
    let favourite = |product: &str, units: i64| json!({"product_id": product, "units": units});
    let expected = [("p0", 10), ("p1", 9), ("p2", 8), ("p3", 7), ("donut", 6)];
    assert_eq!(profile["favourites"], json!(expected.map(|(id, n)| favourite(id, n))));

    let path = format!("/users/{}", user.id);
    let seen = send_as(&shop, &operator().await, "GET", &path, json!({})).await;
    assert_eq!((seen.status, seen.json()), (200, profile.clone()));
    shop.refuses("bank.account", Refusal::unavailable("the bank database"));
    let seen = send_as(&shop, &operator().await, "GET", &path, json!({})).await;
    profile["account"]["balance"] = Value::Null;
    assert_eq!((seen.status, seen.json()), (200, profile));
}

#[tokio::test]
async fn what_cannot_be_is_not_done_to_a_user() {
    let shop = Shop::open().await;
    let operator = operator().await;
    let nobody = Uuid::now_v7();
    for (path, body) in
        [("role", json!({"role": "kitchen"})), ("disabled", json!({"disabled": true}))]
    {
        let path = |id: Uuid| format!("/users/{id}/{path}");
        let missing = send_as(&shop, &operator, "PUT", &path(nobody), body.clone()).await;
        assert_eq!((missing.status, &missing.json()["code"]), (404, &json!("not_found")));
        let own = send_as(&shop, &operator, "PUT", &path(operator.user_id), body).await;
        assert_eq!((own.status, &own.json()["code"]), (409, &json!("own_user")));
    }
    let missing = send_as(&shop, &operator, "GET", &format!("/users/{nobody}"), json!({})).await;
    assert_eq!(missing.status, 404);
    let guest = plain(&shop, "POST", "/guests", Some(&json!({"name": "Ada"}))).await.json();
    let path = format!("/users/{}/role", guest["user"]["id"].as_str().unwrap());
    let raised = send_as(&shop, &operator, "PUT", &path, json!({"role": "operator"})).await;
    assert_eq!((raised.status, &raised.json()["code"]), (409, &json!("guest")));
}
