//! Receivers that fail, are slow, hang, are gone, or point at our own network.

use super::receiver::{Manner, Receiver};
use super::{add, calls, count, hear_ready, open, until, work, work_by};
use crate::notify::call::Calls;
use crate::notify::delivery::{DueCall, Ticket, take_calls};
use crate::notify::retry::Outcome;
use crate::notify::settle::settle;
use crate::notify::webhook::{self, Wanted};
use crate::notify::worker::Channel;
use bakery_nats::Pool;
use bakery_testbed::database::{connection, execute};
use diesel::QueryResult;
use diesel_async::AsyncPgConnection;
use std::sync::Arc;

/// Tried, and to be tried again.
const WAITING: &str = "delivery WHERE state = 'due' AND attempt = 1 AND lease IS NULL";

/// Tries what is due once. A worker would try it again after a few seconds, which on a busy machine are over
/// before a test has looked.
async fn try_once(pool: &Pool) {
    let mut conn = connection(pool).await;
    let taken = take_calls(&mut conn, 1).await.unwrap().pop().unwrap();
    settle(pool, &taken.ticket, &calls().tell(&taken).await).await.unwrap();
}

/// Nobody waits for the pause in a test.
async fn make_due(pool: &Pool) {
    execute(pool, "UPDATE delivery SET due_at = now() WHERE state = 'due'").await;
}

#[tokio::test]
async fn a_receiver_that_fails_is_told_again_later_under_the_same_id() {
    let (pool, receiver) = (open().await, Receiver::open(Manner::Answers(500)).await);
    add(&pool, &receiver.url, &["order.ready"]).await;
    hear_ready(&pool, 1..2).await;
    try_once(&pool).await;
    let waiting = "delivery JOIN webhook ON webhook.id = webhook_id
                   WHERE state = 'due' AND attempt = 1 AND lease IS NULL AND answer = 500
                   AND due_at - failed_at BETWEEN interval '4 s' AND interval '6 s'
                   AND failing_since = failed_at";
    assert_eq!(count(&pool, waiting).await, 1);
    receiver.set(Manner::Answers(200));
    make_due(&pool).await;
    let _worker = work(&pool);
    until(&pool, "delivery WHERE state = 'delivered' AND attempt = 2", 1).await;
    assert_eq!(count(&pool, "webhook WHERE failing_since IS NULL").await, 1);
    let told = receiver.told();
    assert_eq!((told.len(), told[0].id()), (2, told[1].id()));
}

#[tokio::test]
async fn after_the_last_pause_it_is_given_up() {
    let (pool, receiver) = (open().await, Receiver::open(Manner::Answers(503)).await);
    add(&pool, &receiver.url, &["order.ready"]).await;
    hear_ready(&pool, 1..2).await;
    execute(&pool, "UPDATE delivery SET attempt = 8").await;
    let _worker = work(&pool);
    until(&pool, "delivery WHERE state = 'failed' AND attempt = 9 AND answer = 503", 1).await;
    assert_eq!(count(&pool, "webhook WHERE enabled").await, 1);
}

#[tokio::test]
async fn who_is_gone_is_told_nothing_any_more() {
    let (pool, receiver) = (open().await, Receiver::open(Manner::Answers(410)).await);
    add(&pool, &receiver.url, &["order.ready"]).await;
    hear_ready(&pool, 0..30).await;
    let _worker = work(&pool);
    until(&pool, "delivery WHERE state = 'failed'", 30).await;
    assert_eq!(count(&pool, "webhook WHERE NOT enabled AND off_reason = 'gone'").await, 1);
    assert!(receiver.told().len() <= 4, "{}", receiver.told().len());
    hear_ready(&pool, 30..31).await;
    assert_eq!(count(&pool, "delivery").await, 30);
}

/// It is mended while the old URL has a call in its hand.
#[tokio::test]
async fn what_the_old_url_answers_is_not_the_new_ones() {
    let gone = Receiver::open(Manner::Answers(410)).await;
    let well = Receiver::open(Manner::Answers(200)).await;
    let pool = open().await;
    let webhook_id = add(&pool, &gone.url, &["order.ready"]).await;
    hear_ready(&pool, 1..2).await;
    let mut conn = connection(&pool).await;
    let taken = take_calls(&mut conn, 1).await.unwrap().pop().unwrap();
    let answered = calls().tell(&taken).await;
    let events = vec!["order.ready".to_owned()];
    let mut wanted = Wanted { url: gone.url.clone(), events, branch: Some("main".to_owned()) };
    webhook::change(&mut conn, webhook_id, &wanted).await.unwrap().unwrap();
    assert_eq!(count(&pool, "delivery WHERE lease IS NOT NULL").await, 1, "the URL is the same");
    wanted.url.clone_from(&well.url);
    webhook::change(&mut conn, webhook_id, &wanted).await.unwrap().unwrap();
    settle(&pool, &taken.ticket, &answered).await.unwrap();
    assert_eq!(count(&pool, "webhook WHERE enabled").await, 1);
    let _worker = work(&pool);
    until(&pool, "delivery WHERE state = 'delivered'", 1).await;
    assert_eq!((gone.told().len(), well.told().len()), (1, 1));
}

#[tokio::test]
async fn an_outcome_counts_only_with_its_lease_and_at_its_url() {
    let (pool, receiver) = (open().await, Receiver::open(Manner::Answers(410)).await);
    add(&pool, &receiver.url, &["order.ready"]).await;
    hear_ready(&pool, 1..2).await;
    let mut conn = connection(&pool).await;
    let taken = take_calls(&mut conn, 1).await.unwrap().pop().unwrap();
    let answered = calls().tell(&taken).await;
    let off = "webhook WHERE NOT enabled AND off_reason = 'gone'";
    let (lease, url) = (taken.ticket.lease, &taken.url);
    for (other, same) in [
        (
            "UPDATE delivery SET lease = gen_random_uuid()".to_owned(),
            format!("UPDATE delivery SET lease = '{lease}'"),
        ),
        // Taken by who had read the URL just before it was changed.
        (
            "UPDATE webhook SET url = 'https://other.example/'".to_owned(),
            format!("UPDATE webhook SET url = '{url}'"),
        ),
    ] {
        execute(&pool, &other).await;
        settle(&pool, &taken.ticket, &answered).await.unwrap();
        assert_eq!(count(&pool, off).await, 0, "{other}");
        assert_eq!(count(&pool, "delivery WHERE state = 'due'").await, 1, "{other}");
        execute(&pool, &same).await;
    }
    settle(&pool, &taken.ticket, &answered).await.unwrap();
    assert_eq!(count(&pool, off).await, 1);
    assert_eq!(count(&pool, "delivery WHERE state = 'failed'").await, 1);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let inner = Receiver::open(Manner::Answers(200)).await;
    let outer = Receiver::open(Manner::Redirects(inner.url.clone())).await;
    let pool = open().await;
    add(&pool, &outer.url, &["order.ready"]).await;
    hear_ready(&pool, 1..2).await;
    try_once(&pool).await;
    assert_eq!(count(&pool, &format!("{WAITING} AND answer = 307")).await, 1);
    assert_eq!((outer.told().len(), inner.told().len()), (1, 0));
}

/// Calls of five days failed, with no day between them.
#[tokio::test]
async fn a_webhook_that_fails_for_five_days_is_switched_off() {
    let (pool, receiver) = (open().await, Receiver::open(Manner::Answers(500)).await);
    let webhook_id = add(&pool, &receiver.url, &["order.ready"]).await;
    let failing = async |since: &str, last: &str| {
        let sql = format!(
            "UPDATE webhook SET failing_since = now() - interval '{since}',
                                failed_at = now() - interval '{last}' WHERE id = '{webhook_id}'"
        );
        execute(&pool, &sql).await;
    };
    failing("6 days", "25 hours").await;
    hear_ready(&pool, 1..2).await;
    try_once(&pool).await;
    assert_eq!(count(&pool, WAITING).await, 1);
    let anew = "webhook WHERE enabled AND failing_since > now() - interval '1 hour'";
    assert_eq!(count(&pool, anew).await, 1, "nothing had failed for a day");
    failing("4 days 23 hours", "1 hour").await;
    make_due(&pool).await;
    try_once(&pool).await;
    let again = "delivery WHERE state = 'due' AND attempt = 2 AND lease IS NULL";
    assert_eq!(count(&pool, again).await, 1);
    assert_eq!(count(&pool, "webhook WHERE enabled").await, 1);
    failing("5 days 1 hour", "1 hour").await;
    make_due(&pool).await;
    try_once(&pool).await;
    let off = "webhook WHERE NOT enabled AND off_reason = 'failing'";
    assert_eq!(count(&pool, off).await, 1);
    assert_eq!(count(&pool, "delivery WHERE state = 'failed'").await, 1);
}

/// Calls of which one receiver keeps its places for longer than a test waits: a worker gives them up
/// after 40 s.
struct Patient {
    calls: Calls,
    hanging: String,
}

impl Channel for Patient {
    const AT_ONCE_MAX: usize = Calls::AT_ONCE_MAX;
    type Due = DueCall;

    async fn take(&self, conn: &mut AsyncPgConnection, room: i64) -> QueryResult<Vec<DueCall>> {
        self.calls.take(conn, room).await
    }

    fn ticket(due: &DueCall) -> &Ticket {
        Calls::ticket(due)
    }

    async fn tell(&self, due: &DueCall) -> Outcome {
        let outcome = self.calls.tell(due).await;
        if due.url == self.hanging {
            std::future::pending::<()>().await;
        }
        outcome
    }
}

#[tokio::test]
async fn one_that_hangs_does_not_keep_the_others_waiting() {
    let hanging = Receiver::open(Manner::Hangs).await;
    let well = Receiver::open(Manner::Answers(200)).await;
    let pool = open().await;
    add(&pool, &hanging.url, &["order.ready"]).await;
    let good = add(&pool, &well.url, &["order.ready"]).await;
    // More than there are places.
    hear_ready(&pool, 0..100).await;
    let patient = || Arc::new(Patient { calls: calls(), hanging: hanging.url.clone() });
    let _workers = (work_by(&pool, patient()), work_by(&pool, patient()));
    let done = format!("delivery WHERE webhook_id = '{good}' AND state = 'delivered'");
    // Sooner than any place of one that hangs is free again.
    until(&pool, &done, 100).await;
    // Two workers that look at the same moment may both find room.
    assert!(hanging.most().1 <= 8, "{:?}", hanging.most());
    assert_eq!(hanging.most().0, 1);
}

/// As many as there can be, all hanging, and known for it.
#[tokio::test]
async fn also_where_all_but_one_hang_there_is_a_place_for_that_one() {
    let hanging = Receiver::open(Manner::Hangs).await;
    let well = Receiver::open(Manner::Answers(200)).await;
    let pool = open().await;
    for _ in 1..24 {
        add(&pool, &hanging.url, &["order.ready"]).await;
    }
    execute(&pool, "UPDATE webhook SET failing_since = now(), failed_at = now()").await;
    add(&pool, &well.url, &["order.ready"]).await;
    hear_ready(&pool, 0..20).await;
    let _worker = work(&pool);
    until(&pool, "delivery WHERE state = 'delivered'", 20).await;
    assert_eq!(well.told().len(), 20);
}
