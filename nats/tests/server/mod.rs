//! A real nats-server on `nats/server.conf`, with a password for each of its users. It ends with
//! the test.

use async_nats::jetstream::context::ContextBuilder;
use bakery_embedded::{NatsOptions, NatsServer, Servers, Temporary};
use bakery_nats::connect::{Bus, BusConfig, connect};
use bakery_nats::topology;
use std::future::Future;
use std::time::Duration;
use tokio::time::Instant;

/// The file that containers and `bakery up` use as well.
pub(crate) const CONFIG: &str = include_str!("../../server.conf");
/// Everybody it names.
pub(crate) const USERS: [&str; 9] =
    ["gateway", "inventory", "orders", "bank", "scheduler", "deploy", "operator", "monitor", "sys"];
/// Nothing that a test waits for takes longer.
pub(crate) const WAIT_S: u64 = 30;
/// Between two looks at something that is waited for.
const LOOK_PAUSE_MS: u64 = 20;

/// What the server is started with.
pub(crate) fn options() -> NatsOptions {
    let variable = |user: &str| (format!("NATS_{}_PASSWORD", user.to_uppercase()), password(user));
    NatsOptions {
        config: CONFIG.to_owned(),
        environment: USERS.into_iter().map(variable).collect(),
        port: None,
    }
}

/// A user's password; unlike any other word on a command line.
pub(crate) fn password(user: &str) -> String {
    format!("p4ss0f{user}")
}

/// A server of the test's own.
pub(crate) struct Server(pub(crate) Servers);

impl Server {
    /// An empty one.
    pub(crate) async fn empty() -> Self {
        let wanted = Temporary { nats: Some(options()), ..Temporary::default() };
        Self(Servers::temporary(wanted).await.expect("nats-server"))
    }

    /// One with the streams and consumers.
    pub(crate) async fn new() -> Self {
        let server = Self::empty().await;
        server.apply().await;
        server
    }

    /// Makes the streams and consumers, as the user who may.
    pub(crate) async fn apply(&self) {
        topology::apply(&self.bus("deploy").await.context, 1).await.expect("the topology");
    }

    pub(crate) fn nats(&self) -> &NatsServer {
        self.0.nats.as_ref().expect("nats-server was asked for")
    }

    /// A user's connection, as services have it, only that it waits as long as a test does.
    pub(crate) async fn bus(&self, user: &str) -> Bus {
        let (url, user, password) = (self.nats().url(), user.to_owned(), password(user));
        let bus = connect(&BusConfig { url, user, password }).await.expect("a connection");
        let patient = ContextBuilder::new().timeout(Duration::from_secs(WAIT_S));
        Bus { context: patient.build(bus.client.clone()), ..bus }
    }
}

/// The first thing a check gives; the test fails if there is none in time.
pub(crate) async fn until<T, F: Future<Output = Option<T>>>(
    what: &str,
    check: impl Fn() -> F,
) -> T {
    let deadline = Instant::now() + Duration::from_secs(WAIT_S);
    loop {
        if let Some(found) = check().await {
            return found;
        }
        assert!(Instant::now() < deadline, "{what}: not within {WAIT_S} s");
        tokio::time::sleep(Duration::from_millis(LOOK_PAUSE_MS)).await;
    }
}

/// What a wait gives, if it gives it in time.
pub(crate) async fn soon<T>(what: &str, wait: impl Future<Output = T>) -> T {
    let timed = tokio::time::timeout(Duration::from_secs(WAIT_S), wait).await;
    timed.unwrap_or_else(|_| panic!("{what}: not within {WAIT_S} s"))
}
