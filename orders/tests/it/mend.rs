//! What this service has not heard of, over a real bus: the owner is asked, once, and believed.

use crate::{GIVE_UP_AFTER_S, ada, branch_in, changed, line, orders, shop, tell, wish};
use bakery_embedded::{NatsOptions, Servers, Temporary};
use bakery_nats::Pool;
use bakery_nats::ask::ask;
use bakery_nats::branch::Branch;
use bakery_nats::connect::{Bus, BusConfig, connect};
use bakery_nats::envelope::Wire;
use bakery_nats::publish::{Outlet, PublishError};
use bakery_nats::refusal::Refusal;
use bakery_nats::request::Asked;
use bakery_nats::requests::bank::{AccountStatement, GetAccount};
use bakery_nats::requests::inventory::{BranchState, GetBranch, GetProduct, MenuEntry};
use bakery_nats::requests::orders::{Order, Place};
use bakery_nats::serve::Desk;
use bakery_orders::PlaceWriter;
use bakery_testbed::{at, database, id};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

const CONFIG: &str = include_str!("../../../nats/server.conf");
const USERS: [&str; 9] =
    ["gateway", "inventory", "orders", "bank", "scheduler", "deploy", "operator", "monitor", "sys"];
/// Nothing that a test waits for takes longer.
const WAIT_S: u64 = 30;
/// Of one question, each of which waits for 3 s.
const TRIES_MAX: u32 = 10;

/// A stream that takes everything.
struct Hole;

impl Outlet for Hole {
    async fn publish(&self, _messages: Vec<Wire>) -> Result<(), PublishError> {
        Ok(())
    }
}

/// The orders service at its desk, and the two it asks. There is one branch, `south`, where there
/// is bread, and Ada has an account.
struct Town {
    servers: Servers,
    desks: Vec<Desk>,
    stop: CancellationToken,
    tasks: TaskTracker,
    /// How often inventory was asked for a branch.
    asked: Arc<AtomicU32>,
    /// How often something was placed once more.
    again: AtomicU32,
}

impl Town {
    async fn new(pool: &Pool, south: Branch) -> Self {
        let variable = |user: &str| (format!("NATS_{}_PASSWORD", user.to_uppercase()), user.into());
        let environment = USERS.into_iter().map(variable).collect();
        let options = NatsOptions { config: CONFIG.to_owned(), environment, port: None };
        let wanted = Temporary { nats: Some(options), ..Temporary::default() };
        let servers = Servers::temporary(wanted).await.expect("nats-server");
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let (asked, again) = (Arc::default(), AtomicU32::default());
        let mut town = Self { servers, desks: Vec::new(), stop, tasks, asked, again };
        town.inventory(south).await;
        town.bank().await;
        town.orders(pool).await;
        town
    }

    async fn bus(&self, user: &str) -> Bus {
        let url = self.servers.nats.as_ref().expect("nats-server was asked for").url();
        let (user, password) = (user.to_owned(), user.to_owned());
        connect(&BusConfig { url, user, password }).await.expect("a connection")
    }

    async fn desk(&self, bus: &Bus, name: &'static str) -> Desk {
        let ends = (self.tasks.clone(), self.stop.clone());
        Desk::open(bus, name, "a desk", Arc::new(|| at(0)), ends).await.expect("a desk")
    }

    async fn inventory(&mut self, south: Branch) {
        let desk = self.desk(&self.bus("inventory").await, "inventory").await;
        // First, so that who is answered about the branch is answered about its products.
        let product = |question: Asked<GetProduct>| async move {
            let GetProduct { branch, id } = question.body;
            let known = (branch.as_str(), id.as_str()) == ("south", "bread");
            known.then(bread).ok_or_else(|| Refusal::not_found("product", id))
        };
        desk.query::<GetProduct, _, _>(product).await.expect("a question");
        let asked = self.asked.clone();
        let branch = move |question: Asked<GetBranch>| {
            asked.fetch_add(1, Ordering::Relaxed);
            let known = (question.body.branch == south.id).then(|| state(&south));
            async move { known.ok_or_else(|| Refusal::not_found("branch", question.body.branch)) }
        };
        desk.query::<GetBranch, _, _>(branch).await.expect("a question");
        self.desks.push(desk);
    }

    async fn bank(&mut self) {
        let desk = self.desk(&self.bus("bank").await, "bank").await;
        let account = |question: Asked<GetAccount>| async move {
            let unknown = Refusal::not_found("account", question.body.account_id);
            Err::<AccountStatement, _>(unknown)
        };
        desk.query::<GetAccount, _, _>(account).await.expect("a question");
        self.desks.push(desk);
    }

    async fn orders(&mut self, pool: &Pool) {
        let bus = self.bus("orders").await;
        let desk = self.desk(&bus, "orders").await;
        let client = Some(bus.client);
        let writer = PlaceWriter { client, pool: pool.clone(), give_up_after_s: GIVE_UP_AFTER_S };
        desk.writes(pool.clone(), writer, Arc::new(Hole)).await.expect("a write");
        self.desks.push(desk);
    }

    /// Places an order as the gateway does. Until every desk is heard of, nobody answers.
    async fn place(&self, place: &Place) -> Result<Order, Refusal> {
        let gateway = self.bus("gateway").await;
        let answered = async {
            loop {
                match ask(&gateway.client, place).await {
                    Err(refusal) if refusal.status == 503 => {
                        self.again.fetch_add(1, Ordering::Relaxed);
                        tokio::task::yield_now().await;
                    }
                    reply => return reply,
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(WAIT_S), answered).await.expect("an answer")
    }

    async fn close(self) {
        self.stop.cancel();
        drop(self.desks);
        self.tasks.close();
        self.tasks.wait().await;
        self.servers.stop().await.expect("the servers stop");
    }
}

fn state(branch: &Branch) -> BranchState {
    BranchState {
        branch: branch.clone(),
        open: true,
        closes_at: None,
        opens_at: None,
        date: at(0).date_naive(),
        discounting: false,
        now: None,
    }
}

fn bread() -> MenuEntry {
    MenuEntry {
        id: "bread".parse().unwrap(),
        name: "Bread".to_owned(),
        description: String::new(),
        price: crate::eur(300),
        image: String::new(),
        shelf_life_s: 60,
        available: 1,
        state: Default::default(),
        discount: None,
        baked_at: None,
    }
}

fn bread_at(order: u64, branch: &str) -> Place {
    Place { branch: branch.parse().unwrap(), items: vec![line("bread", 1)], ..wish(order) }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_branch_is_asked_for_once_and_kept_until_an_event_says_more() {
    let pool = shop().await;
    let south = Branch {
        name: "Bäckerei \"Süd\"".to_owned(),
        ..branch_in("south", "Asia/Tokyo", ("00:00", "24:00"))
    };
    let town = Town::new(&pool, south.clone()).await;
    let mut asked = [0; 2];
    for (order, asked) in (1..).zip(&mut asked) {
        let placed = town.place(&bread_at(order, "south")).await.expect("accepted");
        assert_eq!(placed.number, format!("00{order}"));
        *asked = town.asked.load(Ordering::Relaxed);
    }
    // An order that is not answered in time is placed again, and its branch asked for again.
    assert!((1..=1 + town.again.load(Ordering::Relaxed)).contains(&asked[0]), "{asked:?}");
    assert_eq!(asked[0], asked[1], "it was not kept");
    let version = "SELECT version AS number FROM known_branch WHERE id = 'south'";
    assert_eq!(database::number(&pool, version).await, 0);

    tell(&pool, &changed(1, &Branch { closed: true, ..south })).await;
    let refusal = town.place(&bread_at(3, "south")).await.expect_err("accepted");
    assert_eq!((refusal.status, refusal.code.as_str()), (409, "branch_closed"));
    assert_eq!(refusal.detail, "Bäckerei \"Süd\" is closed until further notice");
    assert_eq!(orders(&pool).await, 2);
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_that_its_owner_does_not_know_is_named_by_its_field() {
    let pool = shop().await;
    let town = Town::new(&pool, branch_in("south", "Asia/Tokyo", ("00:00", "24:00"))).await;
    let refusal = town.place(&bread_at(1, "nowhere")).await.expect_err("accepted");
    assert_eq!((refusal.status, refusal.code.as_str()), (422, "unknown_reference"));
    let errors: Vec<(&str, &str)> =
        refusal.errors.iter().map(|e| (e.field.as_str(), e.reason.as_str())).collect();
    let expected = [
        ("branch", "there is no such branch"),
        ("items[0].product_id", "there is no product bread at nowhere"),
    ];
    assert_eq!(errors, expected);
    // The branch is there, but not all that is wanted of it.
    let mut cake = bread_at(2, "south");
    cake.items.push(line("cake", 1));
    let refusal = town.place(&cake).await.expect_err("accepted");
    let fields: Vec<&str> = refusal.errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(fields, ["items[1].product_id"]);
    let nobody = Place { account_id: id("account", 9), ..bread_at(3, "south") };
    let refusal = town.place(&nobody).await.expect_err("accepted");
    assert_eq!(refusal.errors[0].field, "account_id");
    assert_eq!(orders(&pool).await, 0);
    let placed = town.place(&bread_at(4, "south")).await.expect("accepted");
    assert_eq!(placed.account_id, ada());
    town.close().await;
}

/// What nobody can mend takes no place from those that can be.
#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_at_a_closed_branch_are_all_told_so() {
    let pool = shop().await;
    let south = branch_in("south", "Asia/Tokyo", ("00:00", "24:00"));
    let town = Town::new(&pool, south.clone()).await;
    tell(&pool, &changed(1, &Branch { closed: true, ..south })).await;
    town.place(&bread_at(0, "south")).await.expect_err("accepted");
    let gateway = town.bus("gateway").await;
    let asked = (1..=400).map(|order| {
        let client = gateway.client.clone();
        async move {
            // On a busy machine some answer may come too late; "overloaded" is another one.
            for _ in 0..TRIES_MAX {
                let refusal = ask(&client, &bread_at(order, "south")).await.expect_err("accepted");
                if refusal.code != "unavailable" {
                    return refusal.code;
                }
            }
            "never answered".to_owned()
        }
    });
    let answers = futures::future::join_all(asked).await;
    let closed = answers.iter().filter(|code| *code == "branch_closed").count();
    assert_eq!(closed, answers.len(), "{answers:?}");
    town.close().await;
}
