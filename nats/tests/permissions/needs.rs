//! What each user needs works, in the way the programs do it.

use crate::server::{Server, soon, until};
use async_nats::Client;
use async_nats::jetstream::{self, AckKind, consumer::PullConsumer};
use bakery_nats::ask::ask;
use bakery_nats::connect::Bus;
use bakery_nats::dead::{self, DEAD, letter};
use bakery_nats::envelope::Wire;
use bakery_nats::messages::bank::{Refund, Refunded};
use bakery_nats::messages::inventory::{Baked, Confirm, Sold};
use bakery_nats::messages::scheduler::SweepDue;
use bakery_nats::publish::{Outlet, Stream};
use bakery_nats::refusal::Refusal;
use bakery_nats::request::{Asked, Request};
use bakery_nats::requests::bank::GetAccount;
use bakery_nats::requests::health::{
    BankHealth, GatewayHealth, Health, InventoryHealth, OrdersHealth, SchedulerHealth,
};
use bakery_nats::requests::inventory::GetProduct;
use bakery_nats::serve::Desk;
use bakery_nats::topology::{LIVE, LIVE_SUBJECT, STREAM, apply, heal};
use bakery_testbed::{at, id, message};
use futures::future::ready;
use futures::{StreamExt, TryStreamExt};
use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

/// How long a message is given back for.
const GIVEN_BACK_MS: u64 = 10;

#[tokio::test]
async fn deploy_makes_the_streams_and_consumers_and_updates_them() {
    let server = Server::empty().await;
    let deploy = server.bus("deploy").await;
    apply(&deploy.context, 1).await.unwrap();
    apply(&deploy.context, 1).await.unwrap();
}

#[tokio::test]
async fn each_consumer_is_read_acknowledged_and_healed_by_its_service() {
    let server = Server::new().await;
    let [inventory, orders, bank] = services(&server).await;
    publish(&orders, vec![command_to_inventory(), command_to_bank()]).await;
    publish(&inventory, vec![sold()]).await;
    publish(&bank, vec![refunded()]).await;
    for (bus, name) in [(&inventory, "inventory"), (&orders, "orders"), (&bank, "bank")] {
        let consumer = bus.context.get_consumer_from_stream(name, STREAM).await;
        let consumer: PullConsumer = consumer.unwrap();
        let mut messages = consumer.messages().await.unwrap();
        let first = next(name, &mut messages).await;
        first.ack_with(AckKind::Progress).await.unwrap();
        let pause = Duration::from_millis(GIVEN_BACK_MS);
        first.ack_with(AckKind::Nak(Some(pause))).await.unwrap();
        // It comes again: the server has heard us.
        loop {
            let again = next(name, &mut messages).await;
            again.double_ack().await.unwrap();
            if again.subject == first.subject {
                break;
            }
        }
        assert!(!heal(&bus.context, name).await.unwrap());
        let stream = bus.context.get_stream(STREAM).await.unwrap();
        stream.reset_consumer(name, Some(1)).await.unwrap();
    }
}

#[tokio::test]
async fn each_speaker_is_heard_in_the_log_and_in_the_dead_letters() {
    let server = Server::new().await;
    let [inventory, orders, bank] = services(&server).await;
    let dead = |service| letter(service, "bakery.cmd.x", 1, None, "{}".into(), "a test");
    publish(&inventory, vec![sold(), dead("inventory")]).await;
    publish(&orders, vec![command_to_bank(), command_to_inventory(), dead("orders")]).await;
    publish(&bank, vec![refunded(), dead("bank")]).await;
    let tick = SweepDue { tick_id: id("tick", 1), job: "sweep".parse().unwrap(), due_at: at(0) };
    publish(&server.bus("scheduler").await, vec![message::wire("scheduler", &tick, at(0))]).await;
}

#[tokio::test]
async fn the_gateway_asks_everybody() {
    let server = Server::new().await;
    let gateway = server.bus("gateway").await;
    let desks = Desks::open(&server).await;
    ask(&gateway.client, &InventoryHealth {}).await.unwrap();
    ask(&gateway.client, &OrdersHealth {}).await.unwrap();
    ask(&gateway.client, &BankHealth {}).await.unwrap();
    ask(&gateway.client, &SchedulerHealth {}).await.unwrap();
    ask(&gateway.client, &GatewayHealth {}).await.unwrap();

    desks.close().await;
}

#[tokio::test]
async fn the_gateway_sees_who_is_there_how_far_all_are_and_what_could_not_be_taken() {
    let server = Server::new().await;
    let desks = Desks::open(&server).await;
    let gateway = server.bus("gateway").await;
    assert_eq!(services_asked(&gateway, "$SRV.STATS").await, Desks::NAMES.into_iter().collect());
    let letter = letter("bank", "bakery.cmd.x", 1, None, "{}".into(), "a test");
    publish(&server.bus("bank").await, vec![letter]).await;
    let stream = gateway.context.get_stream(STREAM).await.unwrap();
    let consumers: Vec<_> = stream.consumers().try_collect().await.unwrap();
    assert_eq!(consumers.len(), 6);
    let dead = gateway.context.get_stream(DEAD).await.unwrap();
    assert_eq!(dead.cached_info().state.messages, 1);
    for user in Desks::NAMES {
        let bus = server.bus(user).await;
        let letter = dead::get(&bus.context, 1).await.unwrap().unwrap();
        assert_eq!((letter.service.as_str(), letter.subject.as_str()), ("bank", "bakery.cmd.x"));
        assert!(dead::get(&bus.context, 2).await.unwrap().is_none());
    }
    desks.close().await;
}

/// What the consumer `live` says every gateway hears, each with the message's place in the stream.
#[tokio::test]
async fn every_gateway_hears_of_orders_and_of_the_shelf() {
    let server = Server::new().await;
    let gateways = [server.bus("gateway").await, server.bus("gateway").await];
    let mut ears = Vec::new();
    for gateway in &gateways {
        ears.push(gateway.client.subscribe(LIVE_SUBJECT).await.unwrap());
        // An answered question behind it: the subscription is there.
        let stream = gateway.context.get_stream(STREAM).await.unwrap();
        stream.consumer_info(LIVE).await.unwrap();
    }
    let mut changed = sold();
    changed.subject = "bakery.evt.orders.main.ready".to_owned();
    publish(&server.bus("orders").await, vec![command_to_bank(), changed]).await;
    let baked = Baked {
        batch_id: id("batch", 1),
        product_id: "donut".parse().unwrap(),
        quantity: 12,
        baked_at: at(0),
        stale_at: at(60),
    };
    let baked = message::wire("inventory", &baked, at(0));
    publish(&server.bus("inventory").await, vec![baked]).await;
    let expected =
        [("bakery.evt.orders.main.ready", 2, 1), ("bakery.evt.inventory.main.baked", 3, 2)];
    for (gateway, ear) in gateways.iter().zip(&mut ears) {
        for (subject, sequence, turn) in expected {
            let heard = loop {
                let heard = soon("news", ear.next()).await.unwrap();
                // Between the news there are signs of life.
                if heard.status.is_none() {
                    break heard;
                }
            };
            assert_eq!(heard.subject.as_str(), subject);
            let context = gateway.context.clone();
            let heard = jetstream::Message { message: heard, context };
            let info = heard.info().unwrap();
            assert_eq!((info.stream_sequence, info.consumer_sequence), (sequence, turn));
        }
    }
    // It may be set on, for when the stream has lost its tail.
    let stream = gateways[0].context.get_stream(STREAM).await.unwrap();
    stream.reset_consumer(LIVE, Some(4)).await.unwrap();
}

#[tokio::test]
async fn orders_asks_for_products_and_accounts_and_gets_refusals_too() {
    let server = Server::new().await;
    let desks = Desks::open(&server).await;
    let orders = server.bus("orders").await;
    let (branch, product) = ("main".parse().unwrap(), "donut".parse().unwrap());
    let refusal = ask(&orders.client, &GetProduct { branch, id: product }).await.unwrap_err();
    assert_eq!(refusal, Refusal::not_found("product", "donut"));
    let account_id = Uuid::nil();
    let refusal = ask(&orders.client, &GetAccount { account_id }).await.unwrap_err();
    assert_eq!(refusal, Refusal::not_found("account", account_id));
    desks.close().await;
}

#[tokio::test]
async fn monitor_sees_streams_consumers_messages_and_services() {
    let server = Server::new().await;
    let desks = Desks::open(&server).await;
    publish(&server.bus("orders").await, vec![command_to_bank()]).await;
    let monitor = server.bus("monitor").await;
    let mut streams: Vec<String> = monitor.context.stream_names().try_collect().await.unwrap();
    streams.sort();
    assert_eq!(streams, ["ADVISORIES", "BAKERY", "DEAD"]);
    let stream = monitor.context.get_stream(STREAM).await.unwrap();
    let mut consumers: Vec<String> = stream.consumer_names().try_collect().await.unwrap();
    consumers.sort();
    assert_eq!(consumers, ["bank", "gateway", "inventory", "live", "orders", "scheduler"]);
    stream.consumer_info("bank").await.unwrap();
    let stored = stream.get_raw_message(1).await.unwrap();
    assert_eq!(stored.subject.as_str(), "bakery.cmd.bank.main.refund");
    assert_eq!(services_seen_by(&monitor).await, Desks::NAMES.into_iter().collect());
    desks.close().await;
}

#[tokio::test]
async fn an_operator_asks_sends_listens_and_destroys() {
    let server = Server::new().await;
    let desks = Desks::open(&server).await;
    let operator = server.bus("operator").await;
    ask(&operator.client, &BankHealth {}).await.unwrap();
    assert_eq!(services_seen_by(&operator).await, Desks::NAMES.into_iter().collect());

    let mut everything = operator.client.subscribe("bakery.>").await.unwrap();
    publish(&operator, vec![command_to_inventory()]).await;
    // Where nothing is new the consumer `live` gives signs of life.
    let mut said = pin!(everything.by_ref().filter(|heard| ready(heard.status.is_none())));
    let heard = soon("its own command", said.next()).await.unwrap();
    assert_eq!(heard.subject.as_str(), "bakery.cmd.inventory.main.confirm");
    let stream = operator.context.get_stream(STREAM).await.unwrap();
    assert_eq!(stream.purge().await.unwrap().purged, 1);
    operator.context.delete_stream(STREAM).await.unwrap();
    desks.close().await;
}

async fn services(server: &Server) -> [Bus; 3] {
    [server.bus("inventory").await, server.bus("orders").await, server.bus("bank").await]
}

/// Returns when the server has all of them.
async fn publish(bus: &Bus, messages: Vec<Wire>) {
    Stream { context: bus.context.clone() }.publish(messages).await.expect("stored");
}

async fn next(what: &str, messages: &mut jetstream::consumer::pull::Stream) -> jetstream::Message {
    soon(what, messages.next()).await.expect("a message").expect("a pull that works")
}

fn command_to_inventory() -> Wire {
    message::wire("orders", &Confirm { order_id: id("order", 1) }, at(0))
}

fn sold() -> Wire {
    message::wire("inventory", &Sold { order_id: id("order", 1), units: 1 }, at(0))
}

fn command_to_bank() -> Wire {
    let (order_id, account_id) = (id("order", 1), id("account", 1));
    message::wire("orders", &Refund { order_id, account_id }, at(0))
}

fn refunded() -> Wire {
    let (order_id, account_id) = (id("order", 1), id("account", 1));
    message::wire("bank", &Refunded { order_id, account_id, amount: 0 }, at(0))
}

/// Names of the services that answer when everybody is asked.
async fn services_seen_by(bus: &Bus) -> BTreeSet<&'static str> {
    services_asked(bus, "$SRV.PING").await
}

async fn services_asked(bus: &Bus, question: &'static str) -> BTreeSet<&'static str> {
    let inbox = bus.client.new_inbox();
    let mut answers = bus.client.subscribe(inbox.clone()).await.unwrap();
    bus.client.publish_with_reply(question, inbox, "".into()).await.unwrap();
    let mut seen = BTreeSet::new();
    while seen.len() < Desks::NAMES.len() {
        let pong = soon("an answer from every desk", answers.next()).await.unwrap();
        let pong: serde_json::Value = serde_json::from_slice(&pong.payload).unwrap();
        seen.extend(Desks::NAMES.into_iter().find(|name| pong["name"] == *name));
    }
    seen
}

/// Every service's desk: all are well, and there is nothing in the shop and nobody at the bank.
struct Desks {
    open: Vec<Desk>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Desks {
    const NAMES: [&'static str; 5] = ["gateway", "inventory", "orders", "bank", "scheduler"];

    async fn open(server: &Server) -> Self {
        let operator = server.bus("operator").await.client;
        let mut desks =
            Self { open: Vec::new(), stop: CancellationToken::new(), tasks: TaskTracker::new() };
        let no_product = |asked: Asked<GetProduct>| async move {
            Err(Refusal::not_found("product", asked.body.id))
        };
        let no_account = |asked: Asked<GetAccount>| async move {
            Err(Refusal::not_found("account", asked.body.account_id))
        };
        desks.desk(server, "inventory").await.query(no_product).await.unwrap();
        desks.well::<InventoryHealth>(&operator).await;
        desks.desk(server, "bank").await.query(no_account).await.unwrap();
        desks.well::<BankHealth>(&operator).await;
        desks.desk(server, "orders").await;
        desks.well::<OrdersHealth>(&operator).await;
        desks.desk(server, "scheduler").await;
        desks.well::<SchedulerHealth>(&operator).await;
        desks.desk(server, "gateway").await;
        desks.well::<GatewayHealth>(&operator).await;
        desks
    }

    async fn desk(&mut self, server: &Server, name: &'static str) -> &Desk {
        let bus = server.bus(name).await;
        let ends = (self.tasks.clone(), self.stop.clone());
        let desk = Desk::open(&bus, name, "a desk", Arc::new(|| at(0)), ends).await.unwrap();
        self.open.push(desk);
        self.open.last().unwrap()
    }

    /// The last desk answers that it is well: what it was told to answer before, it answers too.
    async fn well<R: Request<Reply = Health> + Default>(&self, operator: &Client) {
        let answer = |_: Asked<R>| async { Ok(Health::of(Vec::new())) };
        self.open.last().unwrap().query(answer).await.unwrap();
        until(R::ABOUT, || async { ask(operator, &R::default()).await.ok() }).await;
    }

    async fn close(self) {
        self.stop.cancel();
        drop(self.open);
        self.tasks.close();
        soon("the desks close", self.tasks.wait()).await;
    }
}
