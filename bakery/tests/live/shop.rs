//! A bakery of its own for a test: servers, services, a menu, customers, and a way to order.

use bakery::site::{SERVICES, Secrets, Site};
use bakery::up::{Bakery, Opening};
use bakery_chassis::database::Purpose;
use bakery_embedded::{Servers, Temporary};
use bakery_gateway::hash_password;
use bakery_nats::Pool;
use bakery_nats::ask::ask_patiently;
use bakery_nats::calendar::{OpeningHours, Span};
use bakery_nats::connect::{Bus, connect};
use bakery_nats::money::{Currency, Money};
use bakery_nats::requests::bank::Deposit;
use bakery_nats::requests::gateway::{AddUser, Role};
use bakery_nats::requests::inventory::{BakeNow, ListProducts, NewProduct, PutBranch};
use bakery_nats::slug::Slug;
use bakery_testbed::audit::Audit;
use bakery_testbed::database::patient_pool;
use bakery_testbed::zone_of_noon;
use reqwest::header::HeaderMap;
use reqwest::{RequestBuilder, Url};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use uuid::Uuid;

const PASSWORD: &str = "a long password";
/// How long orders may take to end once all faults are over (I3): one that was asked for in vain three times
/// is asked for again after up to a minute, and then this machine needs its time.
const ENDS_WITHIN_S: u64 = 120;
/// How often something is sent at the most where a service is busy.
const BUSY_TRIES_MAX: u32 = 10;
const BUSY_PAUSE_MS: u64 = 200;
/// How long something may take until it is seen.
const READ_WITHIN_S: u64 = 30;

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
        // What a customer has is paid in: tests say how much.
        let site = Site::of(&servers, "0 EUR, 0 JPY, 0 USD".parse().expect("a sum"), secrets);
        Self { servers, site }
    }

    fn database(&self, service: &str) -> Pool {
        let url = self.servers.postgres.as_ref().expect("Postgres").url(service);
        patient_pool(url, Purpose::Questions)
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

/// A customer: a guest, who signs in once and orders with this.
struct Customer {
    token: String,
    account_id: Uuid,
}

/// A way to order at a running bakery, for its customers and for the operator.
#[derive(Clone)]
pub(crate) struct Counter {
    client: reqwest::Client,
    base: String,
    operator: String,
    customers: Arc<BTreeMap<u64, Customer>>,
}

impl Counter {
    /// A counter with an operator, and customers (customer, euro cents).
    pub(crate) async fn open(addr: SocketAddr, bus: &Bus, accounts: &[(u64, i64)]) -> Self {
        let accounts = accounts.iter().map(|(customer, amount)| (*customer, euros(*amount)));
        Self::with(addr, bus, accounts.collect()).await
    }

    /// A counter with an operator, and customers with such money.
    pub(crate) async fn with(addr: SocketAddr, bus: &Bus, accounts: Vec<(u64, Money)>) -> Self {
        let client = reqwest::Client::builder().timeout(Duration::from_secs(30)).build();
        let (client, base) = (client.expect("a client"), format!("http://{addr}/api/v1"));
        let add = AddUser {
            username: "operator".to_owned(),
            password_hash: hash_password(PASSWORD).expect("a hash"),
            name: "Operator".to_owned(),
            role: Role::Operator,
        };
        match ask_patiently(&bus.client, &add).await {
            // The answer to the first time was late.
            Err(refusal) if refusal.code == "username_taken" => {}
            added => drop(added.expect("an operator")),
        }
        let login = json!({"username": add.username, "password": PASSWORD});
        let (status, tokens) = answer(client.post(format!("{base}/sessions")).json(&login)).await;
        assert_eq!(status, 200, "{tokens}");
        let operator = text(&tokens["access_token"]);
        let mut counter = Self { client, base, operator, customers: Arc::default() };
        let mut customers = BTreeMap::new();
        for (customer, amount) in accounts {
            customers.insert(customer, counter.customer(bus, amount).await);
        }
        counter.customers = Arc::new(customers);
        counter
    }

    /// A new customer with so much money.
    async fn customer(&self, bus: &Bus, amount: Money) -> Customer {
        let wish = json!({"name": "Ada", "currency": amount.currency});
        let guest = self.client.post(format!("{}/guests", self.base));
        let (status, welcome) = answer(guest.json(&wish)).await;
        assert_eq!(status, 201, "{welcome}");
        let account_id = text(&welcome["user"]["account_id"]).parse().expect("an id");
        if amount.amount > 0 {
            let deposit = Deposit { deposit_id: Uuid::now_v7(), account_id, amount };
            ask_patiently(&bus.client, &deposit).await.expect("paid in");
        }
        Customer { token: text(&welcome["access_token"]), account_id }
    }

    /// The same people at another gateway.
    pub(crate) fn at(&self, addr: SocketAddr) -> Self {
        Self { base: format!("http://{addr}/api/v1"), ..self.clone() }
    }

    /// Waits until the gateway answers.
    pub(crate) async fn answers(&self) {
        let begin = Instant::now();
        while !self.get("/menu").send().await.is_ok_and(|answer| answer.status().is_success()) {
            assert!(begin.elapsed() < Duration::from_secs(ENDS_WITHIN_S), "it does not answer");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// A request of the operator, by any method.
    pub(crate) fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method = method.parse().expect("a method");
        self.client.request(method, format!("{}{path}", self.base)).bearer_auth(&self.operator)
    }

    /// A request of the operator, who may do everything.
    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(format!("{}{path}", self.base)).bearer_auth(&self.operator)
    }

    /// A request of the operator, who may do everything.
    pub(crate) fn post(&self, path: &str) -> RequestBuilder {
        self.client.post(format!("{}{path}", self.base)).bearer_auth(&self.operator)
    }

    /// A request of a customer.
    pub(crate) fn post_as(&self, customer: u64, path: &str) -> RequestBuilder {
        let token = &self.customers[&customer].token;
        self.client.post(format!("{}{path}", self.base)).bearer_auth(token)
    }

    /// The account of a customer.
    pub(crate) fn account(&self, customer: u64) -> Uuid {
        self.customers[&customer].account_id
    }

    /// The body of an answer that must be 200.
    pub(crate) async fn read(&self, path: &str) -> Value {
        let (status, body) = answer(self.get(path)).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// Orders and waits for the end; the status code and the body.
    pub(crate) async fn order(&self, customer: u64, product: &str, quantity: u32) -> (u16, Value) {
        let request = self.place(customer, product, quantity).header("Prefer", "wait=20");
        answer(request).await
    }

    /// An order with a key of its own, so that it can be sent again.
    pub(crate) fn place(&self, customer: u64, product: &str, quantity: u32) -> RequestBuilder {
        let request = self.post_as(customer, "/orders").header("Idempotency-Key", random_key());
        request.json(&wish(product, quantity))
    }

    /// How many of a product can be bought, asked of the owner and not of the cache.
    pub(crate) async fn available(&self, product: &str) -> i64 {
        let entry = self.read(&format!("/products/{product}")).await;
        entry["available"].as_i64().expect("a number")
    }
}

/// A key that nobody else has.
pub(crate) fn random_key() -> String {
    Uuid::new_v4().to_string()
}

/// What an answer is.
pub(crate) struct Answer {
    pub(crate) url: Url,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).expect("JSON")
    }

    /// The database or a service did not answer in time.
    fn says_busy(&self) -> bool {
        self.status == 503 && self.json()["code"] == "unavailable"
    }
}

/// Sends a request that may come twice: it is sent again where the database or a service does not answer in
/// time, as it may be on a busy machine. A 503 that does not pass is given, and so is one that says that too
/// much is asked.
pub(crate) async fn send(request: RequestBuilder) -> Answer {
    let mut tries = 1;
    loop {
        let answer = send_once(request.try_clone().expect("a body that is there")).await;
        if !answer.says_busy() || tries == BUSY_TRIES_MAX {
            return answer;
        }
        println!("sent again: {}", answer.text);
        tries += 1;
        tokio::time::sleep(Duration::from_millis(BUSY_PAUSE_MS)).await;
    }
}

async fn send_once(request: RequestBuilder) -> Answer {
    let answer = request.send().await.expect("an answer");
    let (url, headers) = (answer.url().clone(), answer.headers().clone());
    let status = answer.status().as_u16();
    Answer { url, status, headers, text: answer.text().await.expect("a text") }
}

/// Sends a request that may come twice, as [`send`] does; the status code and the JSON of the answer.
pub(crate) async fn answer(request: RequestBuilder) -> (u16, Value) {
    let answer = send(request).await;
    (answer.status, answer.json())
}

/// The same for a request that is sent once: where a 503 is what is expected, or each one counts.
pub(crate) async fn answer_once(request: RequestBuilder) -> (u16, Value) {
    let answer = send_once(request).await;
    (answer.status, answer.json())
}

/// What is read once it is as it should be: it may be found out anew only now and then.
pub(crate) async fn read_until(
    read: impl AsyncFn() -> Value,
    is_so: impl Fn(&Value) -> bool,
) -> Value {
    let deadline = Instant::now() + Duration::from_secs(READ_WITHIN_S);
    loop {
        let value = read().await;
        if is_so(&value) {
            return value;
        }
        assert!(Instant::now() < deadline, "after {READ_WITHIN_S} s: {value:#}");
        tokio::time::sleep(Duration::from_millis(BUSY_PAUSE_MS)).await;
    }
}

/// The body of an order of one product.
pub(crate) fn wish(product: &str, quantity: u32) -> Value {
    json!({
        "customer": {"name": "Ada"},
        "items": [{"product_id": product, "quantity": quantity}],
    })
}

fn euros(amount: i64) -> Money {
    Money { amount, currency: Currency::try_from("EUR".to_owned()).expect("a currency") }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

/// Puts products on the menu (name, price, units).
pub(crate) async fn fill(bus: &Bus, products: &[(&str, i64, u32)]) {
    let branch: Slug = "main".parse().expect("a slug");
    let product = |(id, price, _): &(&str, i64, u32)| NewProduct {
        id: id.parse().expect("a slug"),
        name: (*id).to_owned(),
        description: String::new(),
        price: euros(*price),
        image: String::new(),
        shelf_life_s: 86_400,
        discount_percent: 0,
        production: None,
    };
    ask_patiently(&bus.client, &always_open(&branch)).await.expect("a branch");
    let list =
        ListProducts { branch: branch.clone(), products: products.iter().map(product).collect() };
    ask_patiently(&bus.client, &list).await.expect("products");
    for (product, _, quantity) in products.iter().filter(|(_, _, quantity)| *quantity > 0) {
        let bake = BakeNow {
            batch_id: Uuid::now_v7(),
            branch: branch.clone(),
            product_id: product.parse().expect("a slug"),
            quantity: *quantity,
            baked_at: bakery_chassis::clock::wall()(),
        };
        ask_patiently(&bus.client, &bake).await.expect("a batch");
    }
}

/// A branch that never closes, and whose day does not end in the middle of a test.
fn always_open(id: &Slug) -> PutBranch {
    let span = Span { open: "00:00".parse().unwrap(), close: "24:00".parse().unwrap() };
    PutBranch {
        id: id.clone(),
        name: "Bakery".to_owned(),
        address: String::new(),
        time_zone: zone_of_noon().parse().unwrap(),
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
        let bus = ground.bus().await;
        fill(&bus, products).await;
        let counter = Counter::open(bakery.addr, &bus, accounts).await;
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

/// All services.
pub(crate) fn roles() -> Vec<&'static str> {
    SERVICES.to_vec()
}
