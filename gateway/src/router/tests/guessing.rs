//! S5: who guesses passwords is stopped soon, and learns nothing on the way.

use super::shop::Shop;
use super::{Answered, offline, request, send_bare};
use crate::app::App;
use crate::auth::attempts::{PER_ACCOUNT_MAX, PER_ADDRESS_MAX};
use crate::client::Peer;
use serde_json::{Value, json};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};
use uuid::Uuid;

const PASSWORD: &str = "correct horse battery";

/// This machine's.
pub(super) const HERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 1);

/// An address of the documentation's range, or of the next ones.
fn address(n: u32) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::from(0xc000_0200 + n), 40_000))
}

pub(super) async fn post(app: &App, path: &str, body: &Value, from: SocketAddr) -> Answered {
    let mut request = request("POST", path, Some(body));
    request.extensions_mut().insert(Peer(from));
    send_bare(app.clone(), request).await
}

async fn sign_in(app: &App, username: &str, password: &str, from: SocketAddr) -> Answered {
    let body = json!({"username": username, "password": password});
    post(app, "/api/v1/sessions", &body, from).await
}

/// A new user of the town.
async fn somebody(shop: &Shop) -> String {
    let username = format!("u{}", Uuid::new_v4().simple());
    let body = json!({"username": username, "password": PASSWORD, "name": "Ada"});
    assert_eq!(post(&shop.app, "/api/v1/users", &body, HERE).await.status, 201);
    username
}

#[tokio::test]
async fn five_passwords_a_minute_are_tried_for_one_account_from_wherever() {
    let shop = Shop::open().await;
    let known = somebody(&shop).await;
    for username in [known.as_str(), "nobody.at.all", "No such name!"] {
        for n in 0..PER_ACCOUNT_MAX {
            let answered = sign_in(&shop.app, username, "a wrong password", address(n)).await;
            assert_eq!(answered.status, 401, "{username}");
            assert_eq!(answered.headers["www-authenticate"], "Bearer");
            assert_eq!(answered.json()["code"], "wrong_credentials");
        }
        // The right one comes too late as well.
        for password in ["a wrong password", PASSWORD] {
            let answered = sign_in(&shop.app, username, password, address(99)).await;
            assert_eq!(answered.status, 429, "{username}");
            assert!(answered.headers.contains_key("retry-after"));
        }
    }
}

#[tokio::test]
async fn twenty_passwords_a_minute_are_tried_from_one_address() {
    let app = offline().await;
    for n in 0..PER_ADDRESS_MAX {
        let answered = sign_in(&app, &format!("name-{n}"), "password", address(1000)).await;
        assert_eq!(answered.status, 401, "{n}");
    }
    for n in 0..5 {
        let answered = sign_in(&app, &format!("other-{n}"), "password", address(1000)).await;
        assert_eq!(answered.status, 429, "{n}");
    }
    let answered = sign_in(&app, "other-0", "password", address(1001)).await;
    assert_eq!(answered.status, 401, "another address pays for it");
}

#[tokio::test]
async fn who_is_refused_for_the_address_cannot_lock_others_out() {
    let app = offline().await;
    for n in 0..PER_ADDRESS_MAX {
        sign_in(&app, &format!("name-{n}"), "password", address(1000)).await;
    }
    for _ in 0..10 {
        assert_eq!(sign_in(&app, "victim", "password", address(1000)).await.status, 429);
    }
    assert_eq!(sign_in(&app, "victim", "password", address(1001)).await.status, 401);
}

#[tokio::test]
async fn newcomers_from_one_address_are_few_and_this_machine_may_have_more() {
    let shop = Shop::open().await;
    let guest = json!({"name": "Ada"});
    let mut statuses = Vec::new();
    for _ in 0..22 {
        statuses.push(post(&shop.app, "/api/v1/guests", &guest, address(2000)).await.status);
    }
    assert_eq!(statuses[..20], [201; 20]);
    assert_eq!(statuses[20..], [429; 2]);
    for _ in 0..22 {
        assert_eq!(post(&shop.app, "/api/v1/guests", &guest, HERE).await.status, 201);
    }
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64()
}

/// Whether there is such a user cannot be told by the time, nor by the answer.
#[tokio::test]
async fn an_unknown_user_is_refused_like_a_wrong_password() {
    const USERS: u32 = 5;
    let shop = Shop::open().await;
    let mut users = Vec::new();
    for _ in 0..USERS {
        users.push(somebody(&shop).await);
    }
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    let mut answers = Vec::new();
    for n in 0..USERS * PER_ACCOUNT_MAX {
        let nobody = format!("nobody-{n}");
        let somebody = users[(n % USERS) as usize].clone();
        for (username, times) in [(somebody, &mut known), (nobody, &mut unknown)] {
            let start = Instant::now();
            let answered = sign_in(&shop.app, &username, "a wrong password", address(n)).await;
            times.push(start.elapsed());
            assert_eq!(answered.status, 401);
            answers.push(answered.json());
        }
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "the answers differ: {answers:?}");
    let (known, unknown) = (median(known), median(unknown));
    let ratio = known / unknown;
    println!("known {:.1} ms, unknown {:.1} ms: {ratio:.2}", known * 1e3, unknown * 1e3);
    assert!((0.5..2.0).contains(&ratio), "{ratio}");
}
