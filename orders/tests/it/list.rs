//! `orders.list`: pages by branch, status, account, number and day.

use crate::{bob, order_id, place, place_all, shop, wish};
use bakery_nats::Pool;
use bakery_nats::messages::inventory::Line;
use bakery_nats::request::Asked;
use bakery_nats::requests::orders::{ListOrders, OrderPage, Place};
use bakery_orders::list;
use bakery_testbed::at;
use uuid::Uuid;

const DAY_S: i64 = 86_400;

async fn page(pool: &Pool, body: ListOrders) -> OrderPage {
    list(pool.clone(), Asked { request_id: Uuid::now_v7(), at: at(0), body }).await.expect("a page")
}

async fn found(pool: &Pool, body: ListOrders) -> Vec<Uuid> {
    let mut ids: Vec<Uuid> = page(pool, body).await.orders.iter().map(|order| order.id).collect();
    ids.sort_unstable();
    ids
}

fn ids(orders: &[u64]) -> Vec<Uuid> {
    let mut ids: Vec<Uuid> = orders.iter().map(|order| order_id(*order)).collect();
    ids.sort_unstable();
    ids
}

/// Ada's 1 and Bob's 2 at main, Ada's 3 at north, and Ada's 4 at main on the next day.
async fn orders() -> Pool {
    let pool = shop().await;
    place(&pool, 1).await;
    let bobs = Place { account_id: bob(), ..wish(2) };
    let bread = Line { product_id: "bread".parse().unwrap(), quantity: 1 };
    let north = Place { branch: "north".parse().unwrap(), items: vec![bread], ..wish(3) };
    for (wish, seconds) in [(bobs, 11), (north, 12), (wish(4), 13 + DAY_S)] {
        place_all(&pool, &[wish], seconds).await.replies.remove(0).expect("accepted");
    }
    pool
}

#[tokio::test(flavor = "multi_thread")]
async fn each_filter_finds_its_orders_and_together_they_find_what_all_do() {
    let pool = orders().await;
    let all = ListOrders::default();
    let bobs = ListOrders { account_id: Some(bob()), ..all.clone() };
    let first = ListOrders { number: Some(1), ..all.clone() };
    let tomorrow = ListOrders { date: Some("2027-01-16".parse().unwrap()), ..all.clone() };
    let main = Some("main".parse().unwrap());
    assert_eq!(found(&pool, all).await, ids(&[1, 2, 3, 4]));
    assert_eq!(found(&pool, bobs.clone()).await, ids(&[2]));
    assert_eq!(found(&pool, first.clone()).await, ids(&[1, 3, 4]), "it begins anew");
    assert_eq!(found(&pool, tomorrow.clone()).await, ids(&[4]));
    let one = ListOrders { branch: main.clone(), date: tomorrow.date, ..first.clone() };
    assert_eq!(found(&pool, one).await, ids(&[4]));
    let none = ListOrders { account_id: bobs.account_id, ..first.clone() };
    assert_eq!(found(&pool, none).await, ids(&[]));
    for number in [0, 4711, u32::MAX] {
        let wanted = ListOrders { number: Some(number), ..first.clone() };
        assert_eq!(found(&pool, wanted).await, ids(&[]));
    }
    assert_eq!(found(&pool, ListOrders { branch: main, ..first }).await, ids(&[1, 4]));
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_one_account_follow_each_other_to_the_end() {
    let pool = orders().await;
    let mut wanted =
        ListOrders { account_id: Some(crate::ada()), limit: Some(2), ..ListOrders::default() };
    let first = page(&pool, wanted.clone()).await;
    assert_eq!((first.orders.len(), first.next), (2, first.orders.last().map(|o| o.id)));
    wanted.before = first.next;
    let last = page(&pool, wanted).await;
    assert_eq!((last.orders.len(), last.next), (1, None));
    assert!(!first.orders.iter().any(|order| order.id == last.orders[0].id));
}
