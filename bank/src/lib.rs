//! The bank: a simulator of an outside bank, built as a real ledger. No account below zero, one
//! charge and one refund an order, every transfer with entries that sum to zero, and nothing of it
//! ever changed or deleted.
//!
//! It can be told to misbehave: to refuse, and to answer late, twice or not at all. The ledger
//! stays right; only the way to the stream does not (`outlet`).

mod account;
mod behaviour;
mod entry;
mod handlers;
pub mod ledger;
pub mod manners;
pub mod outlet;
mod requests;
mod schema;
mod till;
mod transfer;

use bakery_chassis::{Chassis, Running, ServiceConfig, StartError};
use bakery_nats::request::Clock;
use bakery_nats::requests::bank::{GetAccount, GetBehaviours, GetTill, ListAccounts, SetBehaviour};
use bakery_nats::requests::dead::BankRetryDead;
use bakery_nats::requests::health::BankHealth;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use manners::Manners;
use outlet::Misbehaving;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

pub use handlers::{Input, Ledger};
pub use requests::accounts::{account, accounts};
pub use requests::behaviours::{get_behaviours, set_behaviour};
pub use requests::till::till;
pub use requests::{deposit::DepositWriter, open_accounts::OpenAccountsWriter};

/// The schema of its database.
pub const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../migrations/bank");

/// Runs the service until it is told to stop.
pub fn run(config: ServiceConfig, clock: Clock, stop: CancellationToken) -> Running {
    Box::pin(serve(config, clock, stop))
}

async fn serve(
    config: ServiceConfig,
    clock: Clock,
    stop: CancellationToken,
) -> Result<(), StartError> {
    let about = ("bank", "a simulated bank: accounts, charges, refunds");
    let chassis = Chassis::start(about, &config, MIGRATIONS, clock, stop).await?;
    let manners = Manners::default();
    manners.refresh(&chassis.pool).await.map_err(StartError::Service)?;
    let (tasks, stop) = (chassis.tasks.clone(), chassis.stop.clone());
    tasks.spawn(manners.clone().follow(chassis.pool.clone(), stop.clone()));
    let outlet = Arc::new(Misbehaving::new(chassis.stream(), manners.clone(), (tasks, stop)));

    chassis.answer_health::<BankHealth>().await?;
    answer_questions(&chassis, &manners).await?;
    chassis.writes(OpenAccountsWriter, &outlet).await?;
    chassis.writes(DepositWriter, &outlet).await?;

    chassis.consume::<BankRetryDead, _, _>(Ledger::new(manners), &outlet).await?;
    chassis.relay(&outlet);
    chassis.run().await;
    Ok(())
}

async fn answer_questions(chassis: &Chassis, manners: &Manners) -> Result<(), StartError> {
    let (desk, pool) = (&chassis.desk, chassis.read_pool.clone());
    desk.query::<ListAccounts, _, _>(move |asked| accounts(pool.clone(), asked)).await?;
    let pool = chassis.read_pool.clone();
    desk.query::<GetAccount, _, _>(move |asked| account(pool.clone(), asked)).await?;
    let (pool, shared) = (chassis.read_pool.clone(), manners.clone());
    let set = move |asked| set_behaviour(pool.clone(), shared.clone(), asked);
    desk.query::<SetBehaviour, _, _>(set).await?;
    let (pool, shared) = (chassis.read_pool.clone(), manners.clone());
    let get = move |asked| get_behaviours(pool.clone(), shared.clone(), asked);
    desk.query::<GetBehaviours, _, _>(get).await?;
    let pool = chassis.read_pool.clone();
    desk.query::<GetTill, _, _>(move |asked| till(pool.clone(), asked)).await?;
    Ok(())
}
