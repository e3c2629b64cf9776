//! The scheduler: it owns the shop's clock. Jobs are rows; each tick of one carries its logical
//! time, so that any number of schedulers, or one that starts again, say the same thing once.

pub mod cron_line;
mod job;
mod plan;
mod requests;
pub mod schedule;
mod schema;
mod tick;
mod ticker;

use bakery_chassis::{Chassis, ServiceConfig, StartError};
use bakery_nats::request::Clock;
use bakery_nats::requests::health::SchedulerHealth;
use bakery_nats::requests::scheduler::ListJobs;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use tokio_util::sync::CancellationToken;

pub use requests::{list_jobs::list_jobs, put_jobs::PutJobsWriter};
pub use ticker::Ticker;

/// The schema of its database.
pub const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../migrations/scheduler");

/// The service's name, as in subjects.
const SERVICE: &str = "scheduler";

/// Runs the service until it is told to stop. It takes nothing from the stream, and its requests
/// send nothing, so it has neither a consumer nor a relay: a tick is owed until its job has moved
/// on.
pub async fn run(
    config: ServiceConfig,
    clock: Clock,
    stop: CancellationToken,
) -> Result<(), StartError> {
    let about = (SERVICE, "the shop's clock: jobs, and a tick whenever one is due");
    let chassis = Chassis::start(about, &config, MIGRATIONS, clock.clone(), stop).await?;
    let stream = chassis.stream();

    chassis.answer_health::<SchedulerHealth>().await?;
    let pool = chassis.read_pool.clone();
    chassis.desk.query::<ListJobs, _, _>(move |_| list_jobs(pool.clone())).await?;
    chassis.writes(PutJobsWriter, &stream).await?;

    let ticker = Ticker { pool: chassis.pool.clone(), outlet: stream, clock };
    chassis.tasks.spawn(ticker.run(chassis.stop.clone()));
    chassis.run().await;
    Ok(())
}
