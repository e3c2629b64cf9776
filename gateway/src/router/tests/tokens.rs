//! S1: no token but a good one opens any door, and what is wrong with it nobody is told.

use super::people::{person, token, uncounted, with_token};
use super::rights::{sample, sampled};
use super::{Answered, offline, request, send_bare};
use crate::auth::token::forged;
use crate::router::table;
use axum::body::Body;
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderValue, Request};
use bakery_nats::requests::gateway::Role;
use serde_json::{Value, json};

/// The one form of 401.
fn assert_unauthorized(answered: &Answered, what: &str) {
    assert_eq!(answered.status, 401, "{what}");
    assert_eq!(answered.headers["www-authenticate"], "Bearer", "{what}");
    let expected = json!({
        "type": "/problems/unauthorized",
        "title": "Unauthorized",
        "status": 401,
        "code": "unauthorized",
        "detail": "a valid access token is needed, as Authorization: Bearer",
    });
    assert_eq!(answered.json(), expected, "{what}");
}

#[tokio::test]
async fn a_forged_token_opens_no_door() {
    let app = uncounted(offline().await);
    let operator = person(&app.users, Role::Operator).await;
    let good = token(&app, &operator);
    let (mut doors, mut tries) = (0, 0);
    for (method, path, who) in table(&app).rows {
        if who.role().is_none() {
            continue;
        }
        doors += 1;
        // Anew for each door: one that is good in a minute would be, before all are tried.
        for (name, forged) in forged::all(&app.users.key, &operator, (app.users.clock)()) {
            let request = with_token(sampled(method, path), &forged);
            let answered = send_bare(app.clone(), request).await;
            assert_unauthorized(&answered, &format!("{name}: {method} {path}"));
            tries += 1;
        }
    }
    assert!(doors > 30 && tries > 1500, "{doors} doors, {tries} tries");
    // The forger's tools are sharp: with the good one the first door opens.
    let request = with_token(request("GET", "/api/v1/users/me", None), &good);
    assert_eq!(send_bare(app, request).await.status, 200);
}

#[tokio::test]
async fn no_token_and_a_token_in_the_wrong_place_open_no_door() {
    let app = uncounted(offline().await);
    let operator = person(&app.users, Role::Operator).await;
    let good = token(&app, &operator);
    let refresh = crate::auth::refresh::RefreshToken::new().unwrap().text;
    let headers: [(&str, Vec<String>); 8] = [
        ("none", vec![]),
        ("empty", vec![String::new()]),
        ("no scheme", vec![good.clone()]),
        ("another scheme", vec![format!("Basic {good}")]),
        ("no token", vec!["Bearer".to_owned()]),
        ("twice", vec![format!("Bearer {good}"), format!("Bearer {good}")]),
        ("a refresh token", vec![format!("Bearer {refresh}")]),
        ("two tokens", vec![format!("Bearer {good} {good}")]),
    ];
    for (method, path, who) in table(&app).rows {
        if who.role().is_none() {
            continue;
        }
        for (name, values) in &headers {
            let mut request = sampled(method, path);
            for value in values {
                request.headers_mut().append(AUTHORIZATION, HeaderValue::try_from(value).unwrap());
            }
            let answered = send_bare(app.clone(), request).await;
            assert_unauthorized(&answered, &format!("{name}: {method} {path}"));
        }
        let in_query = format!("{}?access_token={good}", sample(path));
        let answered = send_bare(app.clone(), request_of(method, &in_query)).await;
        assert_unauthorized(&answered, &format!("in the query: {method} {path}"));
    }
}

fn request_of(method: &str, path: &str) -> Request<Body> {
    request(method, path, (method == "POST" || method == "PUT").then_some(&json!({})))
}

#[tokio::test]
async fn a_revoked_token_opens_no_door_from_that_moment() {
    let app = uncounted(offline().await);
    for (method, path, who) in table(&app).rows {
        if who.role().is_none() {
            continue;
        }
        let operator = person(&app.users, Role::Operator).await;
        let token = token(&app, &operator);
        let me = || with_token(request("GET", "/api/v1/users/me", None), &token);
        assert_eq!(send_bare(app.clone(), me()).await.status, 200);
        let out = with_token(request("DELETE", "/api/v1/sessions/current", None), &token);
        assert_eq!(send_bare(app.clone(), out).await.status, 204);
        let answered = send_bare(app.clone(), with_token(sampled(method, path), &token)).await;
        assert_unauthorized(&answered, &format!("{method} {path}"));
    }
}

/// Another gateway's word counts after a second at the latest; a token that was believed for its own time
/// would be good for a quarter of an hour.
#[tokio::test]
async fn what_another_gateway_has_ended_ends_here() {
    let (here, there) = (offline().await, offline().await);
    let customer = person(&here.users, Role::Customer).await;
    let token = token(&here, &customer);
    let me = |app: &crate::app::App| {
        send_bare(app.clone(), with_token(request("GET", "/api/v1/users/me", None), &token))
    };
    assert_eq!(me(&here).await.status, 200);
    let out = with_token(request("DELETE", "/api/v1/sessions/current", None), &token);
    assert_eq!(send_bare(there.clone(), out).await.status, 204);
    assert_eq!(me(&there).await.status, 401);
    let start = std::time::Instant::now();
    while me(&here).await.status != 401 {
        assert!(start.elapsed().as_secs() < 20, "it is still believed");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn without_its_database_the_gateway_lets_nobody_in() {
    let app = uncounted(offline().await);
    let customer = person(&app.users, Role::Customer).await;
    let token = token(&app, &customer);
    app.users.pool.close();
    for path in ["/api/v1/users/me", "/api/v1/orders/0190c6a8-0000-7000-8000-000000000001"] {
        let answered = send_bare(app.clone(), with_token(request("GET", path, None), &token)).await;
        assert_eq!((answered.status, &answered.json()["code"]), (503, &json!("unavailable")));
    }
    let sign_in: Value = json!({"username": "nobody", "password": "a long password"});
    let answered = send_bare(app, request("POST", "/api/v1/sessions", Some(&sign_in))).await;
    assert_eq!(answered.status, 503);
}
