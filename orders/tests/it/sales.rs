//! `orders.day-sales`: what the orders of one business day came to.

use crate::{
    PRICE, answer, drive, happen, place, place_all, reach, shop, stored, time_is_over, wish,
};
use bakery_nats::Pool;
use bakery_nats::messages::orders::Status;
use bakery_nats::request::Asked;
use bakery_nats::requests::orders::{DaySales, DaySalesReply, Place, SalesLine, StatusCount};
use bakery_orders::saga::{Event, State};
use bakery_orders::{Saga, day_sales};
use bakery_testbed::{at, message};
use uuid::Uuid;

/// Seconds of a day.
const DAY_S: i64 = 86_400;

async fn sales(pool: &Pool, branch: &str, date: &str) -> DaySalesReply {
    let body = DaySales {
        branch: branch.parse().unwrap(),
        date: date.parse().unwrap(),
        from: None,
        to: None,
    };
    let asked = Asked { request_id: Uuid::now_v7(), at: at(0), body };
    day_sales(pool.clone(), asked).await.expect("figures")
}

/// Of the day on which the orders of these tests are placed, at `main`.
async fn today(pool: &Pool) -> DaySalesReply {
    sales(pool, "main", "2027-01-15").await
}

fn nothing() -> DaySalesReply {
    DaySalesReply {
        orders: vec![],
        open: 0,
        lines: vec![],
        takings: 0,
        refunds: 0,
        paid_back: None,
        asked_refunds: 0,
        asked_back: 0,
    }
}

fn line(product: &str, units: i64, total: i64) -> SalesLine {
    SalesLine { product_id: product.parse().unwrap(), units, total }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_with_an_order_in_every_state_adds_up() {
    let pool = shop().await;
    for (order, state) in (1..).zip(State::ALL) {
        reach(&pool, order, state).await;
    }
    let count = |status, orders| StatusCount { status, orders };
    let figures = today(&pool).await;
    let expected = [
        count(Status::Placed, 1),
        // Reserved, charged, and being released.
        count(Status::Reserved, 3),
        count(Status::Confirmed, 1),
        count(Status::Preparing, 1),
        count(Status::Ready, 1),
        count(Status::Served, 1),
        count(Status::Rejected, 1),
        count(Status::Declined, 1),
        // Three that give up, three that are returned, one that was.
        count(Status::Cancelled, 7),
    ];
    assert_eq!(figures.orders, expected);
    let waiting = State::ALL.iter().filter(|state| !state.asks().is_empty()).count();
    assert_eq!(figures.open, i64::try_from(waiting).unwrap());
    // Four are kept, and four were called off after they had been bought.
    assert_eq!((figures.takings, figures.refunds), (8 * PRICE, 4 * PRICE));
    assert_eq!(figures.lines, [line("bread", 8, 4 * 600), line("donut", 4, 4 * 150)]);
    let kept: i64 = figures.lines.iter().map(|line| line.total).sum();
    assert_eq!(figures.takings - figures.refunds, kept);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_gave_up_counts_in_no_sum_even_if_it_was_charged_after_that() {
    let pool = shop().await;
    // By a person, and the bank's answer comes before the refund, or after the end.
    reach(&pool, 1, State::Reserved).await;
    for event in [Event::Cancel, Event::Charged, Event::Released, Event::Refunded] {
        happen(&pool, 1, event).await;
    }
    reach(&pool, 2, State::Reserved).await;
    for event in [Event::Cancel, Event::Refunded, Event::Released, Event::Charged] {
        happen(&pool, 2, event).await;
    }
    // By the clock.
    reach(&pool, 3, State::Reserved).await;
    time_is_over(&pool, 3).await;
    drive(&pool).await;
    for event in [Event::Charged, Event::Refunded, Event::Released] {
        happen(&pool, 3, event).await;
    }
    // Before anything was held.
    place(&pool, 4).await;
    for event in [Event::Cancel, Event::Reserved, Event::Released, Event::Refunded] {
        happen(&pool, 4, event).await;
    }
    for order in 1..=4 {
        assert_eq!(stored(&pool, order).await.state, "cancelled");
    }
    let cancelled = StatusCount { status: Status::Cancelled, orders: 4 };
    assert_eq!(today(&pool).await, DaySalesReply { orders: vec![cancelled], ..nothing() });
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_counts_when_it_is_sold_and_as_refunded_when_it_is_called_off() {
    let pool = shop().await;
    place(&pool, 1).await;
    let sums = |reply: DaySalesReply| (reply.takings, reply.refunds, reply.lines.len());
    let steps = [
        (Event::Reserved, (0, 0, 0)),
        // Paid, but the units are not the buyer's yet.
        (Event::Charged, (0, 0, 0)),
        (Event::Sold, (PRICE, 0, 2)),
        (Event::Cancel, (PRICE, PRICE, 0)),
        (Event::Restocked, (PRICE, PRICE, 0)),
        (Event::Refunded, (PRICE, PRICE, 0)),
    ];
    for (event, expected) in steps {
        happen(&pool, 1, event).await;
        assert_eq!(sums(today(&pool).await), expected, "after {event:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_is_bought_in_one_batch_was_paid_all_the_same() {
    let pool = shop().await;
    place(&pool, 1).await;
    let batch = [Event::Reserved, Event::Charged, Event::Sold].map(|event| answer(1, event));
    message::handle(&pool, Saga, &batch).await;
    assert_eq!(today(&pool).await.takings, PRICE);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_orders_of_that_branch_and_day_count_and_where_there_are_none_all_is_zero() {
    let pool = shop().await;
    reach(&pool, 1, State::Confirmed).await;
    let north =
        Place { branch: "north".parse().unwrap(), items: vec![crate::line("bread", 1)], ..wish(2) };
    place_all(&pool, &[north], 10).await.replies.remove(0).expect("accepted");
    place_all(&pool, &[wish(3)], DAY_S).await.replies.remove(0).expect("accepted");
    let figures = today(&pool).await;
    assert_eq!((figures.orders.len(), figures.open, figures.takings), (1, 0, PRICE));
    for (branch, date) in [("north", "2027-01-15"), ("main", "2027-01-16")] {
        let placed = StatusCount { status: Status::Placed, orders: 1 };
        let expected = DaySalesReply { orders: vec![placed], open: 1, ..nothing() };
        assert_eq!(sales(&pool, branch, date).await, expected, "{branch} on {date}");
    }
    for (branch, date) in [("main", "2027-01-14"), ("nowhere", "2027-01-15")] {
        assert_eq!(sales(&pool, branch, date).await, nothing(), "{branch} on {date}");
    }
}
