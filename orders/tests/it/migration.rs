//! Migrations, forth and back on a database with orders.

use crate::receipt::asked;
use crate::{
    branch_in, changed, drive, happen, place_all, reach, shop, stored, tell, time_is_over, wish,
};
use bakery_nats::Pool;
use bakery_orders::saga::{Event, State};
use bakery_testbed::database;

/// What came later goes first.
const LATER_DOWN: &str =
    include_str!("../../../migrations/orders/2026-11-24-210000_refund/down.sql");
const LATER_UP: &str = include_str!("../../../migrations/orders/2026-11-24-210000_refund/up.sql");
const UP: &str = include_str!("../../../migrations/orders/2026-11-24-190000_day/up.sql");
const DOWN: &str = include_str!("../../../migrations/orders/2026-11-24-190000_day/down.sql");

/// What the migration `refund` makes of orders from before.
#[tokio::test(flavor = "multi_thread")]
async fn old_orders_keep_the_name_of_their_branch_and_its_copy_is_asked_for_again() {
    let pool = shop().await;
    reach(&pool, 1, State::Served).await;
    database::execute(&pool, LATER_DOWN).await;
    database::execute(&pool, LATER_UP).await;
    let old = asked(&pool, 1).await.unwrap().shop;
    assert_eq!((old.name.as_str(), old.address.as_str()), ("Bakery main", ""));
    assert_eq!(old.time_zone.name(), "Europe/Berlin");
    let known = "SELECT count(*) AS number FROM known_branch";
    assert_eq!(database::number(&pool, known).await, 0, "copies without an address stay");
    tell(&pool, &changed(2, &branch_in("main", "Europe/Berlin", ("00:00", "24:00")))).await;
    reach(&pool, 2, State::Served).await;
    assert_eq!(asked(&pool, 2).await.unwrap().shop.address, "1 Market Square");
}

/// A fingerprint of everything the orders table holds, without these columns.
async fn fingerprint(pool: &Pool, without: &str) -> i64 {
    let sql = format!(
        "SELECT hashtextextended(string_agg((to_jsonb(orders) - '{without}')::text, ' '
                                            ORDER BY id), 0) AS number FROM orders"
    );
    database::number(pool, &sql).await
}

#[tokio::test(flavor = "multi_thread")]
async fn it_keeps_every_order_and_finds_out_which_were_paid() {
    let pool = shop().await;
    for (order, state) in (1..).zip(State::ALL) {
        reach(&pool, order, state).await;
    }
    // Called off before anything was held; after that, but before the bank's answer, which came
    // all the same; and by the clock.
    reach(&pool, 31, State::Placed).await;
    for event in [Event::Cancel, Event::Released, Event::Refunded] {
        happen(&pool, 31, event).await;
    }
    reach(&pool, 32, State::Reserved).await;
    for event in [Event::Cancel, Event::Charged, Event::Released, Event::Refunded] {
        happen(&pool, 32, event).await;
    }
    reach(&pool, 33, State::Reserved).await;
    time_is_over(&pool, 33).await;
    drive(&pool).await;
    let paid = "SELECT count(*) AS number FROM orders WHERE paid";
    assert_eq!(database::number(&pool, paid).await, 9, "charged, sold four times, called off four");
    database::execute(&pool, LATER_DOWN).await;
    let (all, old) = (fingerprint(&pool, "").await, fingerprint(&pool, "paid").await);

    database::execute(&pool, DOWN).await;
    assert_eq!(fingerprint(&pool, "").await, old);
    database::execute(&pool, UP).await;
    assert_eq!(fingerprint(&pool, "").await, all);
    database::execute(&pool, LATER_UP).await;

    // No branch is known yet: it is asked for when the first order names it.
    let refusal = place_all(&pool, &[wish(40)], 10).await.replies.remove(0).expect_err("accepted");
    assert_eq!(refusal.errors[0].field, "branch");
    happen(&pool, 3, Event::Sold).await;
    assert_eq!(stored(&pool, 3).await.state, "confirmed", "old orders do not go on");
}
