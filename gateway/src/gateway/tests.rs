//! A whole gateway on a real nats-server and a real Postgres, with the rights it has.

use super::Gateway;
use crate::config::{Config, Guard, Notifications, OPENING_MONEY, Webhooks};
use bakery_chassis::database::DatabaseConfig;
use bakery_embedded::{NatsOptions, Servers, Temporary};
use bakery_nats::ask::ask;
use bakery_nats::connect::{BusConfig, connect};
use bakery_nats::requests::gateway::RebuildUsers;
use bakery_nats::requests::health::{GatewayHealth, State};
use bakery_nats::topology;
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

const CONFIG: &str = include_str!("../../../nats/server.conf");
const USERS: [&str; 9] =
    ["gateway", "inventory", "orders", "bank", "scheduler", "deploy", "operator", "monitor", "sys"];
const PASSWORD: &str = "p4ssw0rd";
/// Nothing that a test waits for takes longer.
const WAIT_S: u64 = 30;
const LOOK_PAUSE_MS: u64 = 20;

async fn servers() -> Servers {
    let variable =
        |user: &str| (format!("NATS_{}_PASSWORD", user.to_uppercase()), PASSWORD.to_owned());
    let environment = USERS.into_iter().map(variable).collect();
    let nats = NatsOptions { config: CONFIG.to_owned(), environment, port: None };
    let wanted = Temporary { nats: Some(nats), postgres: true, ..Temporary::default() };
    Servers::temporary(wanted).await.unwrap()
}

fn bus(servers: &Servers, user: &str) -> BusConfig {
    let (url, password) = (servers.nats.as_ref().unwrap().url(), PASSWORD.to_owned());
    BusConfig { url, user: user.to_owned(), password }
}

/// It takes its port and makes its key before there is a database, makes the tables, answers over the
/// bus, takes news, and ends when it is told to.
#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_opens_on_an_empty_database_and_closes() {
    let servers = servers().await;
    let key = servers.data().join("jwt.key");
    let config = Config {
        bus: bus(&servers, "gateway"),
        http_addr: "127.0.0.1:0".parse().unwrap(),
        redis_url: None,
        database: DatabaseConfig {
            url: servers.postgres.as_ref().unwrap().url("postgres"),
            pool_max: 4,
        },
        jwt_key_file: key.clone(),
        health_addr: None,
        opening_money: OPENING_MONEY.parse().unwrap(),
        guard: Guard::default(),
        notify: Notifications { webhooks: Webhooks::On, mail: None },
    };
    topology::apply(&connect(&bus(&servers, "deploy")).await.unwrap().context, 1).await.unwrap();
    let stop = CancellationToken::new();
    let gateway = Gateway::start(&config, stop.clone()).await.unwrap();
    assert_ne!(gateway.local_addr().port(), 0);
    assert_eq!(std::fs::metadata(&key).unwrap().mode() & 0o777, 0o600);
    let running = tokio::spawn(gateway.run());

    let operator = connect(&bus(&servers, "operator")).await.unwrap().client;
    let deadline = Instant::now() + Duration::from_secs(WAIT_S);
    let health = loop {
        match ask(&operator, &GatewayHealth {}).await {
            Ok(health) if health.state == State::Up => break health,
            other => assert!(Instant::now() < deadline, "{other:?}"),
        }
        tokio::time::sleep(Duration::from_millis(LOOK_PAUSE_MS)).await;
    };
    let names: Vec<&str> = health.dependencies.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["postgres", "nats"]);
    let rebuilt = loop {
        match ask(&operator, &RebuildUsers {}).await {
            Ok(rebuilt) => break rebuilt,
            Err(refusal) => assert!(Instant::now() < deadline, "{refusal}"),
        }
        tokio::time::sleep(Duration::from_millis(LOOK_PAUSE_MS)).await;
    };
    assert_eq!(rebuilt.known, 0);

    stop.cancel();
    tokio::time::timeout(Duration::from_secs(WAIT_S), running).await.unwrap().unwrap().unwrap();
    servers.stop().await.unwrap();
}
