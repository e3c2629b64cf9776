//! The frame of a service: everything it stands on is started here, in the same way for each, and
//! ended here, so that nothing in hand is cut off.

use crate::database::{self, DatabaseConfig, POOL_MAX, Purpose, READ_POOL_MAX};
use crate::env::{self, EnvError};
use crate::health::{self, Probes};
use crate::migrate::{self, MigrateError};
use crate::planner;
use bakery_nats::Pool;
use bakery_nats::connect::{Bus, BusConfig, ConnectError, connect};
use bakery_nats::consume::Consumer;
use bakery_nats::process::Handler;
use bakery_nats::publish::{Outlet, Stream};
use bakery_nats::request::{Clock, Request};
use bakery_nats::requests::dead::RetryDead;
use bakery_nats::requests::health::Health;
use bakery_nats::serve::{Desk, ServeError};
use bakery_nats::{relay, write::Writer};
use diesel_migrations::EmbeddedMigrations;
use futures::future::BoxFuture;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What every service with a database is told.
#[derive(Clone, Debug)]
pub struct ServiceConfig {
    /// `NATS_URL`, `NATS_USER`, `NATS_PASSWORD`.
    pub bus: BusConfig,
    /// `DATABASE_URL`, `DATABASE_POOL_MAX`.
    pub database: DatabaseConfig,
    /// `HEALTH_ADDR`: where `/healthz`, `/readyz` and `/metrics` are served; nowhere if not set.
    pub health_addr: Option<SocketAddr>,
}

impl ServiceConfig {
    /// Reads the variables above; the user is the service's name unless it is set.
    pub fn from_env(service: &str) -> Result<Self, EnvError> {
        Ok(Self {
            bus: bus_from_env(service)?,
            database: DatabaseConfig {
                url: env::required("DATABASE_URL")?,
                pool_max: env::parsed_or("DATABASE_POOL_MAX", POOL_MAX)?,
            },
            health_addr: env::parsed("HEALTH_ADDR")?,
        })
    }
}

/// Reads `NATS_URL`, `NATS_USER` and `NATS_PASSWORD`.
pub fn bus_from_env(user: &str) -> Result<BusConfig, EnvError> {
    Ok(BusConfig {
        url: env::required("NATS_URL")?,
        user: env::text("NATS_USER").unwrap_or_else(|| user.to_owned()),
        password: env::required("NATS_PASSWORD")?,
    })
}

/// Why a service could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The bus.
    #[error(transparent)]
    Bus(#[from] ConnectError),
    /// The database.
    #[error(transparent)]
    Database(#[from] MigrateError),
    /// The pool.
    #[error("the pool of connections cannot be made")]
    Pool(#[from] deadpool::managed::BuildError),
    /// The desk.
    #[error(transparent)]
    Desk(#[from] ServeError),
    /// A port.
    #[error("cannot listen on {addr}")]
    Listen {
        /// Where.
        addr: SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
    /// What the service itself needs at its start.
    #[error("{0}")]
    Service(String),
}

/// A service as a value that runs. Boxed, so that its code is compiled with the service, and not
/// once more with every program and test that runs it.
pub type Running = BoxFuture<'static, Result<(), StartError>>;

/// What a running service stands on.
pub struct Chassis {
    /// Its connection to NATS.
    pub bus: Bus,
    /// Its database.
    pub pool: Pool,
    /// The same database, for questions and health: a few connections of their own.
    pub read_pool: Pool,
    /// Where it answers requests.
    pub desk: Desk,
    /// Ends it.
    pub stop: CancellationToken,
    /// What runs in it.
    pub tasks: TaskTracker,
    name: &'static str,
    clock: Clock,
}

impl Chassis {
    /// Migrates the database, connects to NATS and opens the desk.
    pub async fn start(
        (name, about): (&'static str, &str),
        config: &ServiceConfig,
        migrations: EmbeddedMigrations,
        clock: Clock,
        stop: CancellationToken,
    ) -> Result<Self, StartError> {
        migrate::run(name, &config.database.url, migrations).await?;
        let pool = database::pool(&config.database, Purpose::Work)?;
        let reads = DatabaseConfig { pool_max: READ_POOL_MAX, ..config.database.clone() };
        let read_pool = database::pool(&reads, Purpose::Questions)?;
        let bus = connect(&config.bus).await?;
        let tasks = TaskTracker::new();
        tasks.spawn(planner::run(read_pool.clone(), stop.clone()));
        let desk =
            Desk::open(&bus, name, about, clock.clone(), (tasks.clone(), stop.clone())).await?;
        let probes = Probes { bus: bus.clone(), pool: read_pool.clone() };
        if let Some(addr) = config.health_addr {
            let served = health::serve(addr, probes, stop.clone()).await;
            tasks.spawn(served.map_err(|source| StartError::Listen { addr, source })?);
        }
        Ok(Self { bus, pool, read_pool, desk, stop, tasks, name, clock })
    }

    /// The stream, for services that publish without a detour.
    pub fn stream(&self) -> Arc<Stream> {
        Arc::new(Stream { context: self.bus.context.clone() })
    }

    /// Answers the question how the service is.
    pub async fn answer_health<R: Request<Reply = Health>>(&self) -> Result<(), StartError> {
        let probes = Probes { bus: self.bus.clone(), pool: self.read_pool.clone() };
        let answer = move |_: bakery_nats::request::Asked<R>| {
            let probes = probes.clone();
            async move { Ok(probes.report().await) }
        };
        Ok(self.desk.query::<R, _, _>(answer).await?)
    }

    /// Takes one kind of write.
    pub async fn writes<W: Writer, O: Outlet>(
        &self,
        writer: W,
        outlet: &Arc<O>,
    ) -> Result<(), StartError> {
        Ok(self.desk.writes(self.pool.clone(), writer, outlet.clone()).await?)
    }

    /// Takes the service's messages from the stream, and those that it could not take once more
    /// where somebody asks for that.
    pub async fn consume<R: RetryDead, H: Handler, O: Outlet>(
        &self,
        handler: H,
        outlet: &Arc<O>,
    ) -> Result<(), StartError> {
        let consumer = Arc::new(Consumer {
            bus: self.bus.clone(),
            pool: self.pool.clone(),
            handler: Arc::new(handler),
            outlet: outlet.clone(),
            clock: self.clock.clone(),
        });
        consumer.answer_retries::<R>(&self.desk).await?;
        self.tasks.spawn(consumer.run(self.stop.clone()));
        Ok(())
    }

    /// Sends what requests left owed.
    pub fn relay<O: Outlet>(&self, outlet: &Arc<O>) {
        let relay = relay::run(self.name, self.pool.clone(), outlet.clone(), self.stop.clone());
        self.tasks.spawn(relay);
    }

    /// Runs until it is told to stop, then until nothing is in hand any more.
    pub async fn run(self) {
        tracing::info!(service = self.name, "open");
        self.stop.cancelled().await;
        let Self { bus, desk, tasks, name, .. } = self;
        desk.close().await;
        tasks.close();
        tasks.wait().await;
        if !bus.close().await {
            tracing::warn!(service = name, "the last messages may not have left");
        }
        tracing::info!(service = name, "closed");
    }
}
