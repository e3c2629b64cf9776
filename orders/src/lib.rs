//! Orders: the order and the saga that conducts it, and the kitchen.

mod branch;
pub mod config;
mod deadline;
mod handlers;
mod idempotency;
mod kitchen;
mod known;
mod numbers;
pub mod order;
mod prices;
mod receipt;
pub mod redrive;
pub mod refund;
mod requests;
mod row;
pub mod rules;
pub mod saga;
mod sales;
mod schema;
pub mod shop;
mod waiting;
mod watch;

use bakery_chassis::{Chassis, Running, StartError};
use bakery_nats::request::Clock;
use bakery_nats::requests::dead::OrdersRetryDead;
use bakery_nats::requests::health::OrdersHealth;
use bakery_nats::requests::kitchen::{BakeList, Board, Kitchen, KitchenStats};
use bakery_nats::requests::orders::{DaySales, GetOrder, GetTimeline, ListOrders};
use bakery_nats::requests::pipeline::GetPipeline;
use bakery_nats::requests::receipts::GetReceipt;
use config::Config;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use tokio_util::sync::CancellationToken;

pub use handlers::{Input, Saga};
pub use requests::kitchen::{bake_list, board, queue, statistics};
pub use requests::pipeline::pipeline;
pub use requests::read::{list, order, receipt, timeline};
pub use requests::refund::RefundWriter;
pub use requests::{advance::AdvanceWriter, day_sales::day_sales, place::PlaceWriter};

/// The schema of its database.
pub const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../migrations/orders");

/// Runs the service until it is told to stop.
pub fn run(config: Config, clock: Clock, stop: CancellationToken) -> Running {
    Box::pin(serve(config, clock, stop))
}

async fn serve(config: Config, clock: Clock, stop: CancellationToken) -> Result<(), StartError> {
    let about = ("orders", "the order: the saga that conducts it, and the kitchen");
    let chassis =
        Chassis::start(about, &config.service, MIGRATIONS, clock.clone(), stop.clone()).await?;
    let stream = chassis.stream();

    chassis.answer_health::<OrdersHealth>().await?;
    answer_questions(&chassis).await?;
    answer_the_kitchen(&chassis).await?;
    let place = PlaceWriter {
        client: Some(chassis.bus.client.clone()),
        pool: chassis.pool.clone(),
        give_up_after_s: config.give_up_after_s,
    };
    chassis.writes(place, &stream).await?;
    chassis.writes(AdvanceWriter, &stream).await?;
    chassis.writes(RefundWriter, &stream).await?;

    chassis.consume::<OrdersRetryDead, _, _>(Saga, &stream).await?;
    chassis.relay(&stream);
    chassis.tasks.spawn(redrive::run(chassis.pool.clone(), stream, clock, stop));
    chassis.run().await;
    Ok(())
}

async fn answer_questions(chassis: &Chassis) -> Result<(), StartError> {
    let (desk, pool) = (&chassis.desk, chassis.read_pool.clone());
    let order = move |asked| requests::read::order(pool.clone(), asked);
    desk.query::<GetOrder, _, _>(order).await?;
    let pool = chassis.read_pool.clone();
    let list = move |asked| requests::read::list(pool.clone(), asked);
    desk.query::<ListOrders, _, _>(list).await?;
    let pool = chassis.read_pool.clone();
    let receipt = move |asked| requests::read::receipt(pool.clone(), asked);
    desk.query::<GetReceipt, _, _>(receipt).await?;
    let pool = chassis.read_pool.clone();
    let timeline = move |asked| requests::read::timeline(pool.clone(), asked);
    desk.query::<GetTimeline, _, _>(timeline).await?;
    let pool = chassis.read_pool.clone();
    desk.query::<DaySales, _, _>(move |asked| day_sales(pool.clone(), asked)).await?;
    let pool = chassis.read_pool.clone();
    desk.query::<GetPipeline, _, _>(move |asked| pipeline(pool.clone(), asked)).await?;
    Ok(())
}

async fn answer_the_kitchen(chassis: &Chassis) -> Result<(), StartError> {
    let (desk, pool) = (&chassis.desk, chassis.read_pool.clone());
    desk.query::<Kitchen, _, _>(move |asked| requests::kitchen::queue(pool.clone(), asked)).await?;
    let pool = chassis.read_pool.clone();
    desk.query::<Board, _, _>(move |asked| requests::kitchen::board(pool.clone(), asked)).await?;
    let pool = chassis.read_pool.clone();
    let bake_list = move |asked| requests::kitchen::bake_list(pool.clone(), asked);
    desk.query::<BakeList, _, _>(bake_list).await?;
    let pool = chassis.read_pool.clone();
    let statistics = move |asked| requests::kitchen::statistics(pool.clone(), asked);
    desk.query::<KitchenStats, _, _>(statistics).await?;
    Ok(())
}
