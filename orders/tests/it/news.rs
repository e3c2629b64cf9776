//! News of branches: the newest version counts, in whatever order they come.

use crate::{branch_in, changed, place_all, shop, tell, wire, wish};
use bakery_nats::Pool;
use bakery_nats::branch::Branch;
use bakery_nats::process::Outcome;
use bakery_orders::Saga;
use bakery_testbed::{database, message};

/// A name that only this version has.
fn version(n: i64) -> Branch {
    let name = format!("Version {n}");
    Branch { name, closed: true, ..branch_in("main", "Europe/Berlin", ("07:00", "18:00")) }
}

/// The name of `main`, as it is told to whom it does not serve.
async fn told(pool: &Pool) -> String {
    let refusal = place_all(pool, &[wish(1)], 10).await.replies.remove(0).expect_err("open");
    refusal.detail
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_change_after_a_newer_one_changes_nothing() {
    let pool = shop().await;
    assert!(tell(&pool, &changed(3, &version(3))).await.is_empty());
    assert!(told(&pool).await.starts_with("Version 3 "));
    tell(&pool, &changed(2, &version(2))).await;
    assert!(told(&pool).await.starts_with("Version 3 "), "an old version replaced a newer one");
    tell(&pool, &changed(4, &version(4))).await;
    assert!(told(&pool).await.starts_with("Version 4 "));
    let rows = "SELECT count(*) AS number FROM known_branch";
    assert_eq!(database::number(&pool, rows).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_changes_in_one_batch_the_newest_counts_wherever_it_stands() {
    let pool = shop().await;
    let north = branch_in("north", "Asia/Tokyo", ("07:00", "18:00"));
    let batch = [
        wire(&changed(2, &version(2))),
        wire(&changed(2, &north)),
        wire(&changed(4, &version(4))),
        wire(&changed(3, &version(3))),
        wire(&changed(4, &version(4))),
    ];
    let outcomes = message::handle(&pool, Saga, &batch).await;
    assert_eq!(outcomes, [const { Outcome::Send(Vec::new()) }; 5], "a branch is no order");
    assert!(told(&pool).await.starts_with("Version 4 "));
    let stored = "SELECT version AS number FROM known_branch WHERE time_zone = 'Asia/Tokyo'";
    assert_eq!(database::number(&pool, stored).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_that_is_closed_by_hand_takes_orders_again_when_it_is_switched_back() {
    let pool = shop().await;
    let main = branch_in("main", "Europe/Berlin", ("00:00", "24:00"));
    tell(&pool, &changed(2, &Branch { closed: true, ..main.clone() })).await;
    assert_eq!(told(&pool).await, "Bakery main is closed until further notice");
    tell(&pool, &changed(3, &main)).await;
    place_all(&pool, &[wish(1)], 10).await.replies.remove(0).expect("accepted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_copy_refuses_its_own_orders_and_no_others() {
    let pool = shop().await;
    let damage = "UPDATE known_branch SET time_zone = 'Mars/Base' WHERE id = 'north'";
    database::execute(&pool, damage).await;
    let north = bakery_nats::requests::orders::Place {
        branch: "north".parse().unwrap(),
        items: vec![crate::line("bread", 1)],
        ..wish(1)
    };
    let mut replies = place_all(&pool, &[north, wish(2)], 10).await.replies;
    replies.remove(1).expect("accepted");
    assert_eq!(replies.remove(0).expect_err("accepted").status, 500);
}
