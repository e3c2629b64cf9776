//! The stream loses its tail, and a consumer remembers messages that are no more (W10, R11).

use crate::definitions::info;
use crate::pull::{confirm, publish, take};
use crate::server::{Server, options, soon, until};
use async_nats::Client;
use async_nats::jetstream::consumer::{self, PullConsumer};
use async_nats::jetstream::context::ContextBuilder;
use bakery_embedded::{Servers, ServersOptions};
use bakery_nats::envelope::Wire;
use bakery_nats::topology::{CONSUMERS, STREAM, heal};
use futures::StreamExt;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

/// Where the lying server answers.
const PREFIX: &str = "lost.API";

/// A message for each of these orders.
fn confirms(orders: RangeInclusive<u64>) -> Vec<Wire> {
    orders.map(confirm).collect()
}

#[tokio::test]
async fn a_healthy_consumer_is_left_where_it_is() {
    let server = Server::new().await;
    let inventory = server.bus("inventory").await;
    assert!(!heal(&inventory.context, "inventory").await.unwrap(), "nothing was stored yet");

    publish(&server.bus("orders").await, confirms(1..=3)).await;
    assert!(!heal(&inventory.context, "inventory").await.unwrap(), "it is behind");
    take(&server, &[confirm(1), confirm(2)]).await;
    let before = info(&inventory.client, "CONSUMER.INFO.BAKERY.inventory").await;
    assert_eq!(before["ack_floor"]["stream_seq"], 2);
    assert!(!heal(&inventory.context, "inventory").await.unwrap(), "it is level");
    let after = info(&inventory.client, "CONSUMER.INFO.BAKERY.inventory").await;
    assert_eq!(after["ack_floor"], before["ack_floor"]);
}

/// The real server, which is made to say that its stream is shorter than it was.
#[tokio::test]
async fn a_consumer_ahead_of_its_stream_reads_everything_again() {
    let server = Server::new().await;
    let sent = confirms(1..=5);
    publish(&server.bus("orders").await, sent.clone()).await;
    assert_eq!(take(&server, &sent).await, 5);

    let operator = server.bus("operator").await;
    lie(operator.client.clone(), 3).await;
    let lied_to = ContextBuilder::new().api_prefix(PREFIX).build(operator.client.clone());
    assert!(heal(&lied_to, "inventory").await.unwrap(), "it is ahead");
    assert_eq!(take(&server, &sent).await, 5, "all of them came a second time");
    let honest = &server.bus("inventory").await.context;
    assert!(!heal(honest, "inventory").await.unwrap(), "a second look finds nothing");
}

/// Passes on what is asked below [`PREFIX`], and changes the length of the stream in the answers.
async fn lie(client: Client, last_seq: u64) {
    let mut asked = client.subscribe(format!("{PREFIX}.>")).await.unwrap();
    tokio::spawn(async move {
        while let Some(question) = asked.next().await {
            let subject = question.subject.replace(PREFIX, "$JS.API");
            let answer = client.request(subject.clone(), question.payload).await.unwrap();
            let mut json: serde_json::Value = serde_json::from_slice(&answer.payload).unwrap();
            if subject.contains("STREAM.INFO") {
                json["state"]["last_seq"] = last_seq.into();
            }
            let reply = question.reply.unwrap();
            client.publish(reply, json.to_string().into()).await.unwrap();
        }
    });
}

/// A real consumer that is ahead, and a stream that has grown again before somebody looks: where the
/// lost part began nobody can tell any more, so anything but the beginning could skip new messages.
#[tokio::test]
async fn what_came_between_the_loss_and_the_look_is_not_skipped() {
    let server = Server::new().await;
    let old = confirms(1..=5);
    publish(&server.bus("orders").await, old.clone()).await;
    assert_eq!(take(&server, &old).await, 5);
    let operator = server.bus("operator").await;
    let stream = operator.context.get_stream_no_info(STREAM).await.unwrap();
    stream.reset_consumer("inventory", Some(11)).await.unwrap();
    let new = confirms(11..=13);
    publish(&server.bus("orders").await, new.clone()).await;

    let inventory = server.bus("inventory").await;
    let before = info(&inventory.client, "CONSUMER.INFO.BAKERY.inventory").await;
    assert_eq!(
        (&before["ack_floor"]["stream_seq"], &before["num_pending"]),
        (&10.into(), &0.into())
    );
    assert!(heal(&inventory.context, "inventory").await.unwrap(), "it is ahead");
    take(&server, &new).await;
}

/// A machine that lost power, or a restored disk: the stream's messages are those of some time
/// ago, and the consumer's state is today's.
#[tokio::test]
async fn after_a_lost_tail_no_new_message_is_skipped() {
    let disk = Disk(tempfile::tempdir().unwrap());
    let old = confirms(1..=5);
    let lost = confirms(6..=10);
    let new = confirms(11..=13);

    let server = disk.start().await;
    server.apply().await;
    publish(&server.bus("orders").await, old.clone()).await;
    server.0.stop().await.unwrap();
    disk.save();

    let server = disk.start().await;
    publish(&server.bus("orders").await, lost.clone()).await;
    assert_eq!(take(&server, &[old, lost].concat()).await, 10);
    server.0.stop().await.unwrap();
    disk.put_back();

    let server = disk.start().await;
    let inventory = server.bus("inventory").await;
    assert_eq!(info(&inventory.client, "STREAM.INFO.BAKERY").await["state"]["last_seq"], 5);
    // Servers from 2.14 on heal by themselves, before anything new is stored: what is left of the log
    // is not read again.
    assert!(!heal(&inventory.context, "inventory").await.unwrap(), "the server did not heal it");
    publish(&server.bus("orders").await, new.clone()).await;
    assert_eq!(take(&server, &new).await, new.len());
    until("nothing is left over", || async {
        let info = info(&inventory.client, "CONSUMER.INFO.BAKERY.inventory").await;
        (info["num_pending"] == 0 && info["ack_floor"]["stream_seq"] == 8).then_some(())
    })
    .await;
    server.0.stop().await.unwrap();
}

/// The same, where the consumer had not acknowledged everything.
#[tokio::test]
async fn after_a_lost_tail_what_was_not_acknowledged_comes_again() {
    let disk = Disk(tempfile::tempdir().unwrap());
    let old = confirms(1..=5);
    let lost = confirms(6..=10);
    let new = confirms(11..=13);

    let server = disk.start().await;
    server.apply().await;
    let deploy = server.bus("deploy").await.context;
    let json = CONSUMERS.into_iter().find(|json| json.contains("\"inventory\"")).unwrap();
    let mut config: consumer::Config = serde_json::from_str(json).unwrap();
    config.ack_wait = Duration::from_secs(1);
    deploy.get_stream_no_info(STREAM).await.unwrap().create_consumer(config).await.unwrap();
    publish(&server.bus("orders").await, old.clone()).await;
    assert_eq!(take(&server, &old[..3]).await, 3);
    server.0.stop().await.unwrap();
    disk.save();

    let server = disk.start().await;
    publish(&server.bus("orders").await, lost.clone()).await;
    // Acknowledges the last one alone: the others are delivered and stay open.
    let inventory = server.bus("inventory").await;
    let consumer: PullConsumer =
        inventory.context.get_consumer_from_stream("inventory", STREAM).await.unwrap();
    let mut messages = consumer.messages().await.unwrap();
    loop {
        let message = soon("the last one", messages.next()).await.expect("a message").unwrap();
        if message.info().unwrap().stream_sequence == 10 {
            message.double_ack().await.unwrap();
            break;
        }
    }
    server.0.stop().await.unwrap();
    disk.put_back();

    let server = disk.start().await;
    let inventory = server.bus("inventory").await;
    heal(&inventory.context, "inventory").await.unwrap();
    publish(&server.bus("orders").await, new.clone()).await;
    take(&server, &[&old[3..], &new].concat()).await;
    server.0.stop().await.unwrap();
}

/// What a server keeps, of which the stream's messages can be put back to those of some time ago.
struct Disk(TempDir);

impl Disk {
    async fn start(&self) -> Server {
        let (nats, data) = (Some(options()), self.0.path().to_owned());
        let wanted = ServersOptions { data, nats, postgres: None, redis: None };
        Server(Servers::start(wanted).await.expect("nats-server"))
    }

    fn messages(&self) -> PathBuf {
        self.0.path().join("nats/jetstream/BAKERY/streams/BAKERY/msgs")
    }

    fn saved(&self) -> PathBuf {
        self.0.path().join("copy")
    }

    fn save(&self) {
        copy(&self.messages(), &self.saved());
    }

    fn put_back(&self) {
        std::fs::remove_dir_all(self.messages()).unwrap();
        copy(&self.saved(), &self.messages());
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}
