//! The scheduler: it owns the shop's clock. Jobs are rows; each tick of one carries its logical
//! time, so that any number of schedulers, or one that starts again, say the same thing once.

mod board;
mod branch;
pub mod config;
pub mod cron_line;
mod handlers;
mod job;
mod plan;
mod product;
mod requests;
mod row;
pub mod schedule;
mod schema;
mod standard;
mod tick;
mod ticker;

use bakery_chassis::{Chassis, Running, StartError};
use bakery_nats::request::Clock;
use bakery_nats::requests::dead::SchedulerRetryDead;
use bakery_nats::requests::health::SchedulerHealth;
use bakery_nats::requests::scheduler::ListJobs;
use config::Config;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use tokio_util::sync::CancellationToken;

pub use handlers::{Input, News};
pub use requests::{
    delete_job::DeleteJobWriter, list_jobs::list_jobs, pause_job::PauseJobWriter,
    put_jobs::PutJobsWriter, run_job::RunJobWriter,
};
pub use ticker::{Round, Ticker};

/// The schema of its database.
pub const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../migrations/scheduler");

/// The service's name, as in subjects.
const SERVICE: &str = "scheduler";

/// Runs the service until it is told to stop. Ticks of the schedule have no record: they are owed
/// until their job has moved on.
pub fn run(config: Config, clock: Clock, stop: CancellationToken) -> Running {
    Box::pin(serve(config, clock, stop))
}

async fn serve(config: Config, clock: Clock, stop: CancellationToken) -> Result<(), StartError> {
    let about = (SERVICE, "the shop's clock: jobs, and a tick whenever one is due");
    let chassis = Chassis::start(about, &config.service, MIGRATIONS, clock.clone(), stop).await?;
    let stream = chassis.stream();

    chassis.answer_health::<SchedulerHealth>().await?;
    let pool = chassis.read_pool.clone();
    chassis.desk.query::<ListJobs, _, _>(move |asked| list_jobs(pool.clone(), asked)).await?;
    chassis.writes(PutJobsWriter, &stream).await?;
    chassis.writes(PauseJobWriter, &stream).await?;
    chassis.writes(RunJobWriter, &stream).await?;
    chassis.writes(DeleteJobWriter, &stream).await?;

    chassis.consume::<SchedulerRetryDead, _, _>(News, &stream).await?;
    chassis.relay(&stream);
    let ticker = Ticker { pool: chassis.pool.clone(), outlet: stream, clock };
    chassis.tasks.spawn(ticker.run(config.tick_period_ms, chassis.stop.clone()));
    chassis.run().await;
    Ok(())
}
