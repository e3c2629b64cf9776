//! People for tests: users with a session each, in one database for all tests of the router. What a
//! test changes it changes on people of its own.

use crate::MIGRATIONS;
use crate::app::App;
use crate::auth::caller::Caller;
use crate::auth::key::{Key, pkcs8};
use crate::auth::token::issue;
use crate::config::{Guard, OpeningMoney};
use crate::users::Users;
use axum::body::Body;
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderValue, Request};
use bakery_chassis::clock;
use bakery_chassis::database::{DatabaseConfig, Purpose, pool};
use bakery_nats::requests::gateway::Role;
use bakery_testbed::database;
use std::sync::Arc;
use tokio::sync::OnceCell;
use uuid::Uuid;

const CONNECTIONS_MAX: usize = 4;

/// What all tests share.
struct Town {
    database_url: String,
    key: Vec<u8>,
    operator: Caller,
}

static TOWN: OnceCell<Town> = OnceCell::const_new();

async fn town() -> &'static Town {
    let found = || async {
        let database_url = database::fresh_url("gateway", MIGRATIONS).await;
        let key = pkcs8().unwrap();
        let users = open(&database_url, &key);
        Town { operator: person(&users, Role::Operator).await, database_url, key }
    };
    TOWN.get_or_init(found).await
}

fn open(database_url: &str, key: &[u8]) -> Users {
    let config = DatabaseConfig { url: database_url.to_owned(), pool_max: CONNECTIONS_MAX };
    let opening: OpeningMoney = "2000 EUR, 500 CHF".parse().unwrap();
    Users::new(
        pool(&config, Purpose::People).unwrap(),
        Key::read(key).unwrap(),
        clock::wall(),
        opening,
    )
}

/// The users of the town, as one more gateway sees them.
pub(super) async fn users() -> Users {
    let town = town().await;
    open(&town.database_url, &town.key)
}

/// Users of a database that nobody else has.
pub(super) async fn strangers() -> Users {
    open(&database::fresh_url("gateway", MIGRATIONS).await, &pkcs8().unwrap())
}

/// Adds a user who is signed in, without a password that anybody knows.
pub(super) async fn person(users: &Users, role: Role) -> Caller {
    let (user_id, account_id, session_id) = (Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7());
    let sql = format!(
        "INSERT INTO app_user (id, username, name, role, password_hash, account_id, account_opened,
                               created_at, disabled)
         VALUES ('{user_id}', '{user_id}', 'Ada', '{role}', 'none', '{account_id}', true, now(), false);
         INSERT INTO session (id, user_id, created_at, expires_at)
         VALUES ('{session_id}', '{user_id}', now(), now() + interval '1 day')"
    );
    database::execute(&users.pool, &sql).await;
    Caller { user_id, role, account_id, session_id }
}

/// An access token that is good now.
pub(super) fn token(app: &App, caller: &Caller) -> String {
    issue(&app.users.key, caller, (app.users.clock)()).unwrap()
}

/// A request with a token.
pub(super) fn with_token(mut request: Request<Body>, token: &str) -> Request<Body> {
    let value = HeaderValue::try_from(format!("Bearer {token}")).unwrap();
    request.headers_mut().insert(AUTHORIZATION, value);
    request
}

/// A gateway that counts no requests: what is tried here is who may, thousands of times.
pub(super) fn uncounted(app: App) -> App {
    let guard = Guard {
        rate_limit_per_minute: Some(0),
        rate_limit_writes_per_minute: Some(0),
        ..Guard::default()
    };
    App { guard: Arc::new(guard), ..app }
}

/// The operator of the town, whom nobody changes.
pub(super) async fn operator() -> Caller {
    town().await.operator
}

/// A request by the operator, where it does not say who sends it.
pub(super) async fn signed(app: &App, request: Request<Body>) -> Request<Body> {
    if request.headers().contains_key(AUTHORIZATION) {
        return request;
    }
    let known = town().await;
    let key = Key::read(&known.key).unwrap();
    if key.header() != app.users.key.header() {
        return request;
    }
    with_token(request, &token(app, &known.operator))
}
