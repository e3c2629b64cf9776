//! How the gateway and everything behind it are: `/api/v1/health` for people and dashboards,
//! `/healthz` (alive) and `/readyz` (has its bus and its database) for whoever keeps the process
//! running.

pub(crate) mod docs;

use crate::app::App;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use bakery_chassis::database::ping;
use bakery_chassis::health::{ping_bus, probe};
use bakery_chassis::{StartError, clock};
use bakery_nats::request::{Asked, Request};
use bakery_nats::requests::health::{
    self, BankHealth, GatewayHealth, Health, InventoryHealth, OrdersHealth, SchedulerHealth,
};
use bakery_nats::serve::Desk;
use futures::FutureExt;
use serde::Serialize;
use std::time::{Duration, Instant};
use tokio_util::task::TaskTracker;
use utoipa::ToSchema;

/// A service has answered by then, or it is down. It gives its own dependencies 1,500 ms, and its
/// answer must not come too late to name the one that is down.
const SERVICE_TIMEOUT_MS: u64 = 2500;

/// How everything is.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Health)]
pub(crate) struct Report {
    state: Condition,
    pub(crate) dependencies: Vec<Dependency>,
}

/// How something is; a later one is worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Condition {
    /// Not in use here.
    Off,
    /// It answers.
    Up,
    /// It does not answer, and can be done without.
    Degraded,
    /// It does not answer.
    Down,
}

/// One thing the gateway depends on, or one that a service does, such as `inventory.postgres`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Dependency {
    name: String,
    state: Condition,
    latency_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

impl From<health::Dependency> for Dependency {
    fn from(told: health::Dependency) -> Self {
        let state = match told.state {
            health::State::Up => Condition::Up,
            health::State::Down => Condition::Down,
        };
        Self { name: told.name, state, latency_ms: told.latency_ms, detail: told.detail }
    }
}

impl Report {
    fn of(dependencies: Vec<Dependency>) -> Self {
        let worst = dependencies.iter().map(|dependency| dependency.state).max();
        Self { state: worst.unwrap_or(Condition::Up).max(Condition::Up), dependencies }
    }

    fn status(&self) -> StatusCode {
        match self.state {
            Condition::Off | Condition::Up | Condition::Degraded => StatusCode::OK,
            Condition::Down => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// `GET /health`: 200 while all that is needed is up, else 503.
pub(crate) async fn health(State(app): State<App>) -> (StatusCode, Json<Report>) {
    let report = report(&app).await;
    (report.status(), Json(report))
}

/// How everything was within the last second.
pub(crate) async fn report(app: &App) -> Report {
    let asked = app.clone();
    app.health.get(|| everything(asked).boxed()).await
}

/// All are asked at once.
async fn everything(app: App) -> Report {
    let (nats, postgres, redis, inventory, orders, bank, scheduler) = tokio::join!(
        probe("nats", ping_bus(&app.bus)),
        probe("postgres", ping(&app.users.pool)),
        cache(&app),
        service(&app, InventoryHealth {}),
        service(&app, OrdersHealth {}),
        service(&app, BankHealth {}),
        service(&app, SchedulerHealth {}),
    );
    let own = [nats.into(), postgres.into(), redis];
    let services = [inventory, orders, bank, scheduler].into_iter().flatten();
    Report::of(own.into_iter().chain(services).collect())
}

/// The same question over the bus: the gateway has a desk like every service, so that
/// `nats micro ls` shows it.
pub(crate) async fn desk(app: &App, tasks: TaskTracker) -> Result<Desk, StartError> {
    let about = "the front door: HTTP for people and programs";
    let ends = (tasks, app.stop.clone());
    let desk = Desk::open(&app.bus, "gateway", about, clock::wall(), ends).await?;
    let own = app.clone();
    let answer = move |_: Asked<GatewayHealth>| {
        let app = own.clone();
        async move { Ok(Health::of(needed(&app).await.into())) }
    };
    desk.query::<GatewayHealth, _, _>(answer).await?;
    Ok(desk)
}

/// `GET /healthz`.
pub(crate) async fn alive() -> &'static str {
    "alive\n"
}

/// `GET /readyz`: whether requests are worth sending here. The services behind it do not count:
/// another gateway would not reach them either.
pub(crate) async fn ready(State(app): State<App>) -> (StatusCode, Json<Report>) {
    let report = Report::of(needed(&app).await.map(Dependency::from).into());
    (report.status(), Json(report))
}

/// What the gateway itself cannot do without.
async fn needed(app: &App) -> [health::Dependency; 2] {
    let (pool, bus) = (app.users.pool.clone(), app.bus.clone());
    let ask = async move {
        let (postgres, nats) =
            tokio::join!(probe("postgres", ping(&pool)), probe("nats", ping_bus(&bus)));
        [postgres, nats]
    };
    app.own_health.get(|| ask.boxed()).await
}

/// Redis is a cache only: it is never down, only missed.
async fn cache(app: &App) -> Dependency {
    let mut unused = false;
    let ping = async {
        let pong = app.cache.ping().await;
        unused = pong.is_none();
        pong.unwrap_or(Ok(()))
    };
    let mut redis = Dependency::from(probe("redis", ping).await);
    if unused {
        redis.state = Condition::Off;
        redis.detail = Some("REDIS_URL is not set: nothing is cached".to_owned());
    }
    redis.state = redis.state.min(Condition::Degraded);
    redis
}

/// A service, followed by what it depends on itself.
async fn service<R: Request<Reply = Health>>(app: &App, question: R) -> Vec<Dependency> {
    let start = Instant::now();
    let limit = Duration::from_millis(SERVICE_TIMEOUT_MS);
    let answer = tokio::time::timeout(limit, app.ask(&question)).await;
    let latency_ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
    let told = |(state, detail), nested| told::<R>(state, latency_ms, detail, nested);
    match answer {
        Ok(Ok(health)) => told((health.state, None), health.dependencies),
        Ok(Err(refusal)) => told((health::State::Down, Some(refusal.detail)), Vec::new()),
        Err(_) => {
            let detail = format!("no answer within {SERVICE_TIMEOUT_MS} ms");
            told((health::State::Down, Some(detail)), Vec::new())
        }
    }
}

fn told<R: Request>(
    state: health::State,
    latency_ms: u64,
    detail: Option<String>,
    nested: Vec<health::Dependency>,
) -> Vec<Dependency> {
    let own = health::Dependency { name: R::SERVICE.to_owned(), state, latency_ms, detail };
    let below = nested.into_iter().map(|mut dependency| {
        dependency.name = format!("{}.{}", R::SERVICE, dependency.name);
        dependency
    });
    std::iter::once(own).chain(below).map(Dependency::from).collect()
}

#[cfg(test)]
mod tests {
    use super::{Condition, Dependency, Report, told};
    use bakery_nats::requests::health::{self, InventoryHealth, State};

    fn told_by_inventory(postgres: State) -> Vec<Dependency> {
        let nested = health::Dependency {
            name: "postgres".to_owned(),
            state: postgres,
            latency_ms: 2,
            detail: None,
        };
        told::<InventoryHealth>(postgres, 3, None, vec![nested])
    }

    fn redis(state: Condition) -> Dependency {
        Dependency { name: "redis".to_owned(), state, latency_ms: 0, detail: None }
    }

    #[test]
    fn what_a_service_depends_on_is_named_after_it() {
        let names: Vec<_> =
            told_by_inventory(State::Up).into_iter().map(|dependency| dependency.name).collect();
        assert_eq!(names, ["inventory", "inventory.postgres"]);
    }

    #[test]
    fn only_what_is_needed_makes_it_down() {
        let cases = [
            (Condition::Off, State::Up, Condition::Up, 200),
            (Condition::Degraded, State::Up, Condition::Degraded, 200),
            (Condition::Up, State::Down, Condition::Down, 503),
            (Condition::Degraded, State::Down, Condition::Down, 503),
        ];
        for (cache, postgres, state, status) in cases {
            let mut dependencies = told_by_inventory(postgres);
            dependencies.push(redis(cache));
            let report = Report::of(dependencies);
            assert_eq!((report.state, report.status().as_u16()), (state, status));
        }
    }
}
