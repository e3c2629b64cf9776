//! The saga, the kitchen and the clock of the orders service on a real Postgres.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test ends where it goes wrong, and says what it measured"
)]

mod advance;
mod answers;
mod happy;
mod kitchen;
mod late;
mod list;
mod mend;
mod migration;
mod news;
mod opening;
mod owed;
mod pipeline;
mod place;
mod planner;
mod receipt;
mod redrive;
mod refund;
mod sales;
mod turns;
mod undo;

use bakery_nats::Pool;
use bakery_nats::branch::Branch;
use bakery_nats::calendar::{OpeningHours, Span};
use bakery_nats::envelope::Wire;
use bakery_nats::message::Message;
use bakery_nats::messages::bank::{Charged, Declined, Refunded};
use bakery_nats::messages::inventory::{
    BranchChanged, Line, MissingLine, Released, ReserveRefused, Reserved, ReservedLine,
    ReservedUnit, Restocked, Sold,
};
use bakery_nats::money::{Currency, Money};
use bakery_nats::request::Asked;
use bakery_nats::requests::orders::{Action, Advance, Customer, Place};
use bakery_nats::write::{Batch, Done, commit};
use bakery_orders::saga::{Event, State, Undone};
use bakery_orders::{AdvanceWriter, MIGRATIONS, PlaceWriter, Saga, redrive as clock};
use bakery_testbed::{at, database, id, message};
use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text};
use diesel_async::RunQueryDsl;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// Seconds after which an order of these tests gives up: none of them does by itself.
const GIVE_UP_AFTER_S: f64 = 3600.0;
/// For so long the clock of these tests has looked at the deadlines.
const WATCHED: Duration = Duration::from_secs(86_400);
/// What every order of these tests costs: two breads at 3.00 and a donut at 1.50.
const PRICE: i64 = 750;

/// A shop that knows Ada's and Bob's accounts, bread and donuts at `main` and bread at `north`;
/// both are in Berlin, and open around the clock.
async fn shop() -> Pool {
    let pool = database::fresh("orders", MIGRATIONS).await;
    for branch in ["main", "north"] {
        tell(&pool, &changed(1, &branch_in(branch, "Europe/Berlin", ("00:00", "24:00")))).await;
    }
    let known = format!(
        "INSERT INTO known_account VALUES ('{}'), ('{}');
         INSERT INTO known_product VALUES ('main', 'bread'), ('main', 'donut'), ('north', 'bread')",
        ada(),
        bob()
    );
    database::execute(&pool, &known).await;
    pool
}

/// A branch with the same hours on every day.
fn branch_in(id: &str, zone: &str, (open, close): (&str, &str)) -> Branch {
    let span = Span { open: open.parse().unwrap(), close: close.parse().unwrap() };
    Branch {
        id: id.parse().unwrap(),
        name: format!("Bakery {id}"),
        address: "1 Market Square".to_owned(),
        time_zone: zone.parse().unwrap(),
        hours: OpeningHours::daily(span),
        currency: eur(0).currency,
        closed: false,
    }
}

/// Inventory says what a branch is from this version on.
fn changed(version: i64, branch: &Branch) -> BranchChanged {
    let change_id = id(branch.id.as_str(), version.unsigned_abs());
    BranchChanged { change_id, version, branch: branch.clone() }
}

fn ada() -> Uuid {
    id("account", 1)
}

fn bob() -> Uuid {
    id("account", 2)
}

fn order_id(order: u64) -> Uuid {
    id("order", order)
}

fn line(product: &str, quantity: u32) -> Line {
    Line { product_id: product.parse().unwrap(), quantity }
}

fn eur(amount: i64) -> Money {
    Money { amount, currency: Currency::try_from("EUR".to_owned()).unwrap() }
}

/// Ada's order of two breads and a donut.
fn wish(order: u64) -> Place {
    Place {
        order_id: order_id(order),
        idempotency_key: None,
        branch: "main".parse().unwrap(),
        account_id: ada(),
        customer: Customer { name: "Ada".to_owned(), email: None },
        items: vec![line("bread", 2), line("donut", 1)],
    }
}

fn writer(pool: &Pool, give_up_after_s: f64) -> PlaceWriter {
    PlaceWriter { client: None, pool: pool.clone(), give_up_after_s }
}

/// Orders placed in one transaction at a second of the test day.
async fn place_all(pool: &Pool, wishes: &[Place], seconds: i64) -> Batch<Place> {
    place_at(pool, wishes, at(seconds)).await
}

/// Orders placed in one transaction at a moment.
async fn place_at(pool: &Pool, wishes: &[Place], at: DateTime<Utc>) -> Batch<Place> {
    let asked = |body: &Place| Asked { request_id: Uuid::now_v7(), at, body: body.clone() };
    let batch: Vec<_> = wishes.iter().map(asked).collect();
    let writer = Arc::new(writer(pool, GIVE_UP_AFTER_S));
    commit(pool, &writer, &batch).await.expect("no passing fault")
}

/// Places an order that is accepted; gives what is sent.
async fn place(pool: &Pool, order: u64) -> Vec<Wire> {
    let mut done = place_all(pool, &[wish(order)], 10).await;
    done.replies.remove(0).expect("accepted");
    done.wires
}

/// What inventory holds for an order.
fn reserved(order: u64) -> Reserved {
    let unit = |n: u64, price| ReservedUnit {
        id: id("unit", order * 10 + n),
        price,
        full_price: None,
        baked_at: at(0),
        batch_id: None,
    };
    let line = |product: &str, name: &str, units: Vec<ReservedUnit>| ReservedLine {
        product_id: product.parse().unwrap(),
        name: name.to_owned(),
        quantity: u32::try_from(units.len()).unwrap(),
        line_total: units.iter().map(|unit| unit.price).sum(),
        units,
    };
    let lines = vec![
        line("bread", "Bread", vec![unit(0, 300), unit(1, 300)]),
        line("donut", "Donut", vec![unit(2, 150)]),
    ];
    let Money { amount: total, currency } = eur(PRICE);
    Reserved { order_id: order_id(order), lines, total, currency }
}

fn out_of_stock(order: u64) -> ReserveRefused {
    let missing = MissingLine { product_id: "donut".parse().unwrap(), wanted: 1, available: 0 };
    let code = "out_of_stock".to_owned();
    ReserveRefused { order_id: order_id(order), code, missing: vec![missing] }
}

fn charged(order: u64) -> Charged {
    let (order_id, account_id) = (order_id(order), ada());
    Charged { order_id, account_id, transfer_id: id("transfer", order), amount: eur(PRICE) }
}

fn declined(order: u64) -> Declined {
    let code = "insufficient_funds".to_owned();
    Declined { order_id: order_id(order), account_id: ada(), code }
}

fn sold(order: u64) -> Sold {
    Sold { order_id: order_id(order), units: 3 }
}

fn released(order: u64) -> Released {
    Released { order_id: order_id(order), units: 3 }
}

fn refunded(order: u64) -> Refunded {
    Refunded { order_id: order_id(order), account_id: ada(), amount: PRICE }
}

fn restocked(order: u64) -> Restocked {
    Restocked { order_id: order_id(order), free: 3, stale: 0, thrown: 0 }
}

/// An event as the service that says it sends it.
fn wire<M: Message>(body: &M) -> Wire {
    message::wire(M::SERVICE, body, at(20))
}

/// Tells the saga; gives what it sends.
async fn tell<M: Message>(pool: &Pool, body: &M) -> Vec<Wire> {
    message::sent(pool, Saga, &wire(body)).await
}

/// An answer, as it is on the wire, to what an order asked.
fn answer(order: u64, event: Event) -> Wire {
    match event {
        Event::Reserved => wire(&reserved(order)),
        Event::ReserveRefused => wire(&out_of_stock(order)),
        Event::Charged => wire(&charged(order)),
        Event::Declined => wire(&declined(order)),
        Event::Sold => wire(&sold(order)),
        Event::Released => wire(&released(order)),
        Event::Refunded => wire(&refunded(order)),
        Event::Restocked => wire(&restocked(order)),
        other => panic!("{other:?} is no answer"),
    }
}

/// A person does something with an order at the 30th second.
async fn advance(pool: &Pool, order: u64, action: Action) -> (Done<Advance>, Vec<Wire>) {
    let advance = Advance { order_id: order_id(order), action };
    message::write(pool, AdvanceWriter, advance, at(30)).await
}

/// Makes an event happen to an order; gives what it sends.
async fn happen(pool: &Pool, order: u64, event: Event) -> Vec<Wire> {
    let action = match event {
        Event::Cancel => Action::Cancel,
        Event::Start => Action::Start,
        Event::Ready => Action::Ready,
        Event::Serve => Action::Serve,
        answered => return message::sent(pool, Saga, &answer(order, answered)).await,
    };
    let (reply, wires) = advance(pool, order, action).await;
    reply.expect("done");
    wires
}

/// How an order comes into a state, step by step.
fn way_to(state: State) -> Vec<Event> {
    use Event::{
        Cancel, Charged, Declined, Ready, Refunded, Released, ReserveRefused, Reserved, Restocked,
        Serve, Sold, Start,
    };
    let bought = [Reserved, Charged, Sold];
    let and = |more: &[Event]| [bought.as_slice(), more].concat();
    match state {
        State::Placed => vec![],
        State::Reserved => vec![Reserved],
        State::Charged => vec![Reserved, Charged],
        State::Confirmed => and(&[]),
        State::Preparing => and(&[Start]),
        State::Ready => and(&[Start, Ready]),
        State::Served => and(&[Start, Ready, Serve]),
        State::Rejected => vec![ReserveRefused],
        State::Releasing => vec![Reserved, Declined],
        State::Declined => vec![Reserved, Declined, Released],
        State::GivingUp(Undone { goods: true, .. }) => vec![Reserved, Cancel, Released],
        State::GivingUp(Undone { money: true, .. }) => vec![Reserved, Cancel, Refunded],
        State::GivingUp(_) => vec![Reserved, Cancel],
        State::Returning(Undone { goods: true, .. }) => and(&[Cancel, Restocked]),
        State::Returning(Undone { money: true, .. }) => and(&[Cancel, Refunded]),
        State::Returning(_) => and(&[Cancel]),
        State::Cancelled => and(&[Cancel, Restocked, Refunded]),
    }
}

/// Places an order and brings it into a state.
async fn reach(pool: &Pool, order: u64, state: State) {
    place(pool, order).await;
    for event in way_to(state) {
        happen(pool, order, event).await;
    }
    assert_eq!(stored(pool, order).await.state, state.as_str());
}

/// An order as it is in its table.
#[derive(Debug, PartialEq, QueryableByName)]
struct Stored {
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = BigInt)]
    version: i64,
    #[diesel(sql_type = Bool)]
    open: bool,
    #[diesel(sql_type = Integer)]
    attempt: i32,
    #[diesel(sql_type = Nullable<BigInt>)]
    total: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    reason_code: Option<String>,
}

async fn stored(pool: &Pool, order: u64) -> Stored {
    let mut conn = pool.get().await.expect("a connection");
    let sql = format!("SELECT * FROM orders WHERE id = '{}'", order_id(order));
    diesel::sql_query(sql).get_result(&mut conn).await.expect("a stored order")
}

/// How many records an order has of a step.
async fn records(pool: &Pool, order: u64, step: &str) -> i64 {
    let sql = format!(
        "SELECT count(*) AS number FROM record WHERE business_id = '{}' AND step = '{step}'",
        order_id(order)
    );
    database::number(pool, &sql).await
}

/// How many orders there are.
async fn orders(pool: &Pool) -> i64 {
    database::number(pool, "SELECT count(*) AS number FROM orders").await
}

/// What messages say, short: `cmd.bank.main.charge 2` is the second time of asking.
fn said(wires: &[Wire]) -> Vec<String> {
    let one = |wire: &Wire| {
        let attempt = wire.message_id().rsplit(':').next().unwrap_or_default();
        format!("{} {attempt}", wire.subject.trim_start_matches("bakery."))
    };
    wires.iter().map(one).collect()
}

/// The deadline of these orders has passed, for all at the same time, and that of no other.
async fn due(pool: &Pool, those: &[u64]) {
    let ids: Vec<String> = those.iter().map(|order| format!("'{}'", order_id(*order))).collect();
    let sql = format!(
        "UPDATE orders SET due_at = now() + CASE
             WHEN id IN ({}) THEN interval '-1 second' ELSE interval '1 hour' END",
        ids.join(", ")
    );
    database::execute(pool, &sql).await;
}

/// The time for being paid is over for an order, and its deadline has passed.
async fn time_is_over(pool: &Pool, order: u64) {
    due(pool, &[order]).await;
    let sql = format!(
        "UPDATE orders SET give_up_at = clock_timestamp() WHERE id = '{}'",
        order_id(order)
    );
    database::execute(pool, &sql).await;
}

/// One round of a clock that has looked all the time; gives what it sends.
async fn drive(pool: &Pool) -> Vec<Wire> {
    drive_after(pool, WATCHED).await
}

/// One round of a clock that has looked for so long.
async fn drive_after(pool: &Pool, watched: Duration) -> Vec<Wire> {
    clock::round(pool.clone(), at(100), watched).await.expect("no passing fault")
}
