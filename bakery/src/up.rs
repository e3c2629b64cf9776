//! `bakery up`: the whole bakery in one process, on servers of its own where no others are named.

mod banner;
mod opening;
mod servers;

pub use opening::Opening;

use crate::cli::UpArgs;
use crate::role::stop_on_signal;
use crate::site::{SERVICES, Site};
use crate::{demo, provision};
use anyhow::{Context, Result, bail};
use bakery_chassis::StartError;
use bakery_embedded::Servers;
use bakery_gateway::{Gateway, Guard, Notifications};
use bakery_nats::ask::ask;
use bakery_nats::connect::{Bus, connect};
use bakery_nats::requests::health::{
    BankHealth, GatewayHealth, InventoryHealth, OrdersHealth, SchedulerHealth, State,
};
use futures::future::BoxFuture;
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How long a start waits for all services, in tries of [`READY_PAUSE_MS`]: a minute, for a machine that has
/// much else to do. A service that cannot start ends, and is not waited for.
const READY_TRIES: u32 = 600;
const READY_PAUSE_MS: u64 = 100;
/// How long a stop waits for what services have in hand.
const STOP_WAIT_S: u64 = 4;

/// The file that says that the demo was filled in.
const DEMO_MARK: &str = "demo-is-filled-in";

/// Opens the bakery, waits for Ctrl-C, closes it.
pub(crate) async fn main(args: UpArgs) -> Result<()> {
    let begin = Instant::now();
    let stop = stop_on_signal()?;
    if args.fresh {
        servers::wipe(&args.data).await?;
    }
    let external = servers::External::from_env();
    let opened = stop.run_until_cancelled(servers::start(&args.data, &external)).await;
    let Some(opened) = opened else { return Ok(()) };
    let (servers, site) = opened?;
    let result = open_and_wait(&args, &servers, &site, &stop, begin).await;
    servers.stop().await?;
    result
}

async fn open_and_wait(
    args: &UpArgs,
    servers: &Servers,
    site: &Site,
    stop: &CancellationToken,
    begin: Instant,
) -> Result<()> {
    let mut opening = Opening::resumed(&args.data, args.http, args.speed)?;
    opening.guard = Guard::from_env()?;
    opening.notify = Notifications::from_env()?;
    let Some(opened) = stop.run_until_cancelled(Bakery::open(site, &opening)).await else {
        return Ok(());
    };
    let mut bakery = opened?;
    // Where it is stopped in between, the next start goes on with it.
    let filled = stop.run_until_cancelled(fill_in_once(&args.data, site, &opening)).await;
    if filled.transpose()?.is_some() {
        banner::print(bakery.addr, servers, &site.secrets.staff, &opening, begin.elapsed());
    }
    let ended = tokio::select! {
        () = stop.cancelled() => Ok(()),
        ended = servers.ended() => {
            Err(anyhow::anyhow!("{} ended by itself ({}); see its log in {}", ended.name,
                ended.status, servers.data().display()))
        }
        ended = bakery.services.join_next() => match ended {
            Some(Ok(Err(error))) => Err(error.into()),
            _ => Err(anyhow::anyhow!("a service ended by itself")),
        },
    };
    bakery.close().await;
    opening.rest()?;
    ended
}

/// The running services.
pub struct Bakery {
    /// Where the HTTP interface listens.
    pub addr: SocketAddr,
    services: JoinSet<Result<(), StartError>>,
    stop: CancellationToken,
}

impl Bakery {
    /// Makes what is missing in the servers, starts the five services, and waits until all are
    /// ready. Boxed, so that its code is compiled once and not with every test.
    pub fn open<'a>(site: &'a Site, opening: &'a Opening) -> BoxFuture<'a, Result<Self>> {
        Box::pin(Self::start(site, opening))
    }

    async fn start(site: &Site, opening: &Opening) -> Result<Self> {
        let stop = CancellationToken::new();
        // First of all the port: nothing has happened yet if somebody else has it. Its database it
        // needs when it runs.
        let config = bakery_gateway::Config {
            bus: site.bus("gateway"),
            http_addr: opening.http,
            health_addr: None,
            redis_url: site.redis_url.clone(),
            database: site.database("gateway"),
            jwt_key_file: site.jwt_key_file.clone(),
            opening_money: site.opening_money.clone(),
            guard: opening.guard.clone(),
            notify: opening.notify.clone(),
        };
        let gateway = Gateway::start(&config, stop.clone()).await?;
        let addr = gateway.local_addr();
        provision::all(site).await?;

        let mut services = JoinSet::new();
        services.spawn(gateway.run());
        let orders = bakery_orders::config::Config {
            service: site.service("orders"),
            give_up_after_s: bakery_orders::config::GIVE_UP_AFTER_S,
        };
        let scheduler = bakery_scheduler::config::Config {
            service: site.service("scheduler"),
            tick_period_ms: opening.tick_period_ms(),
        };
        let clock = || opening.clock.clone();
        services.spawn(bakery_inventory::run(site.service("inventory"), clock(), stop.clone()));
        services.spawn(bakery_orders::run(orders, clock(), stop.clone()));
        services.spawn(bakery_bank::run(site.service("bank"), clock(), stop.clone()));
        services.spawn(bakery_scheduler::run(scheduler, clock(), stop.clone()));
        let mut bakery = Self { addr, services, stop };
        let ready = tokio::select! {
            ready = ready(site) => ready,
            ended = bakery.services.join_next() => match ended {
                Some(Ok(Err(error))) => Err(error.into()),
                _ => Err(anyhow::anyhow!("a service ended before all were open")),
            },
        };
        if let Err(error) = ready {
            bakery.close().await;
            return Err(error);
        }
        Ok(bakery)
    }

    /// Ends the services, each when it has finished what it has in hand.
    pub async fn close(mut self) {
        self.stop.cancel();
        let all = async { while self.services.join_next().await.is_some() {} };
        if tokio::time::timeout(Duration::from_secs(STOP_WAIT_S), all).await.is_err() {
            tracing::warn!("a service did not close in {STOP_WAIT_S} s; what it had comes again");
        }
    }
}

/// Waits until every service answers that it is well.
pub async fn ready(site: &Site) -> Result<()> {
    // The gateway answers others, and not itself.
    let bus = connect(&site.bus("operator")).await?;
    let mut waiting: Vec<&str> = SERVICES.to_vec();
    for _ in 0..READY_TRIES {
        let mut still = Vec::new();
        for service in waiting {
            if !is_up(&bus, service).await {
                still.push(service);
            }
        }
        if still.is_empty() {
            return Ok(());
        }
        waiting = still;
        tokio::time::sleep(Duration::from_millis(READY_PAUSE_MS)).await;
    }
    bail!("these services did not open in time: {}", waiting.join(", "))
}

async fn is_up(bus: &Bus, service: &str) -> bool {
    let health = match service {
        "gateway" => ask(&bus.client, &GatewayHealth {}).await,
        "inventory" => ask(&bus.client, &InventoryHealth {}).await,
        "orders" => ask(&bus.client, &OrdersHealth {}).await,
        "bank" => ask(&bus.client, &BankHealth {}).await,
        _ => ask(&bus.client, &SchedulerHealth {}).await,
    };
    health.is_ok_and(|health| health.state == State::Up)
}

/// Fills in the demo, unless it was done in this data folder before.
async fn fill_in_once(data: &Path, site: &Site, opening: &Opening) -> Result<()> {
    let mark = data.join(DEMO_MARK);
    if mark.exists() {
        return Ok(());
    }
    let bus = connect(&site.bus("operator")).await?;
    demo::fill(&bus, (opening.clock)()).await?;
    demo::hire(&bus, &site.secrets.staff).await?;
    std::fs::write(&mark, "").with_context(|| format!("{} cannot be written", mark.display()))
}
