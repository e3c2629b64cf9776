//! Inventory, orders and bank on databases of their own, around a bus in the test's hand.

use bakery_bank::manners::Manners;
use bakery_bank::{Ledger, OpenAccountsWriter};
use bakery_inventory::Shelf;
use bakery_nats::Pool;
use bakery_nats::envelope::Wire;
use bakery_nats::messages::inventory::Line;
use bakery_nats::messages::scheduler::BakeDue;
use bakery_nats::money::{Currency, Money};
use bakery_nats::process::{Handler, Outcome};
use bakery_nats::requests::bank::{NewAccount, OpenAccounts};
use bakery_nats::requests::orders::{Action, Advance, Customer, Place};
use bakery_orders::{AdvanceWriter, PlaceWriter, Saga, redrive};
use bakery_testbed::audit::Audit;
use bakery_testbed::bus::{Bus, Faults};
use bakery_testbed::{at, database, id, message};
use std::time::Duration;
use uuid::Uuid;

/// Messages of one transaction.
const BATCH_MAX: usize = 8;
/// A run that needs more than this does not end.
const ROUNDS_MAX: usize = 2000;
/// For so long the clock has looked at the deadlines.
const WATCHED: Duration = Duration::from_secs(86_400);
const PRICE: i64 = 300;
/// Always open.
const HOURS: &str = r#"{
    "mon": {"open": "00:00", "close": "24:00"}, "tue": {"open": "00:00", "close": "24:00"},
    "wed": {"open": "00:00", "close": "24:00"}, "thu": {"open": "00:00", "close": "24:00"},
    "fri": {"open": "00:00", "close": "24:00"}, "sat": {"open": "00:00", "close": "24:00"},
    "sun": {"open": "00:00", "close": "24:00"}
}"#;
/// Units baked for a seed: fewer than its orders want.
const UNITS: u32 = 14;

pub(crate) struct World {
    inventory: Pool,
    pub(crate) orders: Pool,
    pub(crate) bank: Pool,
    pub(crate) bus: Bus,
    pub(crate) placed: Vec<Uuid>,
}

impl World {
    /// A bread, two accounts with money and one without.
    pub(crate) async fn new() -> Self {
        let inventory = database::fresh("inventory", bakery_inventory::MIGRATIONS).await;
        let orders = database::fresh("orders", bakery_orders::MIGRATIONS).await;
        let bank = database::fresh("bank", bakery_bank::MIGRATIONS).await;
        database::execute(
            &inventory,
            &format!(
                "INSERT INTO branch (id, name, address, time_zone, hours, currency)
                 VALUES ('main', 'Bakery', '', 'UTC', '{HOURS}', 'EUR');
                 INSERT INTO product (branch, id, name, description, price, currency, image,
                                      shelf_life_s, discount_percent)
                 VALUES ('main', 'bread', 'Bread', '', {PRICE}, 'EUR', '', 1000000, 50)"
            ),
        )
        .await;
        let known = format!(
            "INSERT INTO known_branch (id, version, name, time_zone, hours, closed)
             VALUES ('main', 1, 'Bakery', 'UTC', '{HOURS}', false);
             INSERT INTO known_product VALUES ('main', 'bread')"
        );
        database::execute(&orders, &known).await;
        for n in 0..3 {
            let account = account(n);
            let amount = if n == 2 { 0 } else { 1_000_000 };
            let currency = Currency::try_from("EUR".to_owned()).unwrap();
            let opening = Money { amount, currency };
            let accounts = vec![NewAccount { id: account, name: "Ada".to_owned(), opening }];
            let open = OpenAccounts { accounts };
            message::write(&bank, OpenAccountsWriter, open, at(0)).await.0.expect("opened");
            let sql = format!("INSERT INTO known_account VALUES ('{account}')");
            database::execute(&orders, &sql).await;
        }
        let bus = Bus::new(0, Faults::default());
        Self { inventory, orders, bank, bus, placed: Vec::new() }
    }

    /// A new run: a fresh bus, and a batch of bread.
    pub(crate) fn begin(&mut self, seed: u64, faults: Faults) {
        println!("seed {seed}");
        self.bus = Bus::new(seed, Faults::default());
        let tick = BakeDue {
            tick_id: id("batch", seed),
            job: "bake".parse().unwrap(),
            due_at: at(0),
            product_id: "bread".parse().unwrap(),
            quantity: UNITS,
        };
        // The bread itself is not what is tried here: it goes in before the faults begin.
        self.bus.send([message::wire("scheduler", &tick, at(0))]);
        let next = self.bus.next_batch(1);
        self.bus = Bus::new(seed, faults);
        self.bus.send(next);
    }

    /// Places an order for one or two breads.
    pub(crate) async fn place(&mut self, n: u64) {
        let order_id = id("order", n);
        let place = Place {
            order_id,
            idempotency_key: None,
            branch: "main".parse().unwrap(),
            account_id: account(n % 3),
            customer: Customer { name: "Ada".to_owned(), email: None },
            items: vec![Line {
                product_id: "bread".parse().unwrap(),
                quantity: 1 + u32::try_from(n % 2).unwrap(),
            }],
        };
        let pool = self.orders.clone();
        let writer = PlaceWriter { client: None, pool, give_up_after_s: 3600.0 };
        let (reply, wires) = message::write(&self.orders, writer, place, at(10)).await;
        reply.expect("accepted");
        self.placed.push(order_id);
        self.bus.send(wires);
    }

    /// A person does something with one of the orders; that it may be refused is no matter here.
    pub(crate) async fn somebody(&mut self, action: Action) {
        let order_id = self.placed[self.bus.choose(self.placed.len())];
        let advance = Advance { order_id, action };
        let (reply, wires) = message::write(&self.orders, AdvanceWriter, advance, at(20)).await;
        if let Err(refusal) = reply {
            assert_eq!(refusal.status, 409, "{refusal}");
        }
        self.bus.send(wires);
    }

    /// One batch goes where its subjects say.
    pub(crate) async fn deliver_some(&mut self) -> bool {
        let batch = self.bus.next_batch(BATCH_MAX);
        let to = |prefixes: &[&str]| -> Vec<Wire> {
            let is_for = |w: &&Wire| prefixes.iter().any(|p| w.subject.starts_with(p));
            batch.iter().filter(is_for).cloned().collect()
        };
        let (shelf, ledger) =
            (to(&["bakery.cmd.inventory", "bakery.tick"]), to(&["bakery.cmd.bank"]));
        // Of inventory's events only the answers are for orders; its consumer's filter says so.
        let mut saga = to(&["bakery.evt.inventory", "bakery.evt.bank"]);
        saga.retain(|w| !w.subject.ends_with(".baked"));
        self.take(&self.inventory.clone(), Shelf, &shelf).await;
        self.take(&self.bank.clone(), Ledger::new(Manners::default()), &ledger).await;
        self.take(&self.orders.clone(), Saga, &saga).await;
        !batch.is_empty()
    }

    async fn take<H: Handler>(&mut self, pool: &Pool, handler: H, batch: &[Wire]) {
        if batch.is_empty() {
            return;
        }
        for (outcome, wire) in message::handle(pool, handler, batch).await.into_iter().zip(batch) {
            match outcome {
                Outcome::Send(wires) => self.bus.send(wires),
                Outcome::Dead(reason) => panic!("{} is a dead letter: {reason}", wire.message_id()),
            }
        }
    }

    /// Takes the messages of this name off the bus; all others stay on the way.
    pub(crate) fn hold_back(&mut self, name: &str) -> Vec<Wire> {
        let next = || Some(self.bus.next_batch(BATCH_MAX)).filter(|batch| !batch.is_empty());
        let all: Vec<Wire> = std::iter::from_fn(next).flatten().collect();
        let is_it = |wire: &Wire| wire.subject.ends_with(&format!(".{name}"));
        let (held, others): (Vec<Wire>, Vec<Wire>) = all.into_iter().partition(is_it);
        self.bus.send(others);
        held
    }

    /// Every open order is due now, all at the same time; what it waits for is asked again.
    pub(crate) async fn redrive(&mut self) {
        database::execute(
            &self.orders,
            "UPDATE orders SET due_at = now() - interval '1 second' WHERE open;
             UPDATE refund SET due_at = now() - interval '1 second'
             WHERE state = 'asked'",
        )
        .await;
        let wires = redrive::round(self.orders.clone(), at(30), WATCHED).await;
        let wires = wires.expect("no passing fault");
        self.bus.send(wires);
    }

    /// Rows move in their tables, and the planner looks at them anew.
    pub(crate) async fn vacuum(&self) {
        // Not all tables: some are the server's, and other tests wait for those.
        let theirs = [
            (&self.inventory, "unit"),
            (&self.orders, "orders, refund"),
            (&self.bank, "account, transfer"),
        ];
        for (pool, tables) in theirs {
            let sql = format!("VACUUM (FULL, ANALYZE) record, {tables}");
            database::execute(pool, &sql).await;
        }
    }

    /// The time for being paid is over for every order.
    pub(crate) async fn time_is_over(&self) {
        database::execute(&self.orders, "UPDATE orders SET give_up_at = clock_timestamp()").await;
    }

    /// Delivers and drives until no order or refund is open and nothing is on the way.
    pub(crate) async fn settle(&mut self) {
        for _ in 0..ROUNDS_MAX {
            while self.deliver_some().await {}
            let asked = "SELECT count(*) AS number FROM refund WHERE state = 'asked'";
            let asked = database::number(&self.orders, asked).await;
            if self.count_where("open").await + asked == 0 {
                return;
            }
            self.redrive().await;
        }
        panic!("orders are still open: {:?}", self.fingerprint().await);
    }

    pub(crate) async fn count(&self, state: &str) -> i64 {
        self.count_where(&format!("state = '{state}'")).await
    }

    async fn count_where(&self, condition: &str) -> i64 {
        let sql = format!("SELECT count(*) AS number FROM orders WHERE {condition}");
        database::number(&self.orders, &sql).await
    }

    /// How many of the ends confirmed, rejected, declined and cancelled were seen.
    pub(crate) async fn outcomes(&self) -> i64 {
        let sql = "SELECT count(DISTINCT state) AS number FROM orders";
        database::number(&self.orders, sql).await
    }

    /// Figures that must not change when old messages come again.
    pub(crate) async fn fingerprint(&self) -> Vec<i64> {
        let mut figures = Vec::new();
        for state in ["confirmed", "served", "rejected", "declined", "cancelled"] {
            figures.push(self.count(state).await);
        }
        for state in ["free", "reserved", "sold", "stale"] {
            figures.push(self.units(state).await);
        }
        figures.push(self.money("charge").await);
        figures.push(self.money("refund").await);
        figures.push(self.money("pay-back").await);
        figures
    }

    async fn units(&self, state: &str) -> i64 {
        let sql = format!("SELECT count(*) AS number FROM unit WHERE state = '{state}'");
        database::number(&self.inventory, &sql).await
    }

    pub(crate) async fn money(&self, kind: &str) -> i64 {
        let sql = format!(
            "SELECT coalesce(sum(amount), 0)::bigint AS number FROM transfer WHERE kind = '{kind}'"
        );
        database::number(&self.bank, &sql).await
    }

    /// The invariants, at quiet.
    pub(crate) async fn check(&self, run: &str) {
        let audit = Audit {
            inventory: self.inventory.clone(),
            orders: self.orders.clone(),
            bank: self.bank.clone(),
        };
        let violations = audit.violations(&self.placed).await;
        assert!(violations.is_empty(), "{run}:\n{}", violations.join("\n"));
    }
}

fn account(n: u64) -> Uuid {
    id("account", n)
}
