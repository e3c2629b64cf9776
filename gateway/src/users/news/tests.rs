//! News as they come from the stream, to a real database: doubled, shuffled, and as nobody sends them.

use super::News;
use crate::MIGRATIONS;
use bakery_nats::Pool;
use bakery_nats::envelope::{Cause, Outgoing, Wire, new_trace};
use bakery_nats::message::Message;
use bakery_nats::messages::bank::AccountOpened;
use bakery_nats::messages::inventory::Line;
use bakery_nats::messages::orders::{OrderChanged, OrderRefunded, Status};
use bakery_nats::money::Currency;
use bakery_nats::process::Outcome;
use bakery_testbed::database::{self, connection};
use bakery_testbed::{at, id, message};
use diesel_async::AsyncConnection;

fn changed(order: u64, status: Status, version: i64) -> OrderChanged {
    let line = |product: &str, quantity| Line { product_id: product.parse().unwrap(), quantity };
    let eur = || Currency::try_from("EUR".to_owned()).unwrap();
    OrderChanged {
        order_id: id("order", order),
        number: "007".to_owned(),
        status,
        version,
        account_id: id("account", 1),
        lines: vec![line("rye", 2), line("donut", 1)],
        total: (version > 1).then_some(500),
        currency: (version > 1).then(eur),
        reason: None,
    }
}

/// A message on the wire under a name of its own.
fn named<M: Message>(body: &M, name: &str, at_s: i64) -> Wire {
    let cause = Cause {
        message_id: "test".to_owned(),
        correlation_id: body.business_id(),
        traceparent: new_trace(body.business_id(), "test"),
        at: at(at_s),
        attempt: 1,
    };
    Wire::of("orders", &Outgoing::named(&"main".parse().unwrap(), name, 1, body), &cause)
}

fn wire(order: u64, status: Status, version: i64) -> Wire {
    let changed = changed(order, status, version);
    named(&changed, changed.name(), version)
}

async fn pool() -> Pool {
    database::fresh("gateway", MIGRATIONS).await
}

/// Handles a batch, of which nothing is sent.
async fn take(pool: &Pool, wires: &[Wire]) {
    for outcome in message::handle(pool, News, wires).await {
        assert_eq!(outcome, Outcome::Send(Vec::new()));
    }
}

async fn count(pool: &Pool, what: &str) -> i64 {
    database::number(pool, &format!("SELECT count(*) AS number FROM {what}")).await
}

/// How an order stands in the view.
async fn stands(pool: &Pool, order: u64, status: Status, version: i64) -> bool {
    let order_id = id("order", order);
    let row = format!(
        "seen_order WHERE order_id = '{order_id}' AND status = '{status}' AND version = {version}"
    );
    count(pool, &row).await == 1
}

#[tokio::test]
async fn the_newest_version_wins_in_one_batch_and_over_batches() {
    let pool = pool().await;
    let (placed, reserved) = (wire(1, Status::Placed, 1), wire(1, Status::Reserved, 2));
    take(&pool, &[reserved.clone(), placed, wire(2, Status::Placed, 1)]).await;
    assert!(stands(&pool, 1, Status::Reserved, 2).await);
    take(&pool, &[wire(1, Status::Served, 7)]).await;
    take(&pool, &[wire(1, Status::Confirmed, 4), wire(1, Status::Ready, 6)]).await;
    assert!(stands(&pool, 1, Status::Served, 7).await);
    assert!(stands(&pool, 2, Status::Placed, 1).await);
    assert_eq!(count(&pool, "seen_order").await, 2);
    assert_eq!(count(&pool, "record").await, 6);
}

#[tokio::test]
async fn the_same_news_again_change_nothing() {
    let pool = pool().await;
    let news = [wire(1, Status::Placed, 1), wire(1, Status::Reserved, 2)];
    for _ in 0..3 {
        take(&pool, &[news.clone(), news.clone()].concat()).await;
    }
    assert_eq!((count(&pool, "seen_order").await, count(&pool, "record").await), (1, 2));
}

#[tokio::test]
async fn an_account_is_known_by_its_currency() {
    let pool = pool().await;
    let currency = Currency::try_from("EUR".to_owned()).unwrap();
    let opened = AccountOpened { account_id: id("account", 1), currency };
    take(&pool, &[message::wire("bank", &opened, at(0)), wire(1, Status::Placed, 1)]).await;
    assert_eq!(count(&pool, "seen_account WHERE currency = 'EUR'").await, 1);
}

#[tokio::test]
async fn what_is_no_news_of_ours_is_a_dead_letter() {
    let pool = pool().await;
    let placed = changed(1, Status::Placed, 1);
    for (name, reason) in
        [("eaten", "no message of the name"), ("served", "names another status than the body")]
    {
        let wire = named(&placed, name, 0);
        let subject = wire.subject.parse().unwrap();
        let error = <super::Input as bakery_nats::process::Input>::decode(&subject, &wire.payload);
        assert!(error.unwrap_err().to_string().contains(reason), "{name}");
    }
    // The same status of the same order, with other content: somebody makes it up.
    take(&pool, &[wire(1, Status::Placed, 1)]).await;
    let other = OrderChanged { account_id: id("account", 2), ..placed };
    let reason = message::dead(&pool, News, &named(&other, "placed", 0)).await;
    assert!(reason.contains("asked before with other content"), "{reason}");
    assert_eq!(count(&pool, "seen_order").await, 1);
}

fn refunded(order: u64, refund: u64, amount: i64) -> Wire {
    let refunded = OrderRefunded {
        order_id: id("order", order),
        number: "007".to_owned(),
        account_id: id("account", 1),
        refund_id: id("refund", refund),
        amount,
        currency: Currency::try_from("EUR".to_owned()).unwrap(),
        reason: "burnt".to_owned(),
    };
    named(&refunded, OrderRefunded::NAME, 50)
}

/// What was spent, by status.
async fn spent(pool: &Pool) -> Vec<(String, i64)> {
    let mut conn = connection(pool).await;
    let rows = crate::users::seen::by_status(&mut conn, id("account", 1)).await.unwrap();
    rows.into_iter().map(|row| (row.status, row.total)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_lowers_what_was_spent_once_also_where_it_comes_before_its_order() {
    let pool = pool().await;
    take(&pool, &[refunded(1, 1, 200)]).await;
    assert_eq!(spent(&pool).await, []);
    take(&pool, &[wire(1, Status::Served, 7), wire(2, Status::Ready, 6)]).await;
    let expected = [("ready".to_owned(), 500), ("served".to_owned(), 300)];
    assert_eq!(spent(&pool).await, expected);
    take(&pool, &[refunded(1, 1, 200), refunded(1, 1, 200), refunded(2, 2, 500)]).await;
    let expected = [("ready".to_owned(), 0), ("served".to_owned(), 300)];
    assert_eq!(spent(&pool).await, expected);
    assert_eq!(count(&pool, "seen_refund").await, 2);
    // Where the records are gone the rows remember.
    database::execute(&pool, "DELETE FROM record").await;
    take(&pool, &[refunded(1, 1, 200)]).await;
    assert_eq!(spent(&pool).await, expected);
    let mut conn = connection(&pool).await;
    let known = conn.transaction(async |conn| crate::users::seen::forget_taken(conn).await);
    assert_eq!(known.await.unwrap(), 2);
    drop(conn);
    assert_eq!(count(&pool, "record").await, 0);
    take(&pool, &[refunded(1, 1, 200), wire(1, Status::Served, 7)]).await;
    assert_eq!(spent(&pool).await, expected);
}
