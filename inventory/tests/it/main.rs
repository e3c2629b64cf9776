//! The handlers and requests of inventory on a real Postgres.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test ends where it goes wrong, and says what it measured"
)]

mod ages;
mod bake_now;
mod branch;
mod catalogue;
mod day;
mod menu;
mod migration;
mod much;
mod random_day;
mod reserve;
mod shelf;
mod turn;
mod turns;
mod undo;

use bakery_inventory::{ListProductsWriter, MIGRATIONS, PutBranchWriter, Shelf};
use bakery_nats::Pool;
use bakery_nats::calendar::{OpeningHours, Span};
use bakery_nats::envelope::Wire;
use bakery_nats::messages::inventory::{Confirm, DayLine, Line, Reserve};
use bakery_nats::messages::scheduler::{
    self, BakeDue, ClosingDue, DiscountDue, OpeningDue, SweepDue,
};
use bakery_nats::money::{Currency, Money};
use bakery_nats::request::Asked;
use bakery_nats::requests::inventory::{DayReply, GetDay, ListProducts, NewProduct, PutBranch};
use bakery_testbed::{at, database, id, message};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use diesel_async::SimpleAsyncConnection;
use uuid::Uuid;

/// Stale an hour after baking.
const SHELF_LIFE_S: i64 = 3600;
/// When `main` closes, on the day that `at(0)` belongs to. It opened an hour before that.
const CLOSES_S: i64 = 10 * 3600;
const DAY_S: i64 = 24 * 3600;

/// A database with the branch `main`, open from 07:00 to 18:00 in UTC, its products `bread` (3.00)
/// and `donut` (1.50), half the price at a discount, and nothing on the shelf.
async fn bakery() -> Pool {
    let pool = database::fresh("inventory", MIGRATIONS).await;
    open(&pool, "main", "UTC", "EUR").await;
    pool
}

/// Opens a branch with the same hours and products in another zone.
async fn open(pool: &Pool, branch: &str, zone: &str, currency: &str) {
    let put = put_branch(branch, zone, currency);
    message::write(pool, PutBranchWriter, put, at(0)).await.0.expect("opened");
    let products = vec![product("bread", 300, currency), product("donut", 150, currency)];
    let list = ListProducts { branch: branch.parse().unwrap(), products };
    message::write(pool, ListProductsWriter, list, at(0)).await.0.expect("listed");
}

fn put_branch(id: &str, zone: &str, currency: &str) -> PutBranch {
    PutBranch {
        id: id.parse().unwrap(),
        name: "Bakery on the square".to_owned(),
        address: "1 Market Square".to_owned(),
        time_zone: zone.parse().unwrap(),
        hours: OpeningHours::daily(span("07:00", "18:00")),
        currency: Currency::try_from(currency.to_owned()).unwrap(),
    }
}

fn span(open: &str, close: &str) -> Span {
    Span { open: open.parse().unwrap(), close: close.parse().unwrap() }
}

fn product(id: &str, price: i64, currency: &str) -> NewProduct {
    NewProduct {
        id: id.parse().unwrap(),
        name: id.to_uppercase(),
        description: String::new(),
        price: Money { amount: price, currency: Currency::try_from(currency.to_owned()).unwrap() },
        image: String::new(),
        shelf_life_s: i32::try_from(SHELF_LIFE_S).unwrap(),
        discount_percent: 50,
        production: None,
    }
}

/// The smallest step of the shop's time.
fn instant() -> TimeDelta {
    TimeDelta::microseconds(1)
}

/// The business day of `main` so many days after that of `at(0)`.
fn date(days: i64) -> NaiveDate {
    at(0).date_naive() + TimeDelta::days(days)
}

/// Bakes units, `n` telling the batches apart.
async fn bake(pool: &Pool, product: &str, quantity: u32, seconds: i64, n: u64) {
    message::sent(pool, Shelf, &bake_due(product, quantity, at(seconds), n)).await;
}

fn bake_due(product: &str, quantity: u32, due_at: DateTime<Utc>, n: u64) -> Wire {
    let tick = BakeDue {
        tick_id: id(product, n),
        job: "bake".parse().unwrap(),
        due_at,
        product_id: product.parse().unwrap(),
        quantity,
    };
    message::wire("scheduler", &tick, due_at)
}

/// Ids of ticks tell jobs, branches and times apart.
fn tick_id(job: &str, due_at: DateTime<Utc>) -> Uuid {
    id(job, due_at.timestamp_micros().cast_unsigned())
}

fn sweep_due(due_at: DateTime<Utc>) -> Wire {
    let job = "sweep".parse().unwrap();
    let tick = SweepDue { tick_id: tick_id("sweep", due_at), job, due_at };
    message::wire("scheduler", &tick, due_at)
}

fn opening_due(due_at: DateTime<Utc>) -> Wire {
    let job = "opening".parse().unwrap();
    let tick = OpeningDue { tick_id: tick_id("opening", due_at), job, due_at };
    message::wire("scheduler", &tick, due_at)
}

fn discount_due(due_at: DateTime<Utc>) -> Wire {
    let job = "discount".parse().unwrap();
    let tick = DiscountDue { tick_id: tick_id("discount", due_at), job, due_at };
    message::wire("scheduler", &tick, due_at)
}

/// A tick that the schedule of the job fires; that of [`discount_due`] is run by hand.
fn scheduled_discount_due(due_at: DateTime<Utc>) -> Wire {
    let (branch, job) = ("main".parse().unwrap(), "discount".parse().unwrap());
    let tick = DiscountDue { tick_id: scheduler::tick_id(&branch, &job, due_at), job, due_at };
    message::wire("scheduler", &tick, due_at)
}

fn closing_due(due_at: DateTime<Utc>) -> Wire {
    let job = "closing".parse().unwrap();
    let tick = ClosingDue { tick_id: tick_id("closing", due_at), job, due_at };
    message::wire("scheduler", &tick, due_at)
}

/// The same message at another branch than `main`.
fn at_branch(branch: &str, mut wire: Wire) -> Wire {
    wire.subject = wire.subject.replace(".main.", &format!(".{branch}."));
    wire
}

fn line(product: &str, quantity: u32) -> Line {
    Line { product_id: product.parse().unwrap(), quantity }
}

fn reserve(order: u64, lines: &[Line], seconds: i64) -> Wire {
    reserve_at(order, lines, at(seconds))
}

fn reserve_at(order: u64, lines: &[Line], at: DateTime<Utc>) -> Wire {
    let body = Reserve { order_id: order_id(order), lines: lines.to_vec() };
    message::wire("orders", &body, at)
}

fn confirm(order: u64, seconds: i64) -> Wire {
    message::wire("orders", &Confirm { order_id: order_id(order) }, at(seconds))
}

fn order_id(order: u64) -> Uuid {
    id("order", order)
}

/// How many units are in a state.
async fn units(pool: &Pool, state: &str) -> i64 {
    let sql = format!("SELECT count(*) AS number FROM unit WHERE state = '{state}'");
    database::number(pool, &sql).await
}

fn asked<R>(body: R, at: DateTime<Utc>) -> Asked<R> {
    Asked { request_id: Uuid::now_v7(), at, body }
}

/// A business day of a branch as it stands.
async fn report(pool: &Pool, branch: &str, date: NaiveDate) -> DayReply {
    let question = GetDay { branch: branch.parse().unwrap(), date };
    bakery_inventory::day(pool.clone(), asked(question, at(0))).await.expect("a day")
}

/// The line of a product; it must be there.
fn line_of(reply: &DayReply, product: &str) -> DayLine {
    let found = reply.day.lines.iter().find(|line| line.product_id.as_str() == product);
    found.unwrap_or_else(|| panic!("no {product} on {}", reply.day.date)).clone()
}

/// A line of which every unit is in exactly one place.
fn adds_up(line: &DayLine) -> bool {
    let DayLine { baked, free, reserved, sold_full, sold_discount, stale, thrown, .. } = *line;
    baked == free + reserved + sold_full + sold_discount + stale + thrown
}

/// Runs statements in a transaction, then something that must wait for its end.
async fn behind<T: Send + 'static>(
    pool: &Pool,
    statements: &str,
    waits: impl Future<Output = T> + Send + 'static,
) -> T {
    let mut conn = pool.get().await.unwrap();
    conn.batch_execute(&format!("BEGIN; {statements}")).await.unwrap();
    let waits = tokio::spawn(waits);
    let waiting = "SELECT count(*) AS number FROM pg_stat_activity
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while database::number(pool, waiting).await == 0 {
        assert!(!waits.is_finished(), "it did not wait");
    }
    conn.batch_execute("COMMIT").await.unwrap();
    waits.await.unwrap()
}
