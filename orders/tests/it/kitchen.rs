//! What the kitchen and the board at the counter are told, and how fast the kitchen was.

use crate::{
    PRICE, ada, answer, eur, happen, order_id, place_all, place_at, reach, shop, tell, way_to, wish,
};
use bakery_nats::Pool;
use bakery_nats::messages::bank::PaidBack;
use bakery_nats::messages::orders::Status;
use bakery_nats::request::Asked;
use bakery_nats::requests::kitchen::{
    BakeList, Board, HourCount, Kitchen, KitchenStats, KitchenStatsReply, ProductWait, StageTime,
    WantedLine,
};
use bakery_nats::requests::orders::{Action, Advance, Place, StatusCount};
use bakery_nats::requests::refunds::RefundOrder;
use bakery_orders::saga::{Event, State};
use bakery_orders::{AdvanceWriter, RefundWriter, Saga, bake_list, board, queue, statistics};
use bakery_testbed::{at, database, id, message};
use uuid::Uuid;

/// Seconds of a day.
const DAY_S: i64 = 86_400;

fn asked<R>(body: R) -> Asked<R> {
    Asked { request_id: Uuid::now_v7(), at: at(0), body }
}

/// A shop whose orders 1 to 17 are each in another state.
async fn shop_with_all_states() -> Pool {
    let pool = shop().await;
    for (order, state) in (1..).zip(State::ALL) {
        reach(&pool, order, state).await;
    }
    pool
}

fn orders_in(states: &[State]) -> Vec<Uuid> {
    let all = (1..).zip(State::ALL).filter(|(_, state)| states.contains(state));
    let mut ids: Vec<Uuid> = all.map(|(order, _)| order_id(order)).collect();
    ids.sort();
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn the_kitchen_sees_what_it_has_in_hand_and_the_board_what_it_may_show() {
    let pool = shop_with_all_states().await;
    let main = || "main".parse().unwrap();
    let seen = queue(pool.clone(), asked(Kitchen { branch: main() })).await.unwrap();
    let ids: Vec<Uuid> = seen.orders.iter().map(|order| order.id).collect();
    assert_eq!(ids, orders_in(&[State::Confirmed, State::Preparing, State::Ready]));
    assert!(!seen.more);
    assert!(seen.orders.iter().all(|order| order.items.iter().all(|item| item.units.is_empty())));
    assert_eq!(seen.orders[0].customer.name, "Ada");

    let shown = board(pool.clone(), asked(Board { branch: main() })).await.unwrap().orders;
    let ids: Vec<Uuid> = shown.iter().map(|line| line.order_id).collect();
    assert_eq!(ids, orders_in(&[State::Preparing, State::Ready]));
    assert!(shown.iter().all(|line| matches!(line.status, Status::Preparing | Status::Ready)));
    assert!(shown.iter().all(|line| line.number.len() == 3));

    let north = || "north".parse().unwrap();
    let elsewhere = queue(pool.clone(), asked(Kitchen { branch: north() })).await.unwrap();
    assert!(elsewhere.orders.is_empty() && !elsewhere.more);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_kitchen_sees_how_much_of_an_order_was_refunded() {
    let pool = shop().await;
    for order in [1, 2] {
        reach(&pool, order, State::Preparing).await;
    }
    let amount = PRICE;
    let (refund_id, order_id, account_id) = (id("refund", 1), order_id(1), ada());
    let reason = "burnt".to_owned();
    let refund = RefundOrder { refund_id, order_id, idempotency_key: None, lines: None, reason };
    message::write(&pool, RefundWriter, refund, at(40)).await.0.expect("refunded");
    let paid = PaidBack { refund_id, order_id, account_id, amount: eur(amount) };
    tell(&pool, &paid).await;
    let branch = "main".parse().unwrap();
    let seen = queue(pool, asked(Kitchen { branch })).await.unwrap().orders;
    for order in seen {
        let expected = if order.id == order_id { amount } else { 0 };
        assert_eq!((order.refunded, order.refunds.len()), (expected, 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_to_be_baked_is_what_is_paid_and_not_ready() {
    let pool = shop_with_all_states().await;
    let list = bake_list(pool, asked(BakeList { branch: "main".parse().unwrap() })).await.unwrap();
    let line = |product: &str, units| WantedLine {
        product_id: product.parse().unwrap(),
        units,
        orders: 3,
    };
    // Charged, confirmed and preparing: two breads and a donut each.
    assert_eq!(list.lines, [line("bread", 6), line("donut", 3)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_oldest_come_first_and_who_has_more_is_told_so() {
    let pool = shop().await;
    let many: Vec<Place> =
        (1..=101).map(|order| Place { order_id: Uuid::now_v7(), ..wish(order) }).collect();
    place_all(&pool, &many, 10).await;
    database::execute(&pool, "UPDATE orders SET state = 'confirmed', status = 'confirmed'").await;
    let ask = async || {
        let branch = "main".parse().unwrap();
        queue(pool.clone(), asked(Kitchen { branch })).await.unwrap()
    };
    let seen = ask().await;
    let ids: Vec<Uuid> = seen.orders.iter().map(|order| order.id).collect();
    let placed: Vec<Uuid> = many.iter().map(|wish| wish.order_id).collect();
    assert_eq!((ids.as_slice(), seen.more), (&placed[..100], true));
    let served = format!("UPDATE orders SET status = 'served' WHERE id = '{}'", placed[0]);
    database::execute(&pool, &served).await;
    let seen = ask().await;
    assert_eq!((seen.orders[0].id, seen.orders.len(), seen.more), (placed[1], 100, false));
}

#[tokio::test(flavor = "multi_thread")]
async fn yesterdays_orders_are_still_in_hand_and_older_ones_are_not() {
    let pool = shop().await;
    for (order, day) in [(1, 0), (2, 1), (3, 2)] {
        place_all(&pool, &[wish(order)], 10 + day * DAY_S).await;
    }
    database::execute(&pool, "UPDATE orders SET state = 'ready', status = 'ready'").await;
    let branch = "main".parse().unwrap();
    let seen = queue(pool, asked(Kitchen { branch })).await.unwrap();
    let mut ids: Vec<Uuid> = seen.orders.iter().map(|order| order.id).collect();
    ids.sort();
    let mut expected = vec![order_id(2), order_id(3)];
    expected.sort();
    assert_eq!(ids, expected);
}

/// Friday's last orders are Monday's first work, and what was paid is never out of sight.
#[tokio::test(flavor = "multi_thread")]
async fn after_days_of_rest_the_last_business_day_is_in_hand_and_of_older_ones_what_is_paid() {
    let pool = shop().await;
    let states = [State::Confirmed, State::Preparing, State::Ready];
    for (week, day) in [0, 7, 10].into_iter().enumerate() {
        for (order, state) in (1 + 3 * week as u64..).zip(states) {
            place_all(&pool, &[wish(order)], 10 + day * DAY_S).await;
            for event in way_to(state) {
                happen(&pool, order, event).await;
            }
        }
    }
    let sorted = |orders: &[u64]| {
        let mut ids: Vec<Uuid> = orders.iter().map(|order| order_id(*order)).collect();
        ids.sort();
        ids
    };
    let main = || "main".parse().unwrap();
    let seen = queue(pool.clone(), asked(Kitchen { branch: main() })).await.unwrap();
    let ids: Vec<Uuid> = seen.orders.iter().map(|order| order.id).collect();
    assert_eq!(ids, sorted(&[1, 2, 4, 5, 6, 7, 8, 9]));
    let shown = board(pool.clone(), asked(Board { branch: main() })).await.unwrap().orders;
    let ids: Vec<Uuid> = shown.iter().map(|line| line.order_id).collect();
    assert_eq!(ids, sorted(&[5, 6, 8, 9]), "a number of long ago is on the board");
    let list = bake_list(pool, asked(BakeList { branch: main() })).await.unwrap();
    let wanted: Vec<_> = list.lines.iter().map(|line| (line.units, line.orders)).collect();
    assert_eq!(wanted, [(12, 6), (6, 6)]);
}

/// Places an order at second 10, buys it at 20, and takes it further at these seconds.
async fn work(pool: &Pool, order: u64, steps: &[(Action, i64)]) {
    place_at(pool, &[wish(order)], at(10)).await;
    for event in [Event::Reserved, Event::Charged, Event::Sold] {
        message::handle(pool, Saga, &[answer(order, event)]).await;
    }
    for (action, second) in steps {
        let advance = Advance { order_id: order_id(order), action: *action };
        message::write(pool, AdvanceWriter, advance, at(*second)).await.0.expect("done");
    }
}

async fn stats(pool: &Pool, branch: &str, date: &str) -> KitchenStatsReply {
    let body = KitchenStats {
        branch: branch.parse().unwrap(),
        date: date.parse().unwrap(),
        time_zone: "Europe/Berlin".parse().unwrap(),
    };
    statistics(pool.clone(), asked(body)).await.expect("figures")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_of_the_kitchen_in_figures() {
    let pool = shop().await;
    let (start, ready, serve) = (Action::Start, Action::Ready, Action::Serve);
    work(&pool, 1, &[(start, 50), (ready, 90), (serve, 100)]).await;
    work(&pool, 2, &[(start, 30), (ready, 130), (serve, 330)]).await;
    work(&pool, 3, &[(start, 40), (ready, 50)]).await;
    work(&pool, 4, &[]).await;
    // Cancelled once it was bought: it was confirmed, and never prepared.
    work(&pool, 5, &[(Action::Cancel, 25)]).await;
    // Never bought.
    place_at(&pool, &[wish(6)], at(10)).await;

    let figures = stats(&pool, "main", "2027-01-15").await;
    let count = |status, orders| StatusCount { status, orders };
    let expected = [
        count(Status::Placed, 1),
        count(Status::Confirmed, 1),
        count(Status::Ready, 1),
        count(Status::Served, 2),
        count(Status::Cancelled, 1),
    ];
    assert_eq!(figures.orders, expected);
    let stage = |from, to, orders, mean_s, p95_s| StageTime { from, to, orders, mean_s, p95_s };
    let expected = [
        stage(Status::Placed, Status::Confirmed, 5, 10.0, 10.0),
        // 30, 10 and 20 seconds; nineteen of twenty lie a tenth below the longest.
        stage(Status::Confirmed, Status::Preparing, 3, 20.0, 29.0),
        stage(Status::Preparing, Status::Ready, 3, 50.0, 94.0),
        stage(Status::Ready, Status::Served, 2, 105.0, 190.5),
    ];
    assert_eq!(figures.stages, expected);
    // From 10 to 90, 130 and 50.
    let wait = |product: &str| ProductWait {
        product_id: product.parse().unwrap(),
        orders: 3,
        mean_s: 80.0,
    };
    assert_eq!(figures.products, [wait("bread"), wait("donut")]);
    let (placed, zone) = (at(10), "Europe/Berlin".parse::<chrono_tz::Tz>().unwrap());
    let hour = chrono::Timelike::hour(&placed.with_timezone(&zone));
    assert_eq!(figures.hours, [HourCount { hour, orders: 6 }]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_without_orders_has_no_figures_and_no_day_of_the_past_millennium_is_one() {
    let pool = shop().await;
    work(&pool, 1, &[(Action::Start, 50)]).await;
    let nothing =
        KitchenStatsReply { orders: vec![], stages: vec![], products: vec![], hours: vec![] };
    for (branch, date) in
        [("north", "2027-01-15"), ("main", "2027-01-14"), ("nowhere", "2027-01-15")]
    {
        assert_eq!(stats(&pool, branch, date).await, nothing, "{branch} {date}");
    }
    let body = KitchenStats {
        branch: "main".parse().unwrap(),
        date: "0999-01-15".parse().unwrap(),
        time_zone: chrono_tz::UTC,
    };
    assert_eq!(statistics(pool, asked(body)).await.unwrap_err().status, 422);
}

/// A step must not make the row longer to find: an index on what changes would cost an entry a step.
#[tokio::test(flavor = "multi_thread")]
async fn the_steps_of_the_kitchen_change_no_index() {
    let pool = shop().await;
    reach(&pool, 1, State::Served).await;
    let indexed = "SELECT count(*) AS number FROM pg_index, pg_attribute
                   WHERE indrelid = 'orders'::regclass AND attrelid = indrelid
                     AND attnum = ANY(indkey) AND attname IN ('state', 'status', 'version')";
    assert_eq!(database::number(&pool, indexed).await, 0);
    let conditions = "SELECT count(*) AS number FROM pg_index
                      WHERE indrelid = 'orders'::regclass
                        AND pg_get_expr(indpred, indrelid) ~ '\\y(state|status|version)\\y'";
    assert_eq!(database::number(&pool, conditions).await, 0, "a condition counts as well");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_says_what_would_fit() {
    let pool = shop().await;
    for (order, state, action, words) in [
        (1, State::Placed, Action::Start, "only be cancelled"),
        (2, State::Confirmed, Action::Serve, "what fits is \"start\" or \"cancel\""),
        (3, State::Preparing, Action::Serve, "what fits is \"ready\""),
        (4, State::Ready, Action::Start, "what fits is \"serve\""),
        (5, State::Served, Action::Ready, "nothing more"),
    ] {
        reach(&pool, order, state).await;
        let refusal = crate::advance(&pool, order, action).await.0.expect_err("done");
        let status = format!("is {}, so \"{}\" does not fit", state.status(), action.as_str());
        assert!(refusal.detail.contains(&status), "{}", refusal.detail);
        assert!(refusal.detail.contains(words), "{}", refusal.detail);
    }
}
