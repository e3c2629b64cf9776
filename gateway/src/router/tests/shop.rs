//! A gateway on a real nats-server, with the rights it has, in front of owners that a test plays:
//! each answers with the reply that is stored for it in `nats/tests/wire`, or what a test says.

use super::{Answered, request, send_to};
use crate::app::App;
use crate::cache::Cache;
use crate::config::Guard;
use crate::live::{Bounds, Live};
use crate::rate::RateLimiter;
use crate::redis::Redis;
use crate::watch::Watch;
use async_nats::{Client, HeaderMap, Message};
use bakery_embedded::{NatsOptions, Servers, Temporary};
use bakery_nats::connect::{Bus, BusConfig, connect};
use bakery_nats::refusal::Refusal;
use bakery_nats::request::REFUSAL;
use futures::StreamExt;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

const CONFIG: &str = include_str!("../../../../nats/server.conf");
const USERS: [&str; 9] =
    ["gateway", "inventory", "orders", "bank", "scheduler", "deploy", "operator", "monitor", "sys"];
const SERVICES: [&str; 4] = ["inventory", "orders", "bank", "scheduler"];
const PASSWORD: &str = "p4ssw0rd";

/// A gateway and the owners behind it; they end with this value.
pub(super) struct Shop {
    pub(super) app: App,
    owners: Arc<Owners>,
    desks: HashMap<&'static str, AbortOnDropHandle<()>>,
    servers: Servers,
}

#[derive(Default)]
struct Owners {
    /// Other answers than the stored ones, by request, such as `bank.till`.
    answers: Mutex<HashMap<String, Result<Value, Refusal>>>,
    /// What was asked, in its order.
    asked: Mutex<Vec<(String, Value)>>,
}

impl Shop {
    /// Without a cache.
    pub(super) async fn open() -> Self {
        Self::start(false).await
    }

    /// With a cache that is connected.
    pub(super) async fn with_cache() -> Self {
        Self::start(true).await
    }

    async fn start(redis: bool) -> Self {
        let variable =
            |user: &str| (format!("NATS_{}_PASSWORD", user.to_uppercase()), PASSWORD.to_owned());
        let environment = USERS.into_iter().map(variable).collect();
        let nats = NatsOptions { config: CONFIG.to_owned(), environment, port: None };
        let wanted = Temporary { nats: Some(nats), redis, ..Temporary::default() };
        let servers = Servers::temporary(wanted).await.unwrap();
        let owners = Arc::new(Owners::default());
        let desks = desks(&bus(&servers, "operator").await.client, &owners).await;
        let redis = servers.redis.as_ref().map(|redis| Redis::open(&redis.url()).unwrap());
        let redis = redis.map(Arc::new);
        let app = App {
            bus: bus(&servers, "gateway").await,
            cache: Arc::new(Cache::new(redis.clone())),
            watch: Arc::new(Watch::default()),
            live: Arc::new(Live::new(&Guard::default(), Bounds::default())),
            own_health: Arc::default(),
            health: Arc::default(),
            pipeline: Arc::default(),
            users: Arc::new(super::people::users().await),
            rate: Arc::new(RateLimiter::new(redis)),
            guard: Arc::new(Guard::default()),
            notify: super::webhooks_on(),
            stop: CancellationToken::new(),
        };
        Self { app, owners, desks, servers }
    }

    /// The bus is gone for a moment, and comes back with what it had stored.
    pub(super) async fn restart_bus(&self) {
        self.servers.nats.as_ref().unwrap().process().restart().await.unwrap();
    }

    /// The connection of a user of the bus.
    pub(super) async fn bus(&self, user: &str) -> Bus {
        bus(&self.servers, user).await
    }

    /// From now on this is the answer to a request.
    pub(super) fn says(&self, name: &str, reply: Value) {
        self.owners.answers.lock().unwrap().insert(name.to_owned(), Ok(reply));
    }

    /// From now on a request is refused.
    pub(super) fn refuses(&self, name: &str, refusal: Refusal) {
        self.owners.answers.lock().unwrap().insert(name.to_owned(), Err(refusal));
    }

    /// A service goes away.
    pub(super) async fn close(&mut self, service: &str) {
        let desk = self.desks.remove(service).unwrap();
        desk.abort();
        assert!(desk.await.unwrap_err().is_cancelled());
    }

    /// What the owners were asked since the last time.
    pub(super) fn asked(&self) -> Vec<(String, Value)> {
        std::mem::take(&mut self.owners.asked.lock().unwrap())
    }

    /// Sends a request through the whole router.
    pub(super) async fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Answered {
        send_to(self.app.clone(), request(method, path, body)).await
    }
}

async fn bus(servers: &Servers, user: &str) -> Bus {
    let (url, password) = (servers.nats.as_ref().unwrap().url(), PASSWORD.to_owned());
    connect(&BusConfig { url, user: user.to_owned(), password }).await.unwrap()
}

/// One desk a service, open when this returns.
async fn desks(
    client: &Client,
    owners: &Arc<Owners>,
) -> HashMap<&'static str, AbortOnDropHandle<()>> {
    let mut desks = HashMap::new();
    for service in SERVICES {
        let mut requests = client.subscribe(format!("bakery.q.{service}.*")).await.unwrap();
        let (client, owners) = (client.clone(), owners.clone());
        let desk = tokio::spawn(async move {
            while let Some(request) = requests.next().await {
                owners.answer(&client, request).await;
            }
        });
        desks.insert(service, AbortOnDropHandle::new(desk));
    }
    // The server takes what one connection sends in its order: when this is back, it has taken
    // the subscriptions.
    let mut ready = client.subscribe("ready").await.unwrap();
    client.publish("ready", "".into()).await.unwrap();
    ready.next().await.unwrap();
    desks
}

impl Owners {
    async fn answer(&self, client: &Client, request: Message) {
        let name = request.subject.strip_prefix("bakery.q.").unwrap();
        let body = serde_json::from_slice(&request.payload).unwrap();
        self.asked.lock().unwrap().push((name.to_owned(), body));
        let answer = self.answers.lock().unwrap().get(name).cloned();
        let answer = answer.unwrap_or_else(|| Ok(stored(&format!("{name}.reply"))));
        let inbox = request.reply.unwrap();
        match answer {
            Ok(reply) => client.publish(inbox, reply.to_string().into()).await.unwrap(),
            Err(refusal) => {
                let mut headers = HeaderMap::new();
                headers.insert(REFUSAL, serde_json::to_string(&refusal).unwrap());
                client.publish_with_headers(inbox, headers, "".into()).await.unwrap();
            }
        }
    }
}

/// A message as it is frozen in the contract.
pub(super) fn stored(name: &str) -> Value {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../nats/tests/wire");
    let json = std::fs::read(format!("{folder}/{name}.json")).expect(name);
    serde_json::from_slice(&json).unwrap()
}
