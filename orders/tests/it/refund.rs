//! `orders.refund`: money goes back while the order stays, once, and however often it is asked.

use crate::{PRICE, ada, bob, drive, eur, line, order_id, place, reach, said, shop, stored};
use bakery_nats::Pool;
use bakery_nats::envelope::{CORRELATION_ID, Wire};
use bakery_nats::messages::bank::{PaidBack, PayBack};
use bakery_nats::messages::inventory::Line;
use bakery_nats::messages::orders::{OrderRefunded, Status};
use bakery_nats::refusal::Refusal;
use bakery_nats::request::Asked;
use bakery_nats::requests::orders::{
    DaySales, GetOrder, GetTimeline, ListOrders, Order, TimelineEntry,
};
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

/// The timeline of the first order.
async fn events(pool: &Pool) -> Vec<TimelineEntry> {
    let body = GetTimeline { order_id: order_id(1) };
    let asked = Asked { request_id: Uuid::now_v7(), at: at(0), body };
    timeline(pool.clone(), asked).await.expect("a timeline").events
}

/// How many records the first refund has with this step.
async fn own_records(pool: &Pool, step: &str) -> i64 {
    let sql = format!(
        "SELECT count(*) AS number FROM record WHERE business_id = '{}' AND step = '{step}'",
        id("refund", 1)
    );
    database::number(pool, &sql).await
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
        let step = format!("pay-back-again-{attempt}");
        assert_eq!(own_records(&pool, &step).await, 1);
        assert!(drive(&pool).await.is_empty(), "driven twice at one deadline");
    }
    tell(&pool, &paid(1, 1, PRICE)).await;
    overdue(&pool).await;
    assert!(drive(&pool).await.is_empty(), "it was paid, and asked for again");
    let events = events(&pool).await;
    let of = |name: &str| events.iter().filter(|event| event.subject.ends_with(name)).count();
    assert_eq!((of(".pay-back"), of(".paid-back"), of(".refunded")), (3, 1, 1));
}

/// What the bank never answers is asked for ever, and must not fill the timeline.
#[tokio::test(flavor = "multi_thread")]
async fn a_timeline_has_every_step_and_of_each_refunds_repeats_the_newest_ten() {
    let pool = shop().await;
    reach(&pool, 1, State::Served).await;
    let before = events(&pool).await.len();
    for n in 1..=2 {
        ask(&pool, wish(n, 1, Some(vec![line("bread", 1)]))).await.0.expect("refunded");
    }
    for _ in 0..13 {
        overdue(&pool).await;
        assert_eq!(drive(&pool).await.len(), 2);
    }
    tell(&pool, &paid(1, 1, 300)).await;
    let events = events(&pool).await;
    let sent = |refund: u64, attempt: u32| {
        let id = format!("orders:{}:pay-back:cmd:{attempt}", id("refund", refund));
        events.iter().filter(|event| event.message_id == id).count()
    };
    for refund in [1, 2] {
        let found: Vec<u32> = (1..=14).filter(|attempt| sent(refund, *attempt) == 1).collect();
        let expected: Vec<u32> = std::iter::once(1).chain(5..=14).collect();
        assert_eq!(found, expected, "the first is a step, and ten repeats stay");
    }
    // Two messages of each refund's step and of each repeat, and of the answer to the first one.
    assert_eq!(events.len(), before + 2 * 2 + 2 * 10 * 2 + 2);
    assert!(events.is_sorted_by_key(|event| event.time));
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
async fn a_day_counts_the_refunds_that_were_made_in_it_as_paid_or_as_under_way() {
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
    let asked = sales(Some((0, 1000))).await;
    assert_eq!((asked.paid_back, asked.asked_refunds, asked.asked_back), (Some(0), 1, 150));
    let other_day = sales(Some((0, 40))).await;
    assert_eq!((other_day.asked_refunds, other_day.asked_back), (0, 0));
    tell(&pool, &paid(1, 1, 150)).await;
    let spans = [
        (Some((0, 1000)), Some(150)),
        (Some((40, 41)), Some(150)),
        (Some((0, 40)), Some(0)),
        (None, None),
    ];
    for (span, expected) in spans {
        let day = sales(span).await;
        assert_eq!(day.paid_back, expected, "{span:?}");
        assert_eq!((day.asked_refunds, day.asked_back), (0, 0), "it is paid");
        assert_eq!((day.takings, day.refunds), (PRICE, 0), "goods and prices stay as they were");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_open_or_paid_keeps_its_migration_from_going_back() {
    let pool = shop().await;
    place(&pool, 2).await;
    reach(&pool, 1, State::Served).await;
    ask(&pool, wish(1, 1, None)).await.0.expect("refunded");
    let down = include_str!("../../../migrations/orders/2026-11-24-210000_refund/down.sql");
    let back = async || {
        let mut conn = pool.get().await.unwrap();
        let result = diesel_async::SimpleAsyncConnection::batch_execute(&mut *conn, down).await;
        result.unwrap_err().to_string()
    };
    assert!(back().await.contains("there are refunds"));
    tell(&pool, &paid(1, 1, PRICE)).await;
    assert!(back().await.contains("there are refunds"));
    assert_eq!(read(&pool, 1).await.refunded, PRICE, "something was changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_order_without_a_price_is_our_failure_and_nothing_to_try_again() {
    let pool = shop().await;
    reach(&pool, 1, State::Served).await;
    database::execute(&pool, "UPDATE orders SET total = NULL, currency = NULL").await;
    let refusal = refuse(&pool, wish(1, 1, None)).await;
    assert_eq!((refusal.status, refusal.code.as_str()), (500, "internal"));
    assert_eq!(open(&pool).await, 0);
}
