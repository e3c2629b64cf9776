//! Looking on, over real connections to gateways on a real log: everybody hears everything once and in
//! order, and nobody what is not theirs.

mod ends;
mod looker;
mod many;
mod resume;
mod rights;
mod shelf;
mod slow;

use super::WAIT_S;
use super::people::{person, token};
use super::shop::{Shop, stored};
use crate::app::App;
use crate::auth::caller::Caller;
use crate::config::Guard;
use crate::live::feed::Feed;
use crate::live::shelf::Shelves;
use crate::live::{Bounds, Live};
use crate::router::router;
use crate::server::serve;
use crate::watch::Watch;
use bakery_nats::connect::Bus;
use bakery_nats::envelope::{Cause, Outgoing, Wire, new_trace};
use bakery_nats::messages::inventory::Line;
use bakery_nats::messages::orders::{OrderChanged, Status};
use bakery_nats::publish::{Outlet, Stream};
use bakery_nats::requests::gateway::Role;
use bakery_nats::topology;
use bakery_testbed::{at, id};
use looker::Looker;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

const DISPLAY: &str = "/api/v1/display/live";
const KITCHEN: &str = "/api/v1/kitchen/live";

/// A shop with a log, whose orders' events a test says.
struct Stage {
    shop: Shop,
    orders: Bus,
}

/// A gateway of it, with connections.
struct House {
    app: App,
    addr: SocketAddr,
    server: AbortOnDropHandle<()>,
    _tasks: Vec<AbortOnDropHandle<()>>,
}

impl Stage {
    async fn open() -> Self {
        let shop = Shop::open().await;
        topology::apply(&shop.bus("deploy").await.context, 1).await.unwrap();
        // Nobody is in the kitchen, so that no snapshot knows better than an event.
        shop.says("orders.kitchen", serde_json::json!({"orders": [], "more": false}));
        shop.says("orders.board", serde_json::json!({"orders": []}));
        let orders = shop.bus("orders").await;
        Self { shop, orders }
    }

    /// One more gateway.
    async fn house(&self, bounds: Bounds) -> House {
        self.guarded(bounds, Guard::default()).await
    }

    async fn guarded(&self, bounds: Bounds, guard: Guard) -> House {
        // Both ends of all connections are in this process.
        let files = getrlimit(Resource::Nofile);
        setrlimit(Resource::Nofile, Rlimit { current: files.maximum, ..files }).unwrap();
        let (live, watch) = (Arc::new(Live::new(&guard, bounds)), Arc::new(Watch::default()));
        let bus = self.shop.bus("gateway").await;
        let stop = CancellationToken::new();
        let told = (live.clone(), watch.clone(), self.shop.app.cache.clone());
        let feed = Feed::open(bus.clone(), told).await.unwrap();
        let guard = Arc::new(guard);
        let app = App { bus, live, watch, guard, stop, ..self.shop.app.clone() };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let keeper = app.live.keeper.clone();
        let tasks = vec![
            spawn(feed.run(app.stop.clone())),
            spawn(keeper.run(app.users.pool.clone(), app.stop.clone())),
            spawn(Shelves::run(app.clone())),
        ];
        let served = app.clone();
        let server = spawn(async move {
            let routes = router(served.clone());
            serve(listener, routes, &served.guard, None, served.stop.clone()).await;
            served.live.close().await;
        });
        House { app, addr, server, _tasks: tasks }
    }

    /// The n-th order has a new status.
    async fn say(&self, order: u64, status: Status) {
        self.say_all(&[(order, status, 1)]).await;
    }

    /// The n-th order has a new status; said until the log has it, for the bus may be away.
    async fn say_again(&self, order: u64, status: Status) {
        let stream = Stream { context: self.orders.context.clone() };
        let deadline = tokio::time::Instant::now() + Duration::from_secs(WAIT_S);
        while stream.publish(vec![wire(order, status, 1)]).await.is_err() {
            assert!(tokio::time::Instant::now() < deadline, "the bus does not come back");
        }
    }

    /// Orders have new statuses, each with so many lines; returns when they are in the log.
    async fn say_all(&self, news: &[(u64, Status, usize)]) {
        let wires = news.iter().map(|(order, status, lines)| wire(*order, *status, *lines));
        let stream = Stream { context: self.orders.context.clone() };
        stream.publish(wires.collect()).await.expect("stored");
    }
}

impl House {
    /// Somebody of this role, and a token of theirs.
    async fn person(&self, role: Role) -> (Caller, String) {
        let caller = person(&self.app.users, role).await;
        (caller, token(&self.app, &caller))
    }

    async fn sse(&self, path: &str, headers: &[(&str, &str)]) -> Looker {
        within(Looker::sse(self.addr, path, headers)).await
    }

    async fn socket(&self, path: &str, headers: &[(&str, &str)]) -> Looker {
        within(Looker::socket(self.addr, path, headers)).await
    }

    /// Tells it to stop, and waits until it is closed.
    async fn close(self) {
        self.app.stop.cancel();
        within(self.server).await.unwrap();
    }
}

fn spawn(task: impl Future<Output = ()> + Send + 'static) -> AbortOnDropHandle<()> {
    AbortOnDropHandle::new(tokio::spawn(task))
}

fn wire(order: u64, status: Status, lines: usize) -> Wire {
    let line = |n: usize| Line { product_id: format!("bread-{n}").parse().unwrap(), quantity: 1 };
    let changed = OrderChanged {
        order_id: id("order", order),
        number: format!("{order:03}"),
        status,
        version: 5,
        account_id: id("account", order),
        lines: (0..lines).map(line).collect(),
        total: None,
        currency: None,
        reason: None,
    };
    let branch = "main".parse().unwrap();
    let cause = Cause {
        message_id: "test".to_owned(),
        correlation_id: changed.order_id,
        traceparent: new_trace(changed.order_id, "test"),
        at: at(0),
        attempt: 1,
    };
    Wire::of("orders", &Outgoing::named(&branch, changed.name(), 1, &changed), &cause)
}

async fn within<T>(what: impl Future<Output = T>) -> T {
    let limit = Duration::from_secs(WAIT_S);
    tokio::time::timeout(limit, what).await.expect("it takes too long")
}

/// Waits until something holds.
async fn until(what: &str, check: impl Fn() -> bool) {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(WAIT_S);
    while !check() {
        assert!(tokio::time::Instant::now() < deadline, "{what}: not within {WAIT_S} s");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
