//! What is written into the outbox, and what is not.

use super::{add, changed, count, hear, open, said};
use crate::notify::event::{Event, fact};
use crate::notify::outbox::{Listener, Listeners, rows};
use crate::notify::webhook::{self, Wanted};
use crate::notify::{channel, sweep};
use crate::sweep::round;
use crate::users::news::Input;
use bakery_nats::envelope::{Delivered, Wire};
use bakery_nats::messages::orders::Status;
use bakery_testbed::database::{connection, execute};
use bakery_testbed::{at, id, message};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

/// A hundred years.
const AHEAD_S: i64 = 100 * 365 * 86_400;

fn heard(order: u64, status: Status, version: i64, at_s: i64) -> Delivered<Input> {
    message::read(&[said(order, status, version, at_s)]).pop().unwrap()
}

/// An order that is ready, by a clock of the shop's that is ahead of the database's whenever this is run.
fn ahead(order: u64, at_s: i64) -> Wire {
    said(order, Status::Ready, 6, AHEAD_S + at_s)
}

fn listener(n: u64, events: &[Event], branch: Option<&str>, since_s: i64) -> Listener {
    let events = events.iter().map(|event| event.as_str().to_owned()).collect();
    let branch = branch.map(str::to_owned);
    Listener { id: id("webhook", n), events, branch, since: at(since_s) }
}

#[test]
fn every_status_but_one_is_an_event_of_its_name() {
    for status in Status::ALL {
        let fact = fact(&heard(1, status, 3, 3));
        let expected = (status != Status::Reserved).then(|| format!("order.{status}"));
        assert_eq!(fact.map(|fact| fact.event.as_str().to_owned()), expected);
    }
    let names = Event::ALL.map(Event::as_str);
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    assert!(Event::ALL.into_iter().all(|event| event.as_str().parse() == Ok(event)));
}

#[test]
fn who_wants_to_be_told_is_told_and_nobody_else() {
    let ready = fact(&heard(1, Status::Ready, 6, 10)).unwrap();
    let told = |listener: Listener| {
        let listeners = Listeners { webhooks: vec![listener], mail_since: None };
        rows(&listeners, std::slice::from_ref(&ready)).unwrap().len()
    };
    let (ready_only, others) = ([Event::Ready], [Event::Confirmed, Event::Cancelled]);
    assert_eq!(told(listener(1, &ready_only, None, 0)), 1);
    assert_eq!(told(listener(1, &others, None, 0)), 0);
    assert_eq!(told(listener(1, &ready_only, Some("main"), 0)), 1);
    assert_eq!(told(listener(1, &ready_only, Some("pier"), 0)), 0);
    assert_eq!(told(listener(1, &ready_only, None, 9)), 1);
    assert_eq!(told(listener(1, &ready_only, None, 10)), 0, "it was made after that");
}

#[test]
fn a_customer_gets_mails_about_few_events_and_none_of_the_time_before() {
    let mailed = |status, version, since_s| {
        let listeners = Listeners { webhooks: Vec::new(), mail_since: Some(at(since_s)) };
        let facts: Vec<_> = fact(&heard(1, status, version, 10)).into_iter().collect();
        rows(&listeners, &facts).unwrap().len()
    };
    for status in Status::ALL {
        let wanted = [Status::Confirmed, Status::Ready, Status::Cancelled].contains(&status);
        assert_eq!(mailed(status, 3, 0), usize::from(wanted), "{status}");
        assert_eq!(mailed(status, 3, 10), 0, "{status}");
    }
    assert_eq!(mailed(Status::Cancelled, 1, 0), 0, "without a price it was not paid");
}

#[test]
fn a_row_is_known_by_whom_what_and_which() {
    let ids = |n, status, version| {
        let webhooks = vec![listener(n, &Event::ALL, None, 0)];
        let listeners = Listeners { webhooks, mail_since: Some(at(0)) };
        let facts = [fact(&heard(1, status, version, 10)).unwrap()];
        rows(&listeners, &facts).unwrap().into_iter().map(|row| row.id).collect::<Vec<Uuid>>()
    };
    let first = ids(1, Status::Ready, 6);
    assert_eq!(first, ids(1, Status::Ready, 6));
    let others = [ids(2, Status::Ready, 6), ids(1, Status::Ready, 7), ids(1, Status::Served, 6)];
    let distinct: BTreeSet<Uuid> = others.iter().flatten().chain(&first).copied().collect();
    assert_eq!(distinct.len(), 2 + 1 + 2 + 1, "the mails of the first two are the same");
}

#[test]
fn the_body_says_what_is_promised_and_nothing_of_a_person() {
    let listeners =
        Listeners { webhooks: vec![listener(1, &Event::ALL, None, 0)], mail_since: None };
    let facts = [fact(&heard(1, Status::Ready, 6, 10)).unwrap()];
    let row = rows(&listeners, &facts).unwrap().pop().unwrap();
    let body: Value = serde_json::from_str(&row.body).unwrap();
    let data = json!({"order_id": id("order", 1), "number": "007", "branch": "main",
                      "status": "ready", "total": 500, "currency": "EUR", "version": 6});
    assert_eq!(body, json!({"type": "order.ready", "timestamp": at(10), "data": data}));
    let account = changed(1, Status::Ready, 6).account_id.to_string();
    assert!(!row.body.contains(&account));
}

#[tokio::test]
async fn an_event_that_comes_again_at_any_time_makes_no_second_row() {
    let pool = open().await;
    add(&pool, "http://127.0.0.1:1/", &["order.ready", "order.served"]).await;
    add(&pool, "http://127.0.0.1:1/", &["order.ready"]).await;
    let news = [said(1, Status::Ready, 6, 6), said(1, Status::Served, 7, 7)];
    for _ in 0..3 {
        hear(&pool, &[news.clone(), news.clone()].concat()).await;
        assert_eq!(count(&pool, "delivery").await, 3);
    }
    // The view is built anew: nothing is known of these messages any more.
    execute(&pool, "TRUNCATE seen_order, seen_account, record").await;
    hear(&pool, &news).await;
    assert_eq!(count(&pool, "delivery").await, 3);
    assert_eq!(count(&pool, "delivery WHERE state = 'due' AND attempt = 0").await, 3);
}

#[tokio::test]
async fn where_webhooks_are_off_nothing_is_written() {
    let pool = open().await;
    let webhook_id = add(&pool, "http://127.0.0.1:1/", &["order.ready"]).await;
    channel::announce(&pool, false, false).await.unwrap();
    hear(&pool, &[ahead(1, 6)]).await;
    assert_eq!(count(&pool, "delivery").await, 0);
    // On again: what happened between stays untold, also when the log is read again.
    channel::announce(&pool, false, true).await.unwrap();
    execute(&pool, "TRUNCATE record").await;
    hear(&pool, &[ahead(1, 6)]).await;
    assert_eq!(count(&pool, "delivery").await, 0);
    hear(&pool, &[ahead(2, 7)]).await;
    assert_eq!(count(&pool, "delivery").await, 1);
    let mut conn = connection(&pool).await;
    webhook::set_enabled(&mut conn, webhook_id, false).await.unwrap().unwrap();
    hear(&pool, &[ahead(3, 8)]).await;
    assert_eq!(count(&pool, "delivery").await, 1);
    webhook::set_enabled(&mut conn, webhook_id, true).await.unwrap().unwrap();
    execute(&pool, "TRUNCATE record").await;
    hear(&pool, &[ahead(3, 8)]).await;
    assert_eq!(count(&pool, "delivery").await, 1, "it was off then");
}

/// The view is built anew.
#[tokio::test]
async fn who_asks_to_be_told_while_the_log_is_read_again_hears_nothing_of_before() {
    let pool = open().await;
    let old = [ahead(1, 6), ahead(2, 9)];
    hear(&pool, &old).await;
    execute(&pool, "TRUNCATE seen_order, seen_account, record").await;
    let events = vec!["order.ready".to_owned()];
    let wanted = Wanted { url: "http://127.0.0.1:1/".to_owned(), events, branch: None };
    let mut conn = connection(&pool).await;
    webhook::add(&mut conn, Uuid::now_v7(), &wanted, &[7; 32]).await.unwrap().unwrap();
    hear(&pool, &old).await;
    assert_eq!(count(&pool, "delivery").await, 0);
    hear(&pool, &[ahead(3, 10)]).await;
    assert_eq!(count(&pool, "delivery").await, 1);
}

#[tokio::test]
async fn a_gateway_that_starts_again_does_not_forget_since_when() {
    let pool = open().await;
    for _ in 0..2 {
        channel::announce(&pool, true, true).await.unwrap();
    }
    let kept = format!("notify_channel WHERE name = 'webhooks' AND since = '{}'", at(0));
    assert_eq!((count(&pool, &kept).await, count(&pool, "notify_channel").await), (1, 2));
}

#[tokio::test]
async fn the_tables_can_be_taken_back() {
    let pool = open().await;
    execute(
        &pool,
        include_str!("../../../../migrations/gateway/2026-11-24-220500_notify/down.sql"),
    )
    .await;
    assert_eq!(count(&pool, "pg_class WHERE relname IN ('delivery', 'webhook')").await, 0);
    execute(&pool, include_str!("../../../../migrations/gateway/2026-11-24-220500_notify/up.sql"))
        .await;
    assert_eq!(count(&pool, "delivery").await, 0);
    hear(&pool, &[ahead(1, 6)]).await;
    let newest = [
        include_str!("../../../../migrations/gateway/2026-11-24-231500_newest/down.sql"),
        include_str!("../../../../migrations/gateway/2026-11-24-231500_newest/up.sql"),
    ];
    for sql in newest {
        execute(&pool, sql).await;
    }
    assert_eq!(count(&pool, &format!("notify_newest WHERE at = '{}'", at(AHEAD_S + 6))).await, 1);
}

#[tokio::test]
async fn the_sweep_ends_what_is_too_old_and_deletes_what_is_only_history() {
    let pool = open().await;
    let webhook_id = add(&pool, "http://127.0.0.1:1/", &["order.ready"]).await;
    let wires: Vec<_> = (0..4).map(|order| said(order, Status::Ready, 6, 6)).collect();
    hear(&pool, &wires).await;
    let order = |n| format!("WHERE order_id = '{}'", id("order", n));
    let old = "UPDATE delivery SET asked_at = now() - interval '73 hours'";
    execute(&pool, &format!("{old} {}", order(0))).await;
    let ended = "UPDATE delivery SET state = 'delivered', ended_at = now() - interval";
    execute(&pool, &format!("{ended} '101 days' {}", order(1))).await;
    execute(&pool, &format!("{ended} '99 days' {}", order(2))).await;
    let secret =
        "UPDATE webhook SET old_secret = secret, old_secret_until = now() - interval '1 s'";
    execute(&pool, secret).await;
    assert_eq!(round(&pool, &sweep::SWEEPS).await.unwrap(), 3);
    assert_eq!(count(&pool, &format!("delivery {}", order(1))).await, 0);
    assert_eq!(count(&pool, "delivery WHERE state = 'failed'").await, 1);
    assert_eq!(count(&pool, "webhook WHERE old_secret IS NULL").await, 1);
    // News that were written while it was switched off.
    let off = "UPDATE webhook SET enabled = false, off_reason = 'by_hand'";
    execute(&pool, &format!("{off} WHERE id = '{webhook_id}'")).await;
    assert_eq!(round(&pool, &sweep::SWEEPS).await.unwrap(), 1);
    assert_eq!(count(&pool, "delivery WHERE state = 'due'").await, 0);
}
