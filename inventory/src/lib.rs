//! Inventory: products, units, and the shelf. Oldest first, all or nothing, stale never sold.

mod handlers;
mod product;
mod requests;
mod schema;
pub mod stock;
mod unit;

use bakery_chassis::{Chassis, ServiceConfig, StartError};
use bakery_nats::request::Clock;
use bakery_nats::requests::health::InventoryHealth;
use bakery_nats::requests::inventory::{GetProduct, Menu};
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use tokio_util::sync::CancellationToken;

pub use handlers::{Input, Shelf};
pub use requests::{bake_now::BakeNowWriter, list_products::ListProductsWriter};

/// The schema of its database.
pub const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../migrations/inventory");

/// Runs the service until it is told to stop.
pub async fn run(
    config: ServiceConfig,
    clock: Clock,
    stop: CancellationToken,
) -> Result<(), StartError> {
    let about = ("inventory", "the shelf: products, units, oldest first");
    let chassis = Chassis::start(about, &config, MIGRATIONS, clock, stop).await?;
    let stream = chassis.stream();

    chassis.answer_health::<InventoryHealth>().await?;
    let pool = chassis.read_pool.clone();
    chassis
        .desk
        .query::<Menu, _, _>(move |asked| requests::menu::menu(pool.clone(), asked))
        .await?;
    let pool = chassis.read_pool.clone();
    let one = move |asked| requests::menu::product(pool.clone(), asked);
    chassis.desk.query::<GetProduct, _, _>(one).await?;
    chassis.writes(ListProductsWriter, &stream).await?;
    chassis.writes(BakeNowWriter, &stream).await?;

    chassis.consume(Shelf, &stream);
    chassis.relay(&stream);
    chassis.run().await;
    Ok(())
}
