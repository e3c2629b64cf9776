//! Calls that arrive: signed, once, by any number of workers.

use super::receiver::{Manner, Receiver};
use super::{add, calls, count, hear_ready, open, until, work};
use crate::notify::delivery::{self, take_calls};
use crate::notify::settle::settle;
use crate::notify::sign::{secret_text, tests::recomputed};
use crate::notify::webhook;
use crate::notify::worker::Channel;
use bakery_testbed::database::{connection, execute};
use std::collections::BTreeSet;

const DELIVERED: &str = "delivery WHERE state = 'delivered'";

#[tokio::test]
async fn a_call_is_signed_and_says_what_the_outbox_says() {
    let (pool, receiver) = (open().await, Receiver::open(Manner::Answers(204)).await);
    let webhook_id = add(&pool, &receiver.url, &["order.ready"]).await;
    hear_ready(&pool, 1..2).await;
    let _worker = work(&pool);
    until(&pool, DELIVERED, 1).await;
    let told = receiver.told().pop().unwrap();
    assert_eq!(told.headers["content-type"], "application/json");
    assert_eq!(told.headers["host"], format!("127.0.0.1:{}", receiver.port));
    let row = format!(
        "delivery WHERE id = '{}' AND body = '{}' AND webhook_id = '{webhook_id}' AND attempt = 1
         AND answer = 204 AND reason IS NULL AND lease IS NULL",
        told.id(),
        told.body
    );
    assert_eq!(count(&pool, &row).await, 1);
    let timestamp = &told.headers["webhook-timestamp"];
    let signed = recomputed(&secret_text(&[7; 32]), told.id(), timestamp, &told.body);
    assert_eq!(told.headers["webhook-signature"], signed);
}

#[tokio::test]
async fn for_a_day_both_secrets_sign_and_then_the_new_one() {
    let (pool, receiver) = (open().await, Receiver::open(Manner::Answers(200)).await);
    let webhook_id = add(&pool, &receiver.url, &["order.ready"]).await;
    let mut conn = connection(&pool).await;
    webhook::rotate(&mut conn, webhook_id, &[8; 32]).await.unwrap().unwrap();
    drop(conn);
    let _worker = work(&pool);
    let (new, old) = (secret_text(&[8; 32]), secret_text(&[7; 32]));
    for (order, secrets) in [(1, vec![&new, &old]), (2, vec![&new])] {
        hear_ready(&pool, order..order + 1).await;
        until(&pool, DELIVERED, i64::try_from(order).unwrap()).await;
        let told = receiver.told().pop().unwrap();
        let timestamp = &told.headers["webhook-timestamp"];
        let signed = |secret: &&String| recomputed(secret, told.id(), timestamp, &told.body);
        let expected = secrets.iter().map(signed).collect::<Vec<_>>().join(" ");
        assert_eq!(told.headers["webhook-signature"], expected);
        execute(&pool, "UPDATE webhook SET old_secret_until = now() - interval '1 s'").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_workers_tell_each_thing_once() {
    let (pool, receiver) = (open().await, Receiver::open(Manner::Slow(200, 5)).await);
    for _ in 0..4 {
        add(&pool, &receiver.url, &["order.ready"]).await;
    }
    hear_ready(&pool, 0..50).await;
    let _workers = (work(&pool), work(&pool));
    until(&pool, DELIVERED, 200).await;
    let told = receiver.told();
    let ids: BTreeSet<&str> = told.iter().map(|told| told.id()).collect();
    assert_eq!((told.len(), ids.len()), (200, 200));
    assert_eq!(receiver.most().0, 1, "one thing was told twice at the same time");
}

/// The worker dies when the receiver has it, and nobody has written that down.
#[tokio::test]
async fn what_was_told_before_a_crash_is_told_again_under_the_same_id() {
    let (pool, receiver) = (open().await, Receiver::open(Manner::Answers(200)).await);
    add(&pool, &receiver.url, &["order.ready"]).await;
    hear_ready(&pool, 1..2).await;
    let mut conn = connection(&pool).await;
    let taken = take_calls(&mut conn, 10).await.unwrap().pop().unwrap();
    let outcome = calls().tell(&taken).await;
    assert_eq!(receiver.told().len(), 1);
    assert!(take_calls(&mut conn, 10).await.unwrap().is_empty(), "somebody has it");
    assert_eq!(count(&pool, "delivery WHERE state = 'due' AND attempt = 1").await, 1);
    execute(&pool, "UPDATE delivery SET leased_until = now()").await;
    let _worker = work(&pool);
    until(&pool, DELIVERED, 1).await;
    let told = receiver.told();
    assert_eq!(told.len(), 2);
    assert_eq!((told[0].id(), &told[0].body), (told[1].id(), &told[1].body));
    // The dead one comes back, too late.
    let due =
        "UPDATE delivery SET state = 'due', ended_at = NULL, due_at = now() + interval '1 hour'";
    execute(&pool, due).await;
    settle(&pool, &taken.ticket, &outcome).await.unwrap();
    assert_eq!(count(&pool, DELIVERED).await, 0, "its lease has ended");
}

#[tokio::test]
async fn what_has_ended_can_be_asked_for_again() {
    let (pool, receiver) = (open().await, Receiver::open(Manner::Answers(200)).await);
    let webhook_id = add(&pool, &receiver.url, &["order.ready"]).await;
    hear_ready(&pool, 1..2).await;
    let _worker = work(&pool);
    until(&pool, DELIVERED, 1).await;
    let mut conn = connection(&pool).await;
    let page = delivery::page(&mut conn, webhook_id, None, 10).await.unwrap();
    let again = delivery::resend(&mut conn, (page[0].id, webhook_id)).await.unwrap().unwrap();
    assert_eq!((again.state.as_str(), again.attempt), ("due", 0));
    until(&pool, DELIVERED, 1).await;
    let told = receiver.told();
    assert_eq!((told.len(), told[0].id()), (2, told[1].id()));
    let other = uuid::Uuid::now_v7();
    assert!(delivery::resend(&mut conn, (page[0].id, other)).await.unwrap().is_none());
}
