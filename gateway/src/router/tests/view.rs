//! The log, the gateway's consumer and its desk on a real nats-server, with the rights it has: what
//! is said of orders is seen of users, also after the log was read again.

use super::people::{person, strangers, token, with_token};
use super::shop::Shop;
use super::{LOOK_PAUSE_MS, WAIT_S, request, send_bare};
use crate::auth::caller::Caller;
use crate::auth::password::hash_password;
use crate::users::desk;
use crate::users::news::News;
use bakery_chassis::clock;
use bakery_nats::ask::ask;
use bakery_nats::connect::Bus;
use bakery_nats::consume::Consumer;
use bakery_nats::envelope::{Cause, Outgoing, Wire, new_trace};
use bakery_nats::messages::inventory::Line;
use bakery_nats::messages::orders::{OrderChanged, Status};
use bakery_nats::publish::{Outlet, Stream};
use bakery_nats::refusal::Refusal;
use bakery_nats::requests::gateway::{AddUser, RebuildUsers, Role, UsersRebuilt};
use bakery_nats::serve::Desk;
use bakery_nats::topology::{self, STREAM};
use bakery_testbed::database::{self, number};
use bakery_testbed::{at, id};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;
use uuid::Uuid;

/// A gateway that takes news and answers at its desk.
struct Counter {
    shop: Shop,
    operator: Bus,
    _stop: DropGuard,
    _desk: Desk,
}

impl Counter {
    async fn open() -> Self {
        let mut shop = Shop::open().await;
        shop.app.users = Arc::new(strangers().await);
        topology::apply(&shop.bus("deploy").await.context, 1).await.unwrap();
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let bus = shop.bus("gateway").await;
        let consumer = Consumer {
            pool: shop.app.users.pool.clone(),
            handler: Arc::new(News),
            outlet: Arc::new(Stream { context: bus.context.clone() }),
            bus: bus.clone(),
            clock: clock::wall(),
        };
        tasks.spawn(Arc::new(consumer).run(stop.clone()));
        let ends = (tasks, stop.clone());
        let desk = Desk::open(&bus, "gateway", "a desk", clock::wall(), ends).await.unwrap();
        desk::answer(&desk, &shop.app).await.unwrap();
        let operator = shop.bus("operator").await;
        Self { shop, operator, _stop: stop.drop_guard(), _desk: desk }
    }

    /// The orders service says how an order stands.
    async fn say(&self, caller: &Caller, order: u64, status: Status, version: i64) {
        let product_id = "rye".parse().unwrap();
        let changed = OrderChanged {
            order_id: id("order", order),
            number: "001".to_owned(),
            status,
            version,
            account_id: caller.account_id,
            lines: vec![Line { product_id, quantity: 2 }],
            total: None,
            currency: None,
            reason: None,
        };
        let cause = Cause {
            message_id: "test".to_owned(),
            correlation_id: changed.order_id,
            traceparent: new_trace(changed.order_id, "test"),
            at: at(version),
            attempt: 1,
        };
        let name = changed.name();
        let outgoing = Outgoing::named(&"main".parse().unwrap(), name, 1, &changed);
        let orders = Stream { context: self.shop.bus("orders").await.context };
        orders.publish(vec![Wire::of("orders", &outgoing, &cause)]).await.unwrap();
    }

    async fn orders_of(&self, caller: &Caller) -> Value {
        let request = request("GET", "/api/v1/users/me", None);
        let request = with_token(request, &token(&self.shop.app, caller));
        send_bare(self.shop.app.clone(), request).await.json()["orders"].clone()
    }

    async fn until_seen(&self, caller: &Caller, orders: &Value) {
        let deadline = Instant::now() + Duration::from_secs(WAIT_S);
        while self.orders_of(caller).await != *orders {
            assert!(Instant::now() < deadline, "{}", self.orders_of(caller).await);
            tokio::time::sleep(Duration::from_millis(LOOK_PAUSE_MS)).await;
        }
    }

    /// Asks until the desk is open.
    async fn rebuild(&self) -> UsersRebuilt {
        let deadline = Instant::now() + Duration::from_secs(WAIT_S);
        loop {
            match ask(&self.operator.client, &RebuildUsers {}).await {
                Ok(rebuilt) => return rebuilt,
                Err(refusal) => assert!(Instant::now() < deadline, "{refusal}"),
            }
            tokio::time::sleep(Duration::from_millis(LOOK_PAUSE_MS)).await;
        }
    }
}

#[tokio::test]
async fn what_the_log_says_is_seen_and_seen_again_after_a_rebuild() {
    let counter = Counter::open().await;
    let (ada, bob) = (
        person(&counter.shop.app.users, Role::Customer).await,
        person(&counter.shop.app.users, Role::Customer).await,
    );
    counter.say(&ada, 1, Status::Placed, 1).await;
    counter.say(&ada, 1, Status::Reserved, 2).await;
    counter.say(&ada, 2, Status::Placed, 1).await;
    counter.say(&bob, 3, Status::Placed, 1).await;
    let adas = json!({"all": 2, "by_status": {"placed": 1, "reserved": 1}});
    let bobs = json!({"all": 1, "by_status": {"placed": 1}});
    counter.until_seen(&ada, &adas).await;
    counter.until_seen(&bob, &bobs).await;

    // Of the first messages the log has nothing any more, and a row is wrong.
    let pool = &counter.shop.app.users.pool;
    counter.operator.context.get_stream(STREAM).await.unwrap().purge().sequence(3).await.unwrap();
    let wrong =
        format!("UPDATE seen_order SET status = 'served' WHERE order_id = '{}'", id("order", 3));
    database::execute(pool, &wrong).await;
    assert_eq!(counter.rebuild().await.known, 3);
    counter.until_seen(&ada, &adas).await;
    counter.until_seen(&bob, &bobs).await;
    assert_eq!(number(pool, "SELECT count(*) AS number FROM record").await, 2);
    counter.say(&ada, 1, Status::Confirmed, 3).await;
    let after = json!({"all": 2, "by_status": {"confirmed": 1, "placed": 1}});
    counter.until_seen(&ada, &after).await;
    assert_eq!(number(pool, "SELECT count(*) AS number FROM app_user").await, 2, "users are gone");
    let dead = counter.operator.context.get_stream("DEAD").await.unwrap();
    assert_eq!(dead.cached_info().state.messages, 0);
}

fn new_operator(username: &str, password: &str) -> AddUser {
    AddUser {
        username: username.to_owned(),
        password_hash: hash_password(password).unwrap_or_else(|_| password.to_owned()),
        name: "Grace".to_owned(),
        role: Role::Operator,
    }
}

#[tokio::test]
async fn the_first_operator_is_added_over_the_bus_and_signs_in() {
    let counter = Counter::open().await;
    counter.rebuild().await;
    let client = &counter.operator.client;
    let add = new_operator("grace.h", "a long password");
    let user = ask(client, &add).await.unwrap();
    assert_eq!((user.role, user.username.as_deref()), (Role::Operator, Some("grace.h")));
    let app = &counter.shop.app;
    let body = json!({"username": "grace.h", "password": "a long password"});
    let answered = send_bare(app.clone(), request("POST", "/api/v1/sessions", Some(&body))).await;
    assert_eq!(answered.status, 200);
    let tokens = answered.json();
    let list = request("GET", "/api/v1/users", None);
    let list = with_token(list, tokens["access_token"].as_str().unwrap());
    let users = send_bare(app.clone(), list).await.json()["users"].clone();
    assert_eq!(users[0], serde_json::to_value(&user).unwrap());

    let taken = ask(client, &add).await.unwrap_err();
    assert_eq!((taken.status, taken.code.as_str()), (409, "username_taken"));
    let wrong = ask(client, &new_operator("G", "short")).await.unwrap_err();
    let fields: Vec<&str> = wrong.errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!((wrong.status, fields.as_slice()), (422, ["username", "password_hash"].as_slice()));
    counter.shop.refuses("bank.open-accounts", Refusal::unavailable("the bank database"));
    let away = ask(client, &new_operator("another", "a long password")).await.unwrap_err();
    assert_eq!(away.status, 503);
}

/// Whoever got hold of the gateway's name on the bus makes nobody an operator.
#[tokio::test]
async fn the_gateway_itself_cannot_ask_for_a_user() {
    let counter = Counter::open().await;
    counter.rebuild().await;
    let gateway = counter.shop.bus("gateway").await;
    let add = new_operator(&format!("u{}", Uuid::new_v4().simple()), "a long password");
    assert_eq!(ask(&gateway.client, &add).await.unwrap_err().status, 503);
    let users = "SELECT count(*) AS number FROM app_user";
    assert_eq!(number(&counter.shop.app.users.pool, users).await, 0);
}
