//! `orders.pipeline`: what waits for an answer, added up.

use crate::{WATCHED, due, happen, order_id, place, place_all, reach, shop, wish};
use bakery_nats::Pool;
use bakery_nats::request::Asked;
use bakery_nats::requests::orders::Place;
use bakery_nats::requests::pipeline::{GetPipeline, InFlight, Waiting};
use bakery_orders::saga::{Event, State};
use bakery_orders::{pipeline, redrive};
use bakery_testbed::{at, database};
use uuid::Uuid;

async fn in_flight(pool: &Pool) -> InFlight {
    let asked = Asked { request_id: Uuid::now_v7(), at: at(0), body: GetPipeline {} };
    pipeline(pool.clone(), asked).await.unwrap()
}

/// Branch, state, how many, how many were asked again, and the most attempts.
fn lines(waiting: &[Waiting]) -> Vec<(&str, &str, i64, i64, i32)> {
    let line = |one: &'_ Waiting| (one.open, one.asked_again, one.attempt_max);
    let named = waiting.iter().map(|one| (one.branch.as_str(), one.state.as_str(), line(one)));
    named.map(|(branch, state, (open, again, most))| (branch, state, open, again, most)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_waits_the_clock_is_told_all_the_same() {
    let pool = shop().await;
    reach(&pool, 1, State::Served).await;
    let told = in_flight(&pool).await;
    assert!(told.orders.is_empty() && told.refunds.is_empty());
    let now = database::number(&pool, "SELECT extract(epoch FROM now())::bigint AS number").await;
    assert!((told.measured_at.timestamp() - now).abs() < 60);
}

#[tokio::test(flavor = "multi_thread")]
async fn open_orders_are_counted_by_branch_and_state_the_longest_overdue_first() {
    let pool = shop().await;
    for order in 1..=3 {
        place(&pool, order).await;
    }
    let north = Place { branch: "north".parse().unwrap(), ..wish(4) };
    let north = Place { items: vec![crate::line("bread", 1)], ..north };
    place_all(&pool, &[north], 10).await.replies.remove(0).expect("accepted");
    happen(&pool, 3, Event::Reserved).await;
    reach(&pool, 5, State::Confirmed).await;
    due(&pool, &[1]).await;
    redrive::round(pool.clone(), at(40), WATCHED).await.unwrap();
    due(&pool, &[3]).await;
    let told = in_flight(&pool).await;
    assert_eq!(lines(&told.orders)[0], ("main", "reserved", 1, 0, 1));
    assert!(told.orders[0].due_at < told.measured_at, "it is overdue");
    let mut others = lines(&told.orders[1..]);
    others.sort_unstable();
    assert_eq!(others, [("main", "placed", 2, 1, 2), ("north", "placed", 1, 0, 1)]);
    assert_eq!(told.refunds, []);
    // A refund that the bank has not answered.
    let refund = format!(
        "INSERT INTO refund VALUES ('{}', '{}', 'main', '{}', 'k', '', '[]', 150, 'EUR', 'burnt',
             'asked', now(), NULL, 7, clock_timestamp())",
        Uuid::now_v7(),
        order_id(5),
        crate::ada()
    );
    database::execute(&pool, &refund).await;
    assert_eq!(lines(&in_flight(&pool).await.refunds), [("main", "asked", 1, 1, 7)]);
}
