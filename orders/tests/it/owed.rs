//! What a request left owed: committed, never published, found again and sent.

use crate::{advance, due, happen, order_id, place, place_all, said, shop, stored, wish};
use bakery_nats::Pool;
use bakery_nats::envelope::Wire;
use bakery_nats::publish::{Outlet, PublishError};
use bakery_nats::record::Record;
use bakery_nats::relay;
use bakery_nats::requests::orders::Action;
use bakery_orders::saga::Event;
use bakery_testbed::database;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Owed steps, of those committed so many seconds ago.
async fn owed(pool: &Pool, older_than_s: i64) -> Vec<Record> {
    let mut conn = pool.get().await.unwrap();
    Record::owed(&mut conn, older_than_s, 100).await.unwrap()
}

/// A stream that takes everything into the test's hand.
pub(crate) struct Hand(pub(crate) mpsc::UnboundedSender<Vec<Wire>>);

impl Outlet for Hand {
    async fn publish(&self, messages: Vec<Wire>) -> Result<(), PublishError> {
        self.0.send(messages).expect("the test holds out its hand");
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_whose_messages_were_never_published_is_found_with_the_same_messages_and_settled() {
    let pool = shop().await;
    let mut done = place_all(&pool, &[wish(1), wish(2)], 10).await;
    done.replies.drain(..).for_each(|reply| drop(reply.expect("accepted")));
    assert!(owed(&pool, 3600).await.is_empty(), "an hour has not passed");
    let records = owed(&pool, 0).await;
    let found: Vec<Wire> = (records.iter())
        .flat_map(|record| record.wires("orders", &record.message_id, 1).unwrap())
        .collect();
    let sorted = |mut wires: Vec<Wire>| {
        wires.sort_by(|a, b| a.message_id().cmp(b.message_id()));
        wires
    };
    assert_eq!(sorted(found), sorted(done.wires));

    let mut conn = pool.get().await.unwrap();
    assert_eq!(Record::settle(&mut conn, &done.keys[..1]).await.unwrap(), 1);
    let left: Vec<_> = owed(&pool, 0).await.into_iter().map(|record| record.business_id).collect();
    assert_eq!(left, [order_id(2)]);
    Record::settle(&mut conn, &done.keys).await.unwrap();
    assert!(owed(&pool, 0).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_relay_sends_what_is_owed_once_and_leaves_what_is_fresh_to_its_writer() {
    let pool = shop().await;
    let first = place(&pool, 1).await;
    let past = "UPDATE record SET committed_at = committed_at - interval '1 minute'";
    database::execute(&pool, past).await;
    place(&pool, 2).await;
    let future = format!(
        "UPDATE record SET committed_at = committed_at + interval '1 hour'
         WHERE business_id = '{}'",
        order_id(2)
    );
    database::execute(&pool, &future).await;

    let (sender, mut hand) = mpsc::unbounded_channel();
    let stop = CancellationToken::new();
    let relay = relay::run("orders", pool.clone(), Arc::new(Hand(sender)), stop.clone());
    let relay = tokio::spawn(relay);
    let sent = hand.recv().await.expect("the relay sends");
    stop.cancel();
    relay.await.unwrap();
    assert_eq!(sent, first);
    assert!(hand.recv().await.is_none(), "it was sent twice");
    let still = "SELECT count(*) AS number FROM record WHERE owed";
    assert_eq!(database::number(&pool, still).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_step_of_a_person_is_owed_and_nothing_else_is() {
    let pool = shop().await;
    place(&pool, 1).await;
    for event in [Event::Reserved, Event::Charged, Event::Sold] {
        happen(&pool, 1, event).await;
    }
    let unknown = bakery_nats::requests::orders::Place { account_id: order_id(9), ..wish(2) };
    place_all(&pool, &[unknown, wish(1)], 20).await;
    advance(&pool, 1, Action::Start).await.0.expect("started");
    advance(&pool, 1, Action::Start).await.0.expect("started before");
    advance(&pool, 1, Action::Serve).await.0.expect_err("served");
    let steps: Vec<String> = owed(&pool, 0).await.into_iter().map(|record| record.step).collect();
    assert_eq!(steps, ["place", "start"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_whose_first_messages_are_lost_for_ever_is_asked_again_all_the_same() {
    let pool = shop().await;
    place(&pool, 1).await;
    database::execute(&pool, "UPDATE record SET owed = false").await;
    due(&pool, &[1]).await;
    assert_eq!(said(&crate::drive(&pool).await), ["cmd.inventory.main.reserve 2"]);
    assert!(owed(&pool, 0).await.is_empty(), "the next deadline asks again, not the relay");
    assert!(stored(&pool, 1).await.open);
}
