//! Messages into the stream and out of a consumer, by hand.

use crate::server::{Server, soon};
use async_nats::jetstream::{self, consumer::PullConsumer};
use bakery_nats::connect::Bus;
use bakery_nats::envelope::Wire;
use bakery_nats::messages::inventory::Confirm;
use bakery_nats::publish::{Outlet, Stream};
use bakery_nats::topology::STREAM;
use bakery_testbed::{at, id, message};
use futures::StreamExt;
use std::collections::BTreeSet;

/// A command to inventory, told apart by its order.
pub(crate) fn confirm(order: u64) -> Wire {
    message::wire("orders", &Confirm { order_id: id("order", order) }, at(0))
}

pub(crate) async fn publish(bus: &Bus, messages: Vec<Wire>) {
    let stream = Stream { context: bus.context.clone() };
    stream.publish(messages).await.expect("stored");
}

/// How many messages the stream holds.
pub(crate) async fn count(bus: &Bus, stream: &str) -> u64 {
    bus.context.get_stream(stream).await.expect("a stream").cached_info().state.messages
}

/// Takes and acknowledges messages of inventory until all of these have come; gives how many that
/// were. The server has noted each acknowledgement before the next message is taken.
pub(crate) async fn take(server: &Server, wanted: &[Wire]) -> usize {
    let bus = server.bus("inventory").await;
    let consumer = bus.context.get_consumer_from_stream("inventory", STREAM).await;
    let consumer: PullConsumer = consumer.expect("the consumer");
    let mut messages = consumer.messages().await.expect("a pull");
    let mut wanted: BTreeSet<&str> = wanted.iter().map(Wire::message_id).collect();
    let mut taken = 0;
    while !wanted.is_empty() {
        let next = soon(&format!("{wanted:?}"), messages.next()).await;
        let message: jetstream::Message = next.expect("a message").expect("a pull that works");
        message.double_ack().await.expect("an acknowledgement");
        let headers = message.headers.as_ref().expect("headers");
        wanted.remove(headers.get("Nats-Msg-Id").expect("an id").as_str());
        taken += 1;
    }
    taken
}
