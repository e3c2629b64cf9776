//! The running gateway: what it stands on is started here, and ended here in turn.

use crate::MIGRATIONS;
use crate::app::App;
use crate::auth::key::Key;
use crate::cache::Cache;
use crate::config::Config;
use crate::live::feed::Feed;
use crate::live::shelf::Shelves;
use crate::live::{Bounds, Live};
use crate::notify;
use crate::ops::resend;
use crate::rate::RateLimiter;
use crate::redis::Redis;
use crate::router::router;
use crate::routes::health;
use crate::server::{Tls, TlsError, serve};
use crate::sweep;
use crate::users::news::News;
use crate::users::sweep::SWEEPS;
use crate::users::{Users, desk};
use crate::watch::Watch;
use bakery_chassis::database::{self, DatabaseConfig, Purpose, READ_POOL_MAX};
use bakery_chassis::health::Probes;
use bakery_chassis::planner;
use bakery_chassis::{StartError, clock, migrate};
use bakery_nats::connect::connect;
use bakery_nats::consume::Consumer;
use bakery_nats::publish::Stream;
use bakery_nats::serve::Desk;
use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Leaving Redis takes no longer.
const CLOSE_TIMEOUT_MS: u64 = 500;
/// Connections for telling people outside. A call holds none while it is under way, so a few do for
/// all of them.
const NOTIFY_POOL_MAX: usize = 3;

/// A gateway that listens and is about to answer.
pub struct Gateway {
    listener: TcpListener,
    addr: SocketAddr,
    tls: Option<Arc<Tls>>,
    redis: Option<Arc<Redis>>,
    app: App,
    database: DatabaseConfig,
    health_addr: Option<SocketAddr>,
    tasks: TaskTracker,
}

impl Gateway {
    /// Takes the port, reads the keys, connects to NATS, and begins to connect to Redis. The
    /// database need not be there yet.
    pub async fn start(config: &Config, stop: CancellationToken) -> Result<Self, StartError> {
        let addr = config.http_addr;
        let taken = |source| StartError::Listen { addr, source };
        let listener = TcpListener::bind(addr).await.map_err(taken)?;
        let addr = listener.local_addr().map_err(taken)?;
        let tls = config.guard.tls.as_ref().map(Tls::open).transpose().map_err(no_tls)?;
        let tls = tls.map(Arc::new);
        let redis = config.redis_url.as_deref().map(Redis::open).transpose().map_err(|error| {
            StartError::Service(format!("REDIS_URL cannot be read: {}", error.details()))
        })?;
        let redis = redis.map(Arc::new);
        let users = Arc::new(users(config)?);
        let bus = connect(&config.bus).await?;
        let (watch, tasks) = (Arc::new(Watch::default()), TaskTracker::new());
        let cache = Arc::new(Cache::new(redis.clone()));
        let live = Arc::new(Live::new(&config.guard, Bounds::default()));
        if let Some(tls) = tls.clone() {
            tasks.spawn(tls.watch(stop.clone()));
        }
        let app = App {
            bus,
            cache,
            watch,
            live,
            own_health: Arc::default(),
            health: Arc::default(),
            pipeline: Arc::default(),
            users,
            rate: Arc::new(RateLimiter::new(redis.clone())),
            guard: Arc::new(config.guard.clone()),
            notify: Arc::new(config.notify.clone()),
            stop,
        };
        let database = config.database.clone();
        let health_addr = config.health_addr;
        Ok(Self { listener, addr, tls, redis, app, database, health_addr, tasks })
    }

    /// Where it listens: the real port where any free one was asked for.
    pub fn local_addr(&self) -> SocketAddr {
        self.addr
    }

    /// Waits for the database, answers until it is told to stop, then until nothing is in hand any
    /// more.
    ///
    /// # Errors
    /// There is no database, or the bus does not let it answer.
    pub async fn run(self) -> Result<(), StartError> {
        let Self { listener, addr, tls, redis, app, database, health_addr, tasks } = self;
        if let Some(addr) = health_addr {
            let probes = Probes { bus: app.bus.clone(), pool: app.users.pool.clone() };
            let served = bakery_chassis::health::serve(addr, probes, app.stop.clone()).await;
            tasks.spawn(served.map_err(|source| StartError::Listen { addr, source })?);
        }
        let opened = app.stop.run_until_cancelled(open(&app, &database, &tasks)).await;
        let Some(desk) = opened.transpose()? else { return Ok(()) };
        tracing::info!("open at {}://{addr}", if tls.is_some() { "https" } else { "http" });
        serve(listener, router(app.clone()), &app.guard, tls, app.stop.clone()).await;
        app.live.close().await;
        desk.close().await;
        tasks.close();
        tasks.wait().await;
        let limit = Duration::from_millis(CLOSE_TIMEOUT_MS);
        if let Some(redis) = redis
            && tokio::time::timeout(limit, redis.close()).await.is_err()
        {
            tracing::debug!("Redis did not say goodbye");
        }
        if !app.bus.close().await {
            tracing::debug!("NATS did not say goodbye");
        }
        tracing::info!("closed");
        Ok(())
    }
}

fn users(config: &Config) -> Result<Users, StartError> {
    let file = &config.jwt_key_file;
    let key = Key::load_or_make(file).map_err(|error| {
        StartError::Service(format!("JWT_KEY_FILE, {}: {error}", file.display()))
    })?;
    let pool = database::pool(&config.database, Purpose::People)?;
    Ok(Users::new(pool, key, clock::wall(), config.opening_money.clone()))
}

/// Brings the database to the newest schema; from then on the log is heard, questions over the bus are
/// answered, and news taken. The news have connections of their own, and so have those outside who are
/// told of them: none of these must keep the others waiting, or people.
async fn open(
    app: &App,
    database: &DatabaseConfig,
    tasks: &TaskTracker,
) -> Result<Desk, StartError> {
    migrate::run("gateway", &database.url, MIGRATIONS).await?;
    let told = (app.live.clone(), app.watch.clone(), app.cache.clone());
    let feed = Feed::open(app.bus.clone(), told).await.map_err(|error| {
        StartError::Service(format!("the gateway cannot listen to the log: {error}"))
    })?;
    tasks.spawn(feed.run(app.stop.clone()));
    let news = DatabaseConfig { pool_max: READ_POOL_MAX, ..database.clone() };
    let consumer = Consumer {
        bus: app.bus.clone(),
        pool: database::pool(&news, Purpose::Work)?,
        handler: Arc::new(News),
        outlet: Arc::new(Stream { context: app.bus.context.clone() }),
        clock: clock::wall(),
    };
    let outside = DatabaseConfig { pool_max: NOTIFY_POOL_MAX, ..database.clone() };
    notify::open(app, &database::pool(&outside, Purpose::Questions)?, tasks).await?;
    tasks.spawn(planner::run(consumer.pool.clone(), app.stop.clone()));
    tasks.spawn(sweep::run(
        app.users.pool.clone(),
        &SWEEPS,
        "sessions and claims",
        app.stop.clone(),
    ));
    tasks.spawn(app.live.keeper.clone().run(app.users.pool.clone(), app.stop.clone()));
    tasks.spawn(Shelves::run(app.clone()));
    tasks.spawn(Arc::new(consumer).run(app.stop.clone()));
    let desk = health::desk(app, tasks.clone()).await?;
    desk::answer(&desk, app).await?;
    resend::desk(&desk, app).await?;
    Ok(desk)
}

fn no_tls(error: TlsError) -> StartError {
    let reasons: Vec<String> = std::iter::successors(Some(&error as &dyn Error), |&e| e.source())
        .map(ToString::to_string)
        .collect();
    StartError::Service(format!("TLS_CERT_FILE, TLS_KEY_FILE: {}", reasons.join(": ")))
}

#[cfg(test)]
mod tests;
