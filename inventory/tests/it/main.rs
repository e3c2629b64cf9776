//! The handlers of inventory on a real Postgres.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test ends where it goes wrong, and says what it measured"
)]

mod reserve;
mod shelf;
mod undo;

use bakery_inventory::{MIGRATIONS, Shelf};
use bakery_nats::Pool;
use bakery_nats::envelope::Wire;
use bakery_nats::messages::inventory::{Line, Reserve};
use bakery_nats::messages::scheduler::BakeDue;
use bakery_testbed::{at, database, id, message};
use uuid::Uuid;

/// Stale an hour after baking.
const SHELF_LIFE_S: i64 = 3600;

/// A database with the products `bread` (3.00), `donut` (1.50) and nothing on the shelf.
async fn bakery() -> Pool {
    let pool = database::fresh("inventory", MIGRATIONS).await;
    database::execute(
        &pool,
        "INSERT INTO branch (id) VALUES ('main');
         INSERT INTO product (branch, id, name, description, price, currency, image,
                              shelf_life_s, discount_percent)
         VALUES ('main', 'bread', 'Bread', '', 300, 'EUR', '', 3600, 50),
                ('main', 'donut', 'Donut', '', 150, 'EUR', '', 3600, 50)",
    )
    .await;
    pool
}

/// Bakes units, `n` telling the batches apart.
async fn bake(pool: &Pool, product: &str, quantity: u32, seconds: i64, n: u64) {
    let tick = BakeDue {
        tick_id: id(product, n),
        job: "bake".parse().unwrap(),
        due_at: at(seconds),
        product_id: product.parse().unwrap(),
        quantity,
    };
    message::sent(pool, Shelf, &message::wire("scheduler", &tick, at(seconds))).await;
}

fn line(product: &str, quantity: u32) -> Line {
    Line { product_id: product.parse().unwrap(), quantity }
}

fn reserve(order: u64, lines: &[Line], seconds: i64) -> Wire {
    let body = Reserve { order_id: order_id(order), lines: lines.to_vec() };
    message::wire("orders", &body, at(seconds))
}

fn order_id(order: u64) -> Uuid {
    id("order", order)
}

/// How many units are in a state.
async fn units(pool: &Pool, state: &str) -> i64 {
    let sql = format!("SELECT count(*) AS number FROM unit WHERE state = '{state}'");
    database::number(pool, &sql).await
}
