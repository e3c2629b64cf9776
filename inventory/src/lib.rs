//! Inventory: branches, products, units, and the shelf. Oldest first, all or nothing, never stale
//! and never of another day.

mod batch;
mod branch;
mod catalogue;
mod day_product;
mod handlers;
mod menu;
mod product;
mod report;
mod requests;
mod schema;
mod shelf;
mod shop;
pub mod stock;
mod unit;

use bakery_chassis::{Chassis, Running, ServiceConfig, StartError};
use bakery_nats::request::Clock;
use bakery_nats::requests::dead::InventoryRetryDead;
use bakery_nats::requests::health::InventoryHealth;
use bakery_nats::requests::inventory::{
    Catalogue, GetBranch, GetDay, GetProduct, ListBranches, Menu,
};
use bakery_nats::requests::shelf::GetShelf;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use tokio_util::sync::CancellationToken;

pub use handlers::{Input, Shelf};
pub use requests::branches::{branch, branches};
pub use requests::catalogue::catalogue;
pub use requests::day::day;
pub use requests::menu::{menu, product};
pub use requests::shelf::shelf;
pub use requests::{
    bake_now::BakeNowWriter, list_products::ListProductsWriter, put_branch::PutBranchWriter,
    set_product_state::SetProductStateWriter, switch_branch::SwitchBranchWriter,
};

/// The schema of its database.
pub const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../migrations/inventory");

/// Runs the service until it is told to stop.
pub fn run(config: ServiceConfig, clock: Clock, stop: CancellationToken) -> Running {
    Box::pin(serve(config, clock, stop))
}

async fn serve(
    config: ServiceConfig,
    clock: Clock,
    stop: CancellationToken,
) -> Result<(), StartError> {
    let about = ("inventory", "the shelf: branches, products, units, oldest first");
    let chassis = Chassis::start(about, &config, MIGRATIONS, clock, stop).await?;
    let stream = chassis.stream();

    chassis.answer_health::<InventoryHealth>().await?;
    answer_questions(&chassis).await?;
    chassis.writes(PutBranchWriter, &stream).await?;
    chassis.writes(SwitchBranchWriter, &stream).await?;
    chassis.writes(ListProductsWriter, &stream).await?;
    chassis.writes(SetProductStateWriter, &stream).await?;
    chassis.writes(BakeNowWriter, &stream).await?;

    chassis.consume::<InventoryRetryDead, _, _>(Shelf, &stream).await?;
    chassis.relay(&stream);
    chassis.run().await;
    Ok(())
}

async fn answer_questions(chassis: &Chassis) -> Result<(), StartError> {
    let (desk, pool) = (&chassis.desk, chassis.read_pool.clone());
    desk.query::<Menu, _, _>(move |asked| menu(pool.clone(), asked)).await?;
    let pool = chassis.read_pool.clone();
    desk.query::<GetProduct, _, _>(move |asked| product(pool.clone(), asked)).await?;
    let pool = chassis.read_pool.clone();
    desk.query::<Catalogue, _, _>(move |asked| catalogue(pool.clone(), asked)).await?;
    let pool = chassis.read_pool.clone();
    desk.query::<ListBranches, _, _>(move |asked| branches(pool.clone(), asked)).await?;
    let pool = chassis.read_pool.clone();
    desk.query::<GetBranch, _, _>(move |asked| branch(pool.clone(), asked)).await?;
    let pool = chassis.read_pool.clone();
    desk.query::<GetDay, _, _>(move |asked| day(pool.clone(), asked)).await?;
    let pool = chassis.read_pool.clone();
    desk.query::<GetShelf, _, _>(move |asked| shelf(pool.clone(), asked)).await?;
    Ok(())
}
