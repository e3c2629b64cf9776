//! Messages as a service gets them.

use bakery_nats::envelope::{Cause, Delivered, Outgoing, Wire, read_meta};
use bakery_nats::message::Message;
use bakery_nats::process::{Handler, Input, Outcome, process};
use bakery_nats::request::Asked;
use bakery_nats::write::{Done, Writer, commit};
use bakery_nats::{Pool, envelope};
use chrono::{DateTime, Utc};
use std::sync::Arc;

/// A message on the wire, as `service` sends it at its first attempt, at branch `main`.
pub fn wire<M: Message>(service: &str, body: &M, at: DateTime<Utc>) -> Wire {
    wire_again(service, body, at, 1)
}

/// The same at a later attempt.
pub fn wire_again<M: Message>(service: &str, body: &M, at: DateTime<Utc>, attempt: u32) -> Wire {
    let branch = "main".parse().expect("a slug");
    let cause = Cause {
        message_id: "test".to_owned(),
        correlation_id: body.business_id(),
        traceparent: envelope::new_trace(body.business_id(), "test"),
        at,
        attempt,
    };
    Wire::of(service, &Outgoing::attempt(&branch, attempt, body), &cause)
}

/// Reads messages as the consumer does.
pub fn read<I: Input>(wires: &[Wire]) -> Vec<Delivered<I>> {
    let one = |(position, wire): (usize, &Wire)| {
        let meta = read_meta(&wire.subject, |name| wire.header(name)).expect("headers");
        let body = I::decode(&meta.subject, &wire.payload).expect("a body");
        Delivered { position, meta, body }
    };
    wires.iter().enumerate().map(one).collect()
}

/// One batch through a real handler and a real database.
pub async fn handle<H: Handler>(pool: &Pool, handler: H, wires: &[Wire]) -> Vec<Outcome> {
    let batch = read(wires);
    let now = wires.iter().filter_map(|wire| wire.header(envelope::AT)?.parse().ok()).max();
    let now = now.expect("a batch with times");
    process(pool.clone(), Arc::new(handler), batch, (now, false)).await.expect("no passing fault")
}

/// What was sent for the one message of a batch of one.
pub async fn sent<H: Handler>(pool: &Pool, handler: H, wire: &Wire) -> Vec<Wire> {
    match handle(pool, handler, std::slice::from_ref(wire)).await.pop() {
        Some(Outcome::Send(wires)) => wires,
        other => panic!("{} was not answered but {other:?}", wire.message_id()),
    }
}

/// Why the one message of a batch of one is a dead letter.
pub async fn dead<H: Handler>(pool: &Pool, handler: H, wire: &Wire) -> String {
    match handle(pool, handler, std::slice::from_ref(wire)).await.pop() {
        Some(Outcome::Dead(reason)) => reason,
        other => panic!("{} is no dead letter but {other:?}", wire.message_id()),
    }
}

/// The body of a message, which must be of this kind.
pub fn body<M: Message>(wire: &Wire) -> M {
    assert!(wire.subject.ends_with(&format!(".{}", M::NAME)), "{} is no {}", wire.subject, M::NAME);
    serde_json::from_slice(&wire.payload).expect("a body")
}

/// One request through a real writer and a real database: what was decided, and what is sent.
pub async fn write<W: Writer>(
    pool: &Pool,
    writer: W,
    request: W::Request,
    at: DateTime<Utc>,
) -> (Done<W::Request>, Vec<Wire>) {
    let asked = Asked { request_id: uuid::Uuid::now_v7(), at, body: request };
    let mut done = commit(pool, &Arc::new(writer), &[asked]).await.expect("no passing fault");
    (done.replies.pop().expect("a reply"), done.wires)
}
