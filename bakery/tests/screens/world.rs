//! What a test has: the bakery that all share, a browser of its own, and branches of its own.

use crate::browser::{Browser, FORWARDED_FOR};
use crate::demo::Demo;
use crate::tab::Tab;
use bakery_chassis::clock::wall;
use bakery_gateway::hash_password;
use bakery_nats::ask::ask_patiently;
use bakery_nats::calendar::{OpeningHours, Span};
use bakery_nats::connect::Bus;
use bakery_nats::money::{Currency, Money};
use bakery_nats::request::Request;
use bakery_nats::requests::gateway::{AddUser, Role};
use bakery_nats::requests::inventory::{BakeNow, ListProducts, NewProduct, PutBranch};
use bakery_nats::slug::Slug;
use bakery_testbed::zone_of_noon;
use reqwest::header::HeaderMap;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// An answer waits for an order's end for 20 s itself. A service that is too busy for one is asked again for
/// so long.
const ANSWER_WITHIN_S: u64 = 60;
/// How long an order may take to be paid.
const PAID_WITHIN_S: u64 = 60;
const LOOK_AGAIN_MS: u64 = 100;

/// The shared one, for as long as any test has it.
static OPEN: Mutex<Weak<Demo>> = Mutex::new(Weak::new());

/// What a test has.
pub(crate) struct World {
    pub(crate) demo: Arc<Demo>,
    pub(crate) bus: Bus,
    pub(crate) browser: Browser,
    client: Client,
}

/// A product of a test: its id, its name, the price in cents, and how many are on the shelf.
pub(crate) type Ware<'a> = (&'a str, &'a str, i64, u32);

impl World {
    pub(crate) async fn open(browser: Browser) -> Self {
        let demo = {
            let mut open = OPEN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            open.upgrade().unwrap_or_else(|| {
                let demo = Arc::new(Demo::start(&[("TRUSTED_PROXIES", "127.0.0.1")]));
                *open = Arc::downgrade(&demo);
                demo
            })
        };
        let bus = demo.bus().await;
        let from = HeaderMap::from_iter([(FORWARDED_FOR, browser.address.parse().unwrap())]);
        let client = Client::builder().timeout(Duration::from_secs(ANSWER_WITHIN_S));
        let client = client.default_headers(from).build();
        Self { demo, bus, browser, client: client.expect("a client") }
    }

    pub(crate) async fn close(self) {
        self.browser.quit().await;
    }

    /// A tab at a path of the bakery.
    pub(crate) async fn tab(&self, path: &str) -> Tab<'_> {
        let tab = self.browser.tab(&self.demo.origin).await;
        tab.go(path).await;
        tab
    }

    /// A tab at a page of the staff, signed in as this role.
    pub(crate) async fn staff(&self, role: &str, path: &str) -> Tab<'_> {
        let tab = self.tab(path).await;
        tab.sign_in(&self.hire(role).await, &self.demo.password).await;
        tab
    }

    /// A branch that nobody else has, with these products; its id. It never closes.
    pub(crate) async fn branch(&self, name: &str, wares: &[Ware<'_>]) -> String {
        let id: Slug = format!("b{}", &Uuid::now_v7().simple().to_string()[16..]).parse().unwrap();
        let span = Span { open: "00:00".parse().unwrap(), close: "24:00".parse().unwrap() };
        let put = PutBranch {
            id: id.clone(),
            name: name.to_owned(),
            address: format!("1 Test Street, {name}"),
            time_zone: zone_of_noon().parse().unwrap(),
            hours: OpeningHours::daily(span),
            currency: Currency::try_from("EUR".to_owned()).unwrap(),
        };
        self.ask(&put).await;
        let products = wares.iter().map(product).collect();
        let list = ListProducts { branch: id.clone(), products };
        self.ask(&list).await;
        for (ware, _, _, units) in wares {
            self.bake(&id.to_string(), ware, *units).await;
        }
        id.to_string()
    }

    /// Asks the service whose it is, which must say yes. What is asked for twice must be done once.
    pub(crate) async fn ask<R: Request>(&self, request: &R) -> R::Reply {
        ask_patiently(&self.bus.client, request).await.expect("yes")
    }

    /// Puts so many on the shelf.
    pub(crate) async fn bake(&self, branch: &str, ware: &str, quantity: u32) {
        if quantity == 0 {
            return;
        }
        let bake = BakeNow {
            batch_id: Uuid::now_v7(),
            branch: branch.parse().unwrap(),
            product_id: ware.parse().unwrap(),
            quantity,
            baked_at: wall()(),
        };
        self.ask(&bake).await;
    }

    /// Somebody new of this role, with the password of the demo; the username. The demo's own would be asked
    /// to wait: nobody may sign in as often as all tests together do.
    pub(crate) async fn hire(&self, role: &str) -> String {
        let password_hash = hash_password(&self.demo.password).expect("a hash");
        let role_of: Role = serde_json::from_value(json!(role)).expect("a role");
        let add = AddUser {
            username: format!("{role}-{}", &Uuid::now_v7().simple().to_string()[16..]),
            password_hash,
            name: format!("Demo {role}"),
            role: role_of,
        };
        match ask_patiently(&self.bus.client, &add).await {
            // The answer to the first time was late.
            Err(refusal) if refusal.code == "username_taken" => {}
            added => drop(added.expect("hired")),
        }
        add.username
    }

    /// The access token of one of the staff.
    pub(crate) async fn token(&self, role: &str) -> String {
        let login = json!({ "username": self.hire(role).await, "password": self.demo.password });
        let tokens = self.api("", "POST", "/sessions", login).await;
        tokens["access_token"].as_str().expect("a token").to_owned()
    }

    /// Asks the API without a browser; it must say yes. Where a service is too busy it is asked again, for the
    /// same thing.
    pub(crate) async fn api(&self, token: &str, method: &str, path: &str, body: Value) -> Value {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let url = format!("{}/api/v1{path}", self.demo.origin);
        let request = self.client.request(method, url).header("Prefer", "wait=20");
        let request = request.header("Idempotency-Key", Uuid::now_v7().to_string());
        let request = if token.is_empty() { request } else { request.bearer_auth(token) };
        let request = if body.is_null() { request } else { request.json(&body) };
        let end = Instant::now() + Duration::from_secs(ANSWER_WITHIN_S);
        loop {
            let again = request.try_clone().expect("a body that is there");
            let answer = again.send().await.expect("an answer");
            let status = answer.status();
            let body = answer.text().await.expect("a body");
            if status != StatusCode::SERVICE_UNAVAILABLE || Instant::now() > end {
                assert!(status.is_success(), "{path}: {status} {body}");
                return serde_json::from_str(&body).unwrap_or_default();
            }
            println!("{path} is asked again: {body}");
            tokio::time::sleep(Duration::from_millis(LOOK_AGAIN_MS)).await;
        }
    }

    /// Somebody who is not in the browser buys; the order, once it is paid.
    pub(crate) async fn order(&self, branch: &str, name: &str, wares: &[(&str, u32)]) -> Value {
        let guest = self.api("", "POST", "/guests", json!({ "name": name })).await;
        let token = guest["access_token"].as_str().expect("a token");
        let item = |(id, quantity): &(&str, u32)| json!({"product_id": id, "quantity": quantity});
        let items: Vec<Value> = wares.iter().map(item).collect();
        let wish = json!({ "branch": branch, "customer": { "name": name }, "items": items });
        let mut order = self.api(token, "POST", "/orders", wish).await;
        let path = format!("/orders/{}", order["id"].as_str().expect("an id"));
        let end = Instant::now() + Duration::from_secs(PAID_WITHIN_S);
        while order["status"] != "confirmed" {
            assert!(Instant::now() < end, "it is not paid: {order}");
            tokio::time::sleep(Duration::from_millis(LOOK_AGAIN_MS)).await;
            order = self.api(token, "GET", &path, Value::Null).await;
        }
        order
    }
}

/// A product as the owner is asked to put it on the menu.
pub(crate) fn product(&(id, name, price, _): &Ware<'_>) -> NewProduct {
    NewProduct {
        id: id.parse().unwrap(),
        name: name.to_owned(),
        description: "As it comes out of the oven.".to_owned(),
        price: Money { amount: price, currency: Currency::try_from("EUR".to_owned()).unwrap() },
        image: format!("/images/{id}.svg"),
        shelf_life_s: 86_400,
        discount_percent: 0,
        production: None,
    }
}
