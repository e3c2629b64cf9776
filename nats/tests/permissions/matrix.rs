//! Every subject that somebody could want, each with those who may. Whoever does not stand beside
//! it is refused.

use crate::line::Line;
use crate::server::Server;
use bakery_nats::topology::{CONSUMERS, STREAMS};
use futures::TryStreamExt;
use std::collections::BTreeSet;

/// Those with limits: everybody but the operator, who may do all, and `sys` of another account.
pub(crate) const LIMITED: [&str; 7] =
    ["gateway", "inventory", "orders", "bank", "scheduler", "deploy", "monitor"];

type Allowed = &'static [&'static str];

const NOBODY: Allowed = &[];
const DEPLOY: Allowed = &["deploy"];
const LOOKERS: Allowed = &["deploy", "monitor"];
/// Those who answer to anybody with an inbox of the common kind.
const DESKS: Allowed = &["gateway", "inventory", "orders", "bank", "scheduler"];

/// A command to a service is the orchestrator's; events, ticks and letters are the speaker's.
const MESSAGES: [(&str, Allowed); 29] = [
    ("bakery.cmd.inventory.main.reserve", &["orders"]),
    ("bakery.cmd.inventory.main.release", &["orders"]),
    ("bakery.cmd.bank.main.charge", &["orders"]),
    ("bakery.cmd.bank.main.refund", &["orders"]),
    ("bakery.cmd.bank.main.pay-back", &["orders"]),
    ("bakery.cmd.orders.main.place", NOBODY),
    ("bakery.cmd.scheduler.main.tick", NOBODY),
    ("bakery.cmd.gateway.main.open", NOBODY),
    ("bakery.evt.inventory.main.reserved", &["inventory"]),
    ("bakery.evt.inventory.main.sold", &["inventory"]),
    ("bakery.evt.orders.main.placed", &["orders"]),
    ("bakery.evt.orders.main.refunded", &["orders"]),
    ("bakery.evt.bank.main.charged", &["bank"]),
    ("bakery.evt.bank.main.paid-back", &["bank"]),
    ("bakery.evt.scheduler.main.x", NOBODY),
    ("bakery.evt.gateway.main.x", NOBODY),
    ("bakery.tick.scheduler.main.bake-due", &["scheduler"]),
    ("bakery.tick.scheduler.main.sweep-due", &["scheduler"]),
    ("bakery.tick.inventory.main.bake-due", NOBODY),
    ("bakery.dead.inventory.bakery.cmd.inventory.main.reserve", &["inventory"]),
    ("bakery.dead.orders.bakery.evt.bank.main.charged", &["orders"]),
    ("bakery.dead.bank.bakery.cmd.bank.main.charge", &["bank"]),
    ("bakery.dead.scheduler.x", &["scheduler"]),
    ("bakery.dead.gateway.x", &["gateway"]),
    ("bakery.x", NOBODY),
    // The server alone says them.
    ("bakery.live", NOBODY),
    ("bakery.inventory.cmd.main.reserve", NOBODY),
    ("$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.BAKERY.bank", NOBODY),
    ("elsewhere", NOBODY),
];

/// The gateway asks what its API needs; what bakes by hand, spoils the bank or adds users is the
/// operator's.
const REQUESTS: [(&str, Allowed); 51] = [
    ("bakery.q.inventory.menu", &["gateway"]),
    ("bakery.q.inventory.product", &["gateway", "orders"]),
    ("bakery.q.inventory.list-products", &["gateway"]),
    ("bakery.q.inventory.set-product-state", &["gateway"]),
    ("bakery.q.inventory.catalogue", &["gateway"]),
    ("bakery.q.inventory.branches", &["gateway"]),
    ("bakery.q.inventory.branch", &["gateway", "orders"]),
    ("bakery.q.inventory.put-branch", &["gateway"]),
    ("bakery.q.inventory.switch-branch", &["gateway"]),
    ("bakery.q.inventory.day", &["gateway"]),
    ("bakery.q.inventory.shelf", &["gateway"]),
    ("bakery.q.inventory.bake-now", NOBODY),
    ("bakery.q.inventory.health", &["gateway"]),
    ("bakery.q.orders.place", &["gateway"]),
    ("bakery.q.orders.order", &["gateway"]),
    ("bakery.q.orders.list", &["gateway"]),
    ("bakery.q.orders.timeline", &["gateway"]),
    ("bakery.q.orders.advance", &["gateway"]),
    ("bakery.q.orders.day-sales", &["gateway"]),
    ("bakery.q.orders.refund", &["gateway"]),
    ("bakery.q.orders.receipt", &["gateway"]),
    ("bakery.q.orders.kitchen", &["gateway"]),
    ("bakery.q.orders.board", &["gateway"]),
    ("bakery.q.orders.bake-list", &["gateway"]),
    ("bakery.q.orders.kitchen-stats", &["gateway"]),
    ("bakery.q.orders.pipeline", &["gateway"]),
    ("bakery.q.orders.health", &["gateway"]),
    // Each takes none but its own letters, whoever asks.
    ("bakery.q.inventory.retry-dead", &["gateway"]),
    ("bakery.q.orders.retry-dead", &["gateway"]),
    ("bakery.q.bank.retry-dead", &["gateway"]),
    ("bakery.q.scheduler.retry-dead", &["gateway"]),
    ("bakery.q.gateway.retry-dead", &["gateway"]),
    ("bakery.q.bank.retry-dead.more", NOBODY),
    ("bakery.q.bank.accounts", &["gateway"]),
    ("bakery.q.bank.account", &["gateway", "orders"]),
    ("bakery.q.bank.open-accounts", &["gateway"]),
    ("bakery.q.bank.deposit", &["gateway"]),
    ("bakery.q.bank.deposit.more", NOBODY),
    ("bakery.q.bank.set-behaviour", NOBODY),
    ("bakery.q.bank.behaviours", NOBODY),
    ("bakery.q.bank.till", &["gateway"]),
    ("bakery.q.bank.health", &["gateway"]),
    ("bakery.q.scheduler.jobs", &["gateway"]),
    ("bakery.q.scheduler.put-jobs", &["gateway"]),
    ("bakery.q.scheduler.pause-job", &["gateway"]),
    ("bakery.q.scheduler.run-job", &["gateway"]),
    ("bakery.q.scheduler.delete-job", &["gateway"]),
    ("bakery.q.scheduler.health", &["gateway"]),
    ("bakery.q.gateway.health", &["gateway"]),
    ("bakery.q.gateway.add-user", NOBODY),
    ("bakery.q.gateway.rebuild-users", NOBODY),
];

const INBOXES: [(&str, Allowed); 10] = [
    ("_INBOX_gateway.x", DESKS),
    ("_INBOX_orders.x", &["inventory", "bank"]),
    ("_INBOX.x", DESKS),
    ("_INBOX_operator.x", DESKS),
    ("_INBOX_monitor.x", DESKS),
    ("_INBOX_inventory.x", NOBODY),
    ("_INBOX_bank.x", NOBODY),
    ("_INBOX_scheduler.x", NOBODY),
    ("_INBOX_deploy.x", NOBODY),
    ("_INBOX_sys.x", NOBODY),
];

/// What destroys: the operator's alone.
const DESTROYING: [(&str, Allowed); 20] = [
    ("$JS.API.STREAM.DELETE.BAKERY", NOBODY),
    ("$JS.API.STREAM.DELETE.DEAD", NOBODY),
    ("$JS.API.STREAM.DELETE.ADVISORIES", NOBODY),
    ("$JS.API.STREAM.PURGE.BAKERY", NOBODY),
    ("$JS.API.STREAM.PURGE.DEAD", NOBODY),
    ("$JS.API.STREAM.PURGE.ADVISORIES", NOBODY),
    ("$JS.API.STREAM.MSG.DELETE.BAKERY", NOBODY),
    ("$JS.API.STREAM.MSG.DELETE.DEAD", NOBODY),
    ("$JS.API.STREAM.SNAPSHOT.BAKERY", NOBODY),
    ("$JS.API.STREAM.RESTORE.BAKERY", NOBODY),
    ("$JS.API.STREAM.LEADER.STEPDOWN.BAKERY", NOBODY),
    ("$JS.API.STREAM.PEER.REMOVE.BAKERY", NOBODY),
    ("$JS.API.CONSUMER.DELETE.BAKERY.orders", NOBODY),
    ("$JS.API.CONSUMER.PAUSE.BAKERY.bank", NOBODY),
    ("$JS.API.CONSUMER.UNPIN.BAKERY.bank", NOBODY),
    ("$JS.API.CONSUMER.LEADER.STEPDOWN.BAKERY.bank", NOBODY),
    ("$JS.API.ACCOUNT.PURGE.BAKERY", NOBODY),
    ("$JS.API.SERVER.REMOVE", NOBODY),
    ("$JS.API.META.LEADER.STEPDOWN", NOBODY),
    ("$SYS.REQ.SERVER.PING", NOBODY),
];

/// What changes or reads streams and consumers.
const MANAGING: [(&str, Allowed); 30] = [
    ("$JS.API.STREAM.CREATE.X", DEPLOY),
    ("$JS.API.STREAM.UPDATE.BAKERY", DEPLOY),
    ("$JS.API.CONSUMER.CREATE.BAKERY", DEPLOY),
    ("$JS.API.CONSUMER.CREATE.BAKERY.spy", DEPLOY),
    ("$JS.API.CONSUMER.CREATE.BAKERY.spy.bakery.cmd.bank.main.charge", DEPLOY),
    ("$JS.API.CONSUMER.DURABLE.CREATE.BAKERY.spy", DEPLOY),
    ("$JS.API.INFO", LOOKERS),
    ("$JS.API.STREAM.NAMES", LOOKERS),
    ("$JS.API.STREAM.LIST", LOOKERS),
    (
        "$JS.API.STREAM.INFO.BAKERY",
        &["gateway", "inventory", "orders", "bank", "scheduler", "deploy", "monitor"],
    ),
    ("$JS.API.STREAM.INFO.DEAD", &["gateway", "deploy", "monitor"]),
    ("$JS.API.STREAM.INFO.ADVISORIES", LOOKERS),
    ("$JS.API.CONSUMER.NAMES.BAKERY", LOOKERS),
    ("$JS.API.CONSUMER.LIST.BAKERY", &["gateway", "deploy", "monitor"]),
    ("$JS.API.CONSUMER.LIST.DEAD", LOOKERS),
    ("$JS.API.CONSUMER.INFO.BAKERY.live", &["gateway", "deploy", "monitor"]),
    ("$JS.API.CONSUMER.RESET.BAKERY.live", &["gateway"]),
    // With a subject of its own to speak on it could say anything stored to anybody.
    ("$JS.API.CONSUMER.CREATE.BAKERY.live", DEPLOY),
    ("$JS.API.CONSUMER.CREATE.BAKERY.live.bakery.evt.orders.>", DEPLOY),
    ("$JS.API.STREAM.MSG.GET.BAKERY", &["monitor"]),
    (
        "$JS.API.STREAM.MSG.GET.DEAD",
        &["gateway", "inventory", "orders", "bank", "scheduler", "monitor"],
    ),
    ("$JS.API.STREAM.MSG.GET.ADVISORIES", &["monitor"]),
    // With another subject as its inbox it would publish a stored message again.
    ("$JS.API.DIRECT.GET.BAKERY", NOBODY),
    ("$JS.API.DIRECT.GET.BAKERY.bakery.evt.bank.main.charged", NOBODY),
    ("$JS.API.DIRECT.GET.DEAD", NOBODY),
    ("$JS.API.DIRECT.GET.DEAD.bakery.dead.gateway.bakery.cmd.bank.main.refund", NOBODY),
    ("$SRV.PING", &["monitor"]),
    ("$SRV.STATS", &["gateway", "monitor"]),
    ("$SRV.STATS.bank", &["monitor"]),
    ("$SRV.INFO.bank", &["monitor"]),
];

const CONSUMERS_OF: [&str; 5] = ["gateway", "inventory", "orders", "bank", "scheduler"];

/// A subject, a queue group or none, and who may listen.
const LISTENING: [(&str, &str, Allowed); 27] = [
    (">", "", NOBODY),
    ("*.>", "", NOBODY),
    ("bakery.>", "", NOBODY),
    ("bakery.*.*.*.*", "", NOBODY),
    ("bakery.cmd.>", "", NOBODY),
    ("bakery.cmd.bank.>", "", NOBODY),
    ("bakery.evt.>", "", NOBODY),
    ("bakery.evt.*.*.*", "", NOBODY),
    ("bakery.evt.bank.>", "", NOBODY),
    ("bakery.evt.inventory.>", "", NOBODY),
    ("bakery.evt.orders.>", "", NOBODY),
    ("bakery.evt.orders.*.ready", "", NOBODY),
    ("bakery.live", "", &["gateway"]),
    ("bakery.live.>", "", NOBODY),
    ("bakery.tick.>", "", NOBODY),
    ("bakery.dead.>", "", NOBODY),
    ("bakery.q.>", "", NOBODY),
    ("bakery.q.>", "q", NOBODY),
    ("bakery.q.*.place", "q", NOBODY),
    ("_INBOX.>", "", NOBODY),
    ("_INBOX_*.>", "", NOBODY),
    ("$SRV.>", "", NOBODY),
    ("$JS.>", "", NOBODY),
    ("$JS.ACK.>", "", NOBODY),
    ("$JS.API.>", "", NOBODY),
    ("$JS.EVENT.>", "", &["monitor"]),
    ("$SYS.>", "", NOBODY),
];

#[tokio::test]
async fn everybody_publishes_what_is_theirs_and_nothing_else() {
    let server = Server::new().await;
    let tables = [&MESSAGES[..], &REQUESTS, &INBOXES, &DESTROYING, &MANAGING];
    let rows: Vec<_> = tables.into_iter().flatten().collect();
    let known: BTreeSet<_> = rows.iter().flat_map(|(_, allowed)| *allowed).copied().collect();
    assert_eq!(known, LIMITED.into_iter().collect(), "somebody could do nothing at all");
    for user in LIMITED {
        let mut line = Line::of(&server, user).await;
        for (subject, allowed) in &rows {
            let refusal = line.publish(subject).await;
            assert_eq!(refusal.is_none(), allowed.contains(&user), "{user}: {subject} {refusal:?}");
        }
    }
    nothing_is_gone(&server).await;
}

#[tokio::test]
async fn a_consumer_is_its_services_alone() {
    let server = Server::new().await;
    for user in LIMITED {
        let mut line = Line::of(&server, user).await;
        for owner in CONSUMERS_OF {
            let own = user == owner;
            let looks = own || LOOKERS.contains(&user);
            let rights = [
                (format!("$JS.API.CONSUMER.INFO.BAKERY.{owner}"), looks),
                (format!("$JS.API.CONSUMER.MSG.NEXT.BAKERY.{owner}"), own),
                (format!("$JS.API.CONSUMER.RESET.BAKERY.{owner}"), own),
                (format!("$JS.ACK.BAKERY.{owner}.1.1.1.1.0"), own),
                (format!("$JS.ACK._.hash.BAKERY.{owner}.1.1.1.1.0.token"), own),
            ];
            for (subject, may) in rights {
                let refusal = line.publish(&subject).await;
                assert_eq!(refusal.is_none(), may, "{user}: {subject} {refusal:?}");
            }
        }
        let refusal = line.publish("$JS.API.CONSUMER.MSG.NEXT.DEAD.bank").await;
        assert!(refusal.is_some(), "{user} reads dead letters");
    }
    nothing_is_gone(&server).await;
}

#[tokio::test]
async fn everybody_listens_to_what_is_theirs_and_nothing_else() {
    let server = Server::new().await;
    for user in LIMITED {
        let mut line = Line::of(&server, user).await;
        for (subject, queue, allowed) in LISTENING {
            let refusal = line.subscribe(subject, queue).await;
            let may = allowed.contains(&user);
            assert_eq!(refusal.is_none(), may, "{user}: {subject} {queue} {refusal:?}");
        }
        for other in LIMITED {
            let own = user == other;
            let desk = own && DESKS.contains(&user);
            let rights = [
                (format!("_INBOX_{other}.>"), "", own),
                (format!("_INBOX_{other}.x"), "", own),
                // The queue group shares the questions out; who listens beside it overhears them.
                (format!("bakery.q.{other}.menu"), "q", desk),
                (format!("bakery.q.{other}.menu"), "", false),
                (format!("bakery.q.{other}.menu"), "mine", false),
                (format!("$SRV.INFO.{other}"), "", desk),
                (format!("$SRV.INFO.{other}.x"), "", desk),
            ];
            for (subject, queue, may) in rights {
                let refusal = line.subscribe(&subject, queue).await;
                assert_eq!(refusal.is_none(), may, "{user}: {subject} {queue} {refusal:?}");
            }
        }
    }
}

/// After all these tries every stream and consumer is there, and no other.
async fn nothing_is_gone(server: &Server) {
    let operator = server.bus("operator").await;
    let streams: Vec<String> = operator.context.stream_names().try_collect().await.unwrap();
    assert_eq!(streams.len(), STREAMS.len(), "{streams:?}");
    let stream = operator.context.get_stream("BAKERY").await.unwrap();
    let consumers: Vec<String> = stream.consumer_names().try_collect().await.unwrap();
    assert_eq!(consumers.len(), CONSUMERS.len(), "{consumers:?}");
}
