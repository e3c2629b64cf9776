//! A bakery of its own for a test: servers, services, a menu, customers, and a way to order.

use bakery::site::{SERVICES, Secrets, Site};
use bakery::up::{Bakery, Opening};
use bakery_chassis::database::{DatabaseConfig, pool};
use bakery_embedded::{Servers, Temporary};
use bakery_nats::Pool;
use bakery_nats::ask::ask;
use bakery_nats::calendar::{OpeningHours, Span};
use bakery_nats::connect::{Bus, connect};
use bakery_nats::money::{Currency, Money};
use bakery_nats::requests::bank::{NewAccount, OpenAccounts};
use bakery_nats::requests::inventory::{BakeNow, ListProducts, NewProduct, PutBranch};
use bakery_nats::slug::Slug;
use bakery_testbed::audit::Audit;
use bakery_testbed::id;
use reqwest::{RequestBuilder, StatusCode};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// How long orders may take to end once all faults are over (I3).
const ENDS_WITHIN_S: u64 = 60;

/// Servers, and where they are.
pub(crate) struct Ground {
    pub(crate) servers: Servers,
    pub(crate) site: Site,
}

impl Ground {
    pub(crate) async fn new() -> Self {
        let secrets = Secrets::random();
        let wanted = Temporary { nats: Some(secrets.nats()), postgres: true, redis: true };
        let servers = Servers::temporary(wanted).await.expect("servers");
        let site = Site::of(&servers, secrets);
        Self { servers, site }
    }

    fn database(&self, service: &str) -> Pool {
        let url = self.servers.postgres.as_ref().expect("Postgres").url(service);
        pool(&DatabaseConfig { url, pool_max: 2 }).expect("a pool")
    }

    pub(crate) fn audit(&self) -> Audit {
        Audit {
            inventory: self.database("inventory"),
            orders: self.database("orders"),
            bank: self.database("bank"),
        }
    }

    pub(crate) async fn bus(&self) -> Bus {
        connect(&self.site.bus("operator")).await.expect("the bus")
    }

    /// Waits until nothing is open, and checks that everything adds up.
    pub(crate) async fn settle(&self, accepted: &[Uuid]) {
        let audit = self.audit();
        let deadline = Instant::now() + Duration::from_secs(ENDS_WITHIN_S);
        loop {
            let violations = audit.violations(accepted).await;
            if violations.is_empty() {
                return;
            }
            assert!(
                Instant::now() < deadline,
                "after {ENDS_WITHIN_S} s:\n{}",
                violations.join("\n")
            );
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }
}

/// A way to order at a running bakery.
#[derive(Clone)]
pub(crate) struct Counter {
    client: reqwest::Client,
    base: String,
}

impl Counter {
    pub(crate) fn at(addr: SocketAddr) -> Self {
        let client = reqwest::Client::builder().timeout(Duration::from_secs(30)).build();
        Self { client: client.expect("a client"), base: format!("http://{addr}/api/v1") }
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(format!("{}{path}", self.base))
    }

    pub(crate) fn post(&self, path: &str) -> RequestBuilder {
        self.client.post(format!("{}{path}", self.base))
    }

    /// The body of an answer that must be 200.
    pub(crate) async fn read(&self, path: &str) -> Value {
        let answer = self.get(path).send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        answer.json().await.expect("JSON")
    }

    /// Orders and waits for the end; the status code and the body.
    pub(crate) async fn order(&self, customer: u64, product: &str, quantity: u32) -> (u16, Value) {
        let request = self.post("/orders").header("Prefer", "wait=20");
        answer(request.json(&wish(customer, product, quantity))).await
    }

    /// How many of a product can be bought, asked of the owner and not of the cache.
    pub(crate) async fn available(&self, product: &str) -> i64 {
        let entry = self.read(&format!("/products/{product}")).await;
        entry["available"].as_i64().expect("a number")
    }
}

/// Sends a request; the status code and the JSON of the answer.
pub(crate) async fn answer(request: RequestBuilder) -> (u16, Value) {
    let answer = request.send().await.expect("an answer");
    let status = answer.status().as_u16();
    (status, answer.json().await.expect("JSON"))
}

/// The body of an order of one product.
pub(crate) fn wish(customer: u64, product: &str, quantity: u32) -> Value {
    json!({
        "account_id": account(customer),
        "customer": {"name": "Ada"},
        "items": [{"product_id": product, "quantity": quantity}],
    })
}

/// The account of a customer.
pub(crate) fn account(customer: u64) -> Uuid {
    id("customer", customer)
}

/// Puts products on the menu (name, price, units), and opens accounts (customer, money).
pub(crate) async fn fill(bus: &Bus, products: &[(&str, i64, u32)], accounts: &[(u64, i64)]) {
    let branch: Slug = "main".parse().expect("a slug");
    let money = |amount| Money { amount, currency: Currency::try_from("EUR".to_owned()).unwrap() };
    let product = |(id, price, _): &(&str, i64, u32)| NewProduct {
        id: id.parse().expect("a slug"),
        name: (*id).to_owned(),
        description: String::new(),
        price: money(*price),
        image: String::new(),
        shelf_life_s: 86_400,
        discount_percent: 0,
        production: None,
    };
    ask(&bus.client, &always_open(&branch)).await.expect("a branch");
    let list =
        ListProducts { branch: branch.clone(), products: products.iter().map(product).collect() };
    ask(&bus.client, &list).await.expect("products");
    let new = |(customer, amount): &(u64, i64)| NewAccount {
        id: account(*customer),
        name: "Ada".to_owned(),
        opening: money(*amount),
    };
    let open = OpenAccounts { accounts: accounts.iter().map(new).collect() };
    ask(&bus.client, &open).await.expect("accounts");
    for (product, _, quantity) in products.iter().filter(|(_, _, quantity)| *quantity > 0) {
        let bake = BakeNow {
            batch_id: Uuid::now_v7(),
            branch: branch.clone(),
            product_id: product.parse().expect("a slug"),
            quantity: *quantity,
            baked_at: bakery_chassis::clock::wall()(),
        };
        ask(&bus.client, &bake).await.expect("a batch");
    }
}

/// A branch that never closes.
fn always_open(id: &Slug) -> PutBranch {
    let span = Span { open: "00:00".parse().unwrap(), close: "24:00".parse().unwrap() };
    PutBranch {
        id: id.clone(),
        name: "Bakery".to_owned(),
        address: String::new(),
        time_zone: "UTC".parse().unwrap(),
        hours: OpeningHours::daily(span),
        currency: Currency::try_from("EUR".to_owned()).unwrap(),
    }
}

/// A bakery in this process.
pub(crate) struct Shop {
    pub(crate) ground: Ground,
    pub(crate) counter: Counter,
    bakery: Bakery,
}

impl Shop {
    /// Opens it with these products and accounts.
    pub(crate) async fn open(products: &[(&str, i64, u32)], accounts: &[(u64, i64)]) -> Self {
        let ground = Ground::new().await;
        let addr = "127.0.0.1:0".parse().expect("an address");
        let bakery = Bakery::open(&ground.site, &Opening::at(addr)).await.expect("open");
        let counter = Counter::at(bakery.addr);
        fill(&ground.bus().await, products, accounts).await;
        Self { ground, counter, bakery }
    }

    /// Closes it, once everything has ended and adds up. No message may be a dead letter.
    pub(crate) async fn close(self, accepted: &[Uuid]) {
        self.ground.settle(accepted).await;
        let monitor = connect(&self.ground.site.bus("operator")).await.expect("the bus");
        let dead = monitor.context.get_stream("DEAD").await.expect("the stream");
        assert_eq!(dead.cached_info().state.messages, 0, "there are dead letters");
        self.bakery.close().await;
        self.ground.servers.stop().await.expect("stopped");
    }
}

/// The id in an order's body.
pub(crate) fn order_id(order: &Value) -> Uuid {
    order["id"]
        .as_str()
        .and_then(|id| id.parse().ok())
        .unwrap_or_else(|| panic!("no id in {order}"))
}

/// All services with a database, and the gateway.
pub(crate) fn roles() -> Vec<&'static str> {
    SERVICES.into_iter().chain(["gateway"]).collect()
}
