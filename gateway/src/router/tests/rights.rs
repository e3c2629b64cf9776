//! Who may do what: every row of the table for every role, and S2: other people's things look like
//! things that are not there.

use super::people::{person, token, uncounted, with_token};
use super::shop::{Shop, stored};
use super::{Answered, offline, request, send_bare};
use crate::auth::caller::Caller;
use crate::router::table;
use crate::router::table::Who;
use axum::body::Body;
use axum::http::Request;
use bakery_nats::refusal::Refusal;
use bakery_nats::requests::gateway::Role;
use serde_json::{Value, json};
use uuid::Uuid;

/// A path of the table with ids that could be.
pub(super) fn sample(path: &str) -> String {
    let path = match path {
        "/branches/{id}" | "/products/{id}" => path.replace("{id}", "main"),
        _ if path.starts_with("/admin/branches/") => path.replace("{id}", "main"),
        _ => path.replace("{id}", "0190c6a8-0000-7000-8000-000000000001"),
    };
    let parts = [
        ("{product}", "donut"),
        ("{branch}", "main"),
        ("{name}", "sweep"),
        ("{date}", "2026-11-24"),
        ("{sequence}", "1"),
        ("{delivery}", "0190c6a8-0000-7000-8000-000000000002"),
    ];
    let path = parts.iter().fold(path, |path, (part, id)| path.replace(part, id));
    assert!(!path.contains('{'), "{path}");
    format!("/api/v1{path}")
}

/// A request to a row of the table, with a body where one is wanted.
pub(super) fn sampled(method: &str, path: &str) -> Request<Body> {
    request(method, &sample(path), (method == "POST" || method == "PUT").then_some(&json!({})))
}

#[tokio::test]
async fn every_row_lets_those_in_who_may_and_nobody_else() {
    let app = uncounted(offline().await);
    let mut answers = 0;
    for (method, path, who) in table(&app).rows {
        let anonymous = send_bare(app.clone(), sampled(method, path)).await;
        assert_eq!(is_shut(&anonymous), who != Who::Anyone, "anonymous: {method} {path}");
        for role in Role::ALL {
            let caller = person(&app.users, role).await;
            let request = with_token(sampled(method, path), &token(&app, &caller));
            let answered = send_bare(app.clone(), request).await;
            let may = who.role().is_none_or(|least| role >= least);
            assert_eq!(!is_shut(&answered), may, "{role}: {method} {path}: {}", answered.status);
            if !may {
                assert_eq!(answered.status, 403, "{role}: {method} {path}");
                assert_eq!(answered.json()["code"], "forbidden", "{role}: {method} {path}");
            }
            answers += 1;
        }
    }
    assert!(answers >= 4 * 40, "{answers}");
}

/// Signing in and going on are for anyone, who without credentials gets no further than this.
fn is_shut(answered: &Answered) -> bool {
    answered.status == 403 || (answered.status == 401 && answered.json()["code"] == "unauthorized")
}

/// The table is read here as people were promised it.
#[tokio::test]
async fn the_table_says_what_was_promised() {
    let app = uncounted(offline().await);
    let rows = table(&app).rows;
    let who = |method: &str, path: &str| {
        let row = rows.iter().find(|row| (row.0, row.1) == (method, path));
        row.unwrap_or_else(|| panic!("{method} {path}")).2
    };
    for path in ["/menu", "/products/{id}", "/branches", "/branches/{id}", "/health"] {
        assert_eq!(who("GET", path), Who::Anyone);
    }
    for path in ["/users", "/guests", "/sessions", "/sessions/refresh"] {
        assert_eq!(who("POST", path), Who::Anyone);
    }
    for path in ["/orders", "/orders/{id}", "/orders/{id}/receipt"] {
        assert_eq!(who("GET", path), Who::Customer);
    }
    assert_eq!(who("POST", "/orders/{id}/refunds"), Who::Manager);
    assert_eq!(who("GET", "/orders/{id}/live"), Who::Customer);
    for path in ["/kitchen/orders", "/kitchen/bake-list", "/kitchen/stats", "/kitchen/live"] {
        assert_eq!(who("GET", path), Who::Kitchen);
    }
    for path in ["/display", "/display/live", "/shelf/live"] {
        assert_eq!(who("GET", path), Who::Anyone);
    }
    for (_, path, who) in &rows {
        let manager = path.starts_with("/admin/");
        assert_eq!(*who == Who::Manager, manager || is_managers(path, *who), "{path}");
    }
    for path in ["/users/{id}/role", "/users/{id}/disabled"] {
        assert_eq!(who("PUT", path), Who::Operator);
    }
    for path in ["/ops/pipeline", "/ops/dead-letters"] {
        assert_eq!(who("GET", path), Who::Operator);
    }
    assert_eq!(who("POST", "/ops/dead-letters/{sequence}/resend"), Who::Operator);
    assert_eq!(rows.iter().filter(|row| row.2 == Who::Anyone).count(), 12);
}

fn is_managers(path: &str, who: Who) -> bool {
    let more =
        ["/accounts", "/accounts/{id}/deposits", "/orders/{id}/refunds", "/users", "/users/{id}"];
    who == Who::Manager && more.contains(&path)
}

#[tokio::test]
async fn another_role_counts_at_once() {
    let app = uncounted(offline().await);
    let (operator, customer) =
        (person(&app.users, Role::Operator).await, person(&app.users, Role::Customer).await);
    let (operator, token_of) = (token(&app, &operator), token(&app, &customer));
    let start = format!("{}/start", super::ORDER.replace("/orders/", "/kitchen/orders/"));
    let start = || with_token(request("POST", &start, None), &token_of);
    assert_eq!(send_bare(app.clone(), start()).await.status, 403);
    for (role, status) in [("kitchen", 503), ("customer", 403)] {
        let path = format!("/api/v1/users/{}/role", customer.user_id);
        let change = request("PUT", &path, Some(&json!({"role": role})));
        let answered = send_bare(app.clone(), with_token(change, &operator)).await;
        assert_eq!((answered.status, &answered.json()["role"]), (200, &json!(role)));
        // 503: the bus is away, and who may is sent there.
        assert_eq!(send_bare(app.clone(), start()).await.status, status, "{role}");
    }
}

/// An order as the orders service has it, of an account.
fn order_of(account_id: Uuid) -> Value {
    let mut order = stored("orders.order.reply");
    order["account_id"] = json!(account_id);
    order
}

/// What can be done with the id of an order, and the status for who may.
const OF_ORDERS: [(&str, &str); 4] =
    [("GET", ""), ("GET", "/events"), ("GET", "/receipt"), ("POST", "/cancel")];

/// S2. The owner and staff see it; for another customer it is not there, word for word.
#[tokio::test]
async fn another_customers_order_looks_like_one_that_is_not_there() {
    let shop = Shop::open().await;
    let users = &shop.app.users;
    let (owner, other) = (person(users, Role::Customer).await, person(users, Role::Customer).await);
    let (order_id, nothing) = (Uuid::now_v7(), Uuid::now_v7());
    for (method, below) in OF_ORDERS {
        shop.says("orders.order", order_of(owner.account_id));
        let path = |id: Uuid| format!("/api/v1/orders/{id}{below}");
        let send = |caller: Option<Caller>, id: Uuid| {
            let request = request(method, &path(id), None);
            let request = match caller {
                Some(caller) => with_token(request, &token(&shop.app, &caller)),
                None => request,
            };
            send_bare(shop.app.clone(), request)
        };
        assert_eq!(send(Some(owner), order_id).await.status, 200, "{method} {below}");
        for role in [Role::Kitchen, Role::Manager, Role::Operator] {
            let staff = person(users, role).await;
            assert_eq!(send(Some(staff), order_id).await.status, 200, "{role}: {method} {below}");
        }
        assert_eq!(send(None, order_id).await.status, 401);
        shop.asked();
        let foreign = send(Some(other), order_id).await;
        let asked: Vec<String> = shop.asked().into_iter().map(|(name, _)| name).collect();
        assert_eq!(asked, ["orders.order"], "it was done all the same");
        shop.refuses("orders.order", Refusal::not_found("order", nothing));
        let missing = send(Some(other), nothing).await;
        assert_eq!((foreign.status, missing.status), (404, 404));
        let text = |answered: &Answered| String::from_utf8(answered.body.clone()).unwrap();
        let expected = text(&missing).replace(&nothing.to_string(), &order_id.to_string());
        assert_eq!(text(&foreign), expected, "{method} {below}");
        assert_eq!(names(&foreign), names(&missing));
        // What is the owner's to see is the owner's also where it is not there.
        assert_eq!(send(Some(owner), nothing).await.status, 404);
    }
}

fn names(answered: &Answered) -> Vec<String> {
    answered.headers.keys().map(ToString::to_string).collect()
}

#[tokio::test]
async fn another_customers_account_looks_like_one_that_is_not_there() {
    let shop = Shop::open().await;
    let users = &shop.app.users;
    let (owner, other) = (person(users, Role::Customer).await, person(users, Role::Customer).await);
    let send = |caller: Caller, id: Uuid| {
        let request = request("GET", &format!("/api/v1/accounts/{id}"), None);
        send_bare(shop.app.clone(), with_token(request, &token(&shop.app, &caller)))
    };
    assert_eq!(send(owner, owner.account_id).await.status, 200);
    let kitchen = person(users, Role::Kitchen).await;
    assert_eq!(send(kitchen, owner.account_id).await.status, 404);
    for role in [Role::Manager, Role::Operator] {
        assert_eq!(send(person(users, role).await, owner.account_id).await.status, 200, "{role}");
    }
    shop.asked();
    let foreign = send(other, owner.account_id).await;
    let nothing = Uuid::now_v7();
    let missing = send(other, nothing).await;
    assert!(shop.asked().is_empty(), "the time it takes would tell");
    assert_eq!((foreign.status, missing.status), (404, 404));
    let foreign = foreign.json().to_string().replace(&owner.account_id.to_string(), "it");
    assert_eq!(foreign, missing.json().to_string().replace(&nothing.to_string(), "it"));
    let refusal = Refusal::not_found("account", "it");
    assert_eq!(missing.json()["detail"], refusal.detail.replace("it", &nothing.to_string()));
}

/// S2: random and neighbouring ids, all of other people.
#[tokio::test]
async fn guessing_ids_finds_nothing() {
    let shop = Shop::open().await;
    let users = &shop.app.users;
    let (owner, other) = (person(users, Role::Customer).await, person(users, Role::Customer).await);
    shop.says("orders.order", order_of(owner.account_id));
    let (app, token) = (uncounted(shop.app.clone()), token(&shop.app, &other));
    for n in 0..300_u128 {
        let near = Uuid::from_u128(owner.account_id.as_u128().wrapping_add(n));
        for path in [
            format!("/api/v1/orders/{near}"),
            format!("/api/v1/orders/{}", Uuid::new_v4()),
            format!("/api/v1/accounts/{near}"),
        ] {
            let request = with_token(request("GET", &path, None), &token);
            assert_eq!(send_bare(app.clone(), request).await.status, 404, "{path}");
        }
    }
}

/// Everybody orders for themselves, staff as well.
#[tokio::test]
async fn an_order_is_the_callers_own() {
    let shop = Shop::open().await;
    for role in Role::ALL {
        let caller = person(&shop.app.users, role).await;
        let order = request("POST", "/api/v1/orders", Some(&super::good_order()));
        let token = token(&shop.app, &caller);
        let answered = send_bare(shop.app.clone(), with_token(order, &token)).await;
        assert_eq!(answered.status, 202, "{role}");
        let asked = shop.asked();
        assert_eq!(asked[0].0, "orders.place");
        assert_eq!(asked[0].1["account_id"], json!(caller.account_id), "{role}");

        let mut forged = super::good_order();
        forged["account_id"] = json!(Uuid::now_v7());
        let order = request("POST", "/api/v1/orders", Some(&forged));
        let answered = send_bare(shop.app.clone(), with_token(order, &token)).await;
        assert_eq!((answered.status, answered.fields()), (422, vec!["account_id".to_owned()]));
        assert!(shop.asked().is_empty());
    }
}

/// Each would be the last one to have changed somebody.
#[tokio::test]
async fn of_two_operators_who_take_each_others_role_one_is_left() {
    let app = uncounted(offline().await);
    for _ in 0..10 {
        let (one, two) =
            (person(&app.users, Role::Operator).await, person(&app.users, Role::Operator).await);
        let take = async |from: &Caller, by: &Caller| {
            let path = format!("/api/v1/users/{}/role", from.user_id);
            let change = request("PUT", &path, Some(&json!({"role": "customer"})));
            send_bare(app.clone(), with_token(change, &token(&app, by))).await.status
        };
        let mut statuses = <[u16; 2]>::from(tokio::join!(take(&two, &one), take(&one, &two)));
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 403]);
    }
}
