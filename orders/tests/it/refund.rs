//! `orders.refund`: money goes back while the order stays, once, and however often it is asked.

use crate::{
    PRICE, ada, bob, drive, eur, line, order_id, place, reach, records, said, shop, stored,
};
use bakery_nats::Pool;
use bakery_nats::envelope::{CORRELATION_ID, Wire};
use bakery_nats::messages::bank::{PaidBack, PayBack};
use bakery_nats::messages::inventory::Line;
use bakery_nats::messages::orders::{OrderRefunded, Status};
use bakery_nats::refusal::Refusal;
use bakery_nats::request::Asked;
use bakery_nats::requests::orders::{DaySales, GetOrder, GetTimeline, ListOrders, Order};
use bakery_nats::requests::refunds::{RefundOrder, RefundState};
use bakery_nats::write::{Done, commit};
use bakery_orders::saga::State;
use bakery_orders::{RefundWriter, Saga, day_sales, list, order, timeline};
use bakery_testbed::{at, database, id, message};
use chrono::TimeDelta;
use std::sync::Arc;
use uuid::Uuid;

/// A wish to give back something of an order.
fn wish(refund: u64, order: u64, lines: Option<Vec<Line>>) -> RefundOrder {
    RefundOrder {
        refund_id: id("refund", refund),
        order_id: order_id(order),
        idempotency_key: None,
        lines,
        reason: "burnt".to_owned(),
    }
}

async fn ask(pool: &Pool, wish: RefundOrder) -> (Done<RefundOrder>, Vec<Wire>) {
    message::write(pool, RefundWriter, wish, at(40)).await
}

async fn refuse(pool: &Pool, wish: RefundOrder) -> Refusal {
    let (reply, wires) = ask(pool, wish).await;
    assert!(wires.is_empty(), "a refusal sent something");
    reply.expect_err("refunded")
}

fn paid(refund: u64, order: u64, amount: i64) -> PaidBack {
    let (refund_id, order_id, account_id) = (id("refund", refund), order_id(order), ada());
    PaidBack { refund_id, order_id, account_id, amount: eur(amount) }
}

/// The bank says it, in the 50th second.
async fn tell(pool: &Pool, said: &PaidBack) -> Vec<Wire> {
    message::sent(pool, Saga, &message::wire("bank", said, at(50))).await
}

async fn read(pool: &Pool, of: u64) -> Order {
    let body = GetOrder { order_id: order_id(of) };
    let asked = Asked { request_id: Uuid::now_v7(), at: at(0), body };
    order(pool.clone(), asked).await.expect("an order")
}

async fn open(pool: &Pool) -> i64 {
    database::number(pool, "SELECT count(*) AS number FROM refund WHERE state = 'asked'").await
}

async fn overdue(pool: &Pool) {
    let sql = "UPDATE refund SET due_at = clock_timestamp() - interval '1 second'";
    database::execute(pool, sql).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_refund_asks_the_bank_and_ends_with_its_answer_while_the_order_stays() {
    let pool = shop().await;
    reach(&pool, 1, State::Served).await;
    let before = stored(&pool, 1).await;
    let (reply, wires) = ask(&pool, wish(1, 1, None)).await;
    let shown = reply.expect("refunded");
    assert_eq!((shown.status, shown.refunded), (Status::Served, 0), "it is not paid yet");
    assert_eq!(shown.refunds[0].state, RefundState::Asked);
    assert_eq!(said(&wires), ["cmd.bank.main.pay-back 1"]);
    let asked: PayBack = message::body(&wires[0]);
    assert_eq!((asked.amount, asked.account_id, asked.made_at), (eur(PRICE), ada(), at(40)));
    assert_eq!(wires[0].header(CORRELATION_ID), Some(order_id(1).to_string().as_str()));

    let told = tell(&pool, &paid(1, 1, PRICE)).await;
    assert_eq!(said(&told), ["evt.orders.main.refunded 1"]);
    let expected = OrderRefunded {
        order_id: order_id(1),
        number: "001".to_owned(),
        account_id: ada(),
        refund_id: id("refund", 1),
        amount: PRICE,
        currency: eur(0).currency,
        reason: "burnt".to_owned(),
    };
    assert_eq!(message::body::<OrderRefunded>(&told[0]), expected);
    let shown = read(&pool, 1).await;
    assert_eq!((shown.refunded, shown.refunds.len()), (PRICE, 1));
    assert_eq!(shown.refunds[0].paid_at, Some(at(50)));
    assert_eq!(stored(&pool, 1).await, before, "the order moved");
    let body = ListOrders { account_id: Some(ada()), ..ListOrders::default() };
    let asked = Asked { request_id: Uuid::now_v7(), at: at(0), body };
    let listed = list(pool.clone(), asked).await.expect("a page").orders.remove(0);
    assert_eq!((listed.refunded, listed.refunds.len()), (PRICE, 0), "details are the order's own");
    assert!(shown.items.iter().all(|item| !item.units.is_empty()), "goods went back");
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_are_refunded_until_nothing_is_left() {
    let pool = shop().await;
    reach(&pool, 1, State::Preparing).await;
    let amounts = [(vec![line("bread", 1)], 300), (vec![line("bread", 1), line("donut", 1)], 450)];
    for (n, (lines, amount)) in (1..).zip(amounts) {
        let (reply, wires) = ask(&pool, wish(n, 1, Some(lines))).await;
        assert_eq!(reply.expect("refunded").refunds.last().unwrap().amount, amount);
        assert_eq!(message::body::<PayBack>(&wires[0]).amount, eur(amount));
    }
    let refusal = refuse(&pool, wish(3, 1, Some(vec![line("bread", 1)]))).await;
    assert_eq!((refusal.status, refusal.errors[0].field.as_str()), (422, "lines[0].quantity"));
    assert_eq!(refuse(&pool, wish(4, 1, None)).await.code, "nothing_to_refund");
    assert_eq!(open(&pool).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_refunds_of_one_batch_cannot_take_the_same_units() {
    let pool = shop().await;
    reach(&pool, 1, State::Ready).await;
    let asked = |n| Asked { request_id: Uuid::now_v7(), at: at(40), body: wish(n, 1, None) };
    let done = commit(&pool, &Arc::new(RefundWriter), &[asked(1), asked(2)]).await.unwrap();
    assert!(done.replies[0].is_ok());
    assert_eq!(done.replies[1].as_ref().unwrap_err().code, "nothing_to_refund");
    assert_eq!((open(&pool).await, done.wires.len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_order_that_the_kitchen_has_is_refunded() {
    let pool = shop().await;
    for (order, state) in (1..).zip(State::ALL) {
        reach(&pool, order, state).await;
        let (reply, _) = ask(&pool, wish(order, order, None)).await;
        let may = matches!(state, State::Preparing | State::Ready | State::Served);
        assert_eq!(reply.is_ok(), may, "{state:?}");
        if let Err(refusal) = reply {
            assert_eq!((refusal.status, refusal.code.as_str()), (409, "wrong_state"), "{state:?}");
        }
    }
    assert_eq!(open(&pool).await, 3);
    assert_eq!(refuse(&pool, wish(99, 99, None)).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_is_the_same_refund_and_other_content_under_it_is_refused() {
    let pool = shop().await;
    reach(&pool, 1, State::Served).await;
    let keyed =
        |n, lines| RefundOrder { idempotency_key: Some("burnt-1".to_owned()), ..wish(n, 1, lines) };
    let one = || Some(vec![line("bread", 1)]);
    let (first, _) = ask(&pool, keyed(1, one())).await;
    let (again, wires) = ask(&pool, keyed(2, one())).await;
    assert_eq!(again.expect("the same"), first.expect("refunded"));
    assert!(wires.is_empty());
    assert_eq!(refuse(&pool, keyed(3, None)).await.code, "idempotency_key_reused");
    // Without a key the id of the refund is the key.
    ask(&pool, wish(4, 1, one())).await.0.expect("refunded");
    ask(&pool, wish(4, 1, one())).await.0.expect("the same");
    assert_eq!(open(&pool).await, 2);
    reach(&pool, 2, State::Served).await;
    let refusal = refuse(&pool, wish(4, 2, None)).await;
    assert_eq!(refusal.errors[0].field, "refund_id", "another order's refund was taken over");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bank_is_asked_again_with_a_fresh_id_and_the_same_words_until_it_answers() {
    let pool = shop().await;
    reach(&pool, 1, State::Served).await;
    // Nanoseconds that the database does not keep: the words must not change by them.
    let made_at = at(40) + TimeDelta::nanoseconds(123_456_789);
    let (_, first) = message::write(&pool, RefundWriter, wish(1, 1, None), made_at).await;
    assert!(drive(&pool).await.is_empty(), "it was driven before its deadline");
    for attempt in 2..=3 {
        overdue(&pool).await;
        let again = drive(&pool).await;
        assert_eq!(said(&again), [format!("cmd.bank.main.pay-back {attempt}")]);
        assert_eq!(again[0].payload, first[0].payload, "another question");
        let step = format!("again-refund-{}-{attempt}", id("refund", 1));
        assert_eq!(records(&pool, 1, &step).await, 1);
        assert!(drive(&pool).await.is_empty(), "driven twice at one deadline");
    }
    tell(&pool, &paid(1, 1, PRICE)).await;
    overdue(&pool).await;
    assert!(drive(&pool).await.is_empty(), "it was paid, and asked for again");
    let body = GetTimeline { order_id: order_id(1) };
    let asked = Asked { request_id: Uuid::now_v7(), at: at(0), body };
    let events = timeline(pool.clone(), asked).await.expect("a timeline").events;
    let of = |name: &str| events.iter().filter(|event| event.subject.ends_with(name)).count();
    assert_eq!((of(".pay-back"), of(".paid-back"), of(".refunded")), (3, 1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn doubled_and_late_answers_tell_it_once_and_wrong_ones_are_dead_letters() {
    let pool = shop().await;
    reach(&pool, 1, State::Served).await;
    ask(&pool, wish(1, 1, None)).await.0.expect("refunded");
    for wrong in [paid(1, 1, PRICE - 1), PaidBack { account_id: bob(), ..paid(1, 1, PRICE) }] {
        let wire = message::wire("bank", &wrong, at(50));
        let reason = message::dead(&pool, Saga, &wire).await;
        assert!(reason.contains("something else"), "{reason}");
    }
    let unknown = message::wire("bank", &paid(9, 1, PRICE), at(50));
    assert!(message::dead(&pool, Saga, &unknown).await.contains("no such refund"));
    assert_eq!(read(&pool, 1).await.refunded, 0);
    let first = tell(&pool, &paid(1, 1, PRICE)).await;
    let late = message::wire_again("bank", &paid(1, 1, PRICE), at(90), 2);
    let again = message::sent(&pool, Saga, &late).await;
    assert_eq!(again[0].message_id(), first[0].message_id(), "it would be told twice");
    assert_eq!(again[0].payload, first[0].payload);
    assert_eq!(read(&pool, 1).await.refunds[0].paid_at, Some(at(50)));
    // Also where the records are gone: the row remembers.
    database::execute(&pool, "DELETE FROM record").await;
    assert!(message::sent(&pool, Saga, &late).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_counts_the_refunds_that_were_made_in_it_once_they_are_paid() {
    let pool = shop().await;
    reach(&pool, 1, State::Served).await;
    ask(&pool, wish(1, 1, Some(vec![line("donut", 1)]))).await.0.expect("refunded");
    let sales = async |span: Option<(i64, i64)>| {
        let (from, to) = (span.map(|(from, _)| at(from)), span.map(|(_, to)| at(to)));
        let (branch, date) = ("main".parse().unwrap(), "2027-01-15".parse().unwrap());
        let body = DaySales { branch, date, from, to };
        let asked = Asked { request_id: Uuid::now_v7(), at: at(0), body };
        day_sales(pool.clone(), asked).await.expect("figures")
    };
    assert_eq!(sales(Some((0, 1000))).await.paid_back, 0, "it is not paid yet");
    tell(&pool, &paid(1, 1, 150)).await;
    for (span, expected) in
        [(Some((0, 1000)), 150), (Some((40, 41)), 150), (Some((0, 40)), 0), (None, 0)]
    {
        let day = sales(span).await;
        assert_eq!(day.paid_back, expected, "{span:?}");
        assert_eq!((day.takings, day.refunds), (PRICE, 0), "goods and prices stay as they were");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_that_is_open_keeps_its_migration_from_going_back() {
    let pool = shop().await;
    place(&pool, 2).await;
    reach(&pool, 1, State::Served).await;
    ask(&pool, wish(1, 1, None)).await.0.expect("refunded");
    let down = include_str!("../../../migrations/orders/2026-11-24-210000_refund/down.sql");
    let mut conn = pool.get().await.unwrap();
    let result = diesel_async::SimpleAsyncConnection::batch_execute(&mut *conn, down).await;
    assert!(result.unwrap_err().to_string().contains("not paid back yet"));
}
