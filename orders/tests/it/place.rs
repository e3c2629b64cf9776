//! `orders.place`: accepted means committed, with number, key and first command.

use crate::{
    PRICE, ada, bob, happen, line, order_id, orders, place, place_all, records, reserved, said,
    shop, stored, tell, wish,
};
use bakery_nats::messages::bank::AccountOpened;
use bakery_nats::messages::inventory::{ProductListed, ProductState, Reserve};
use bakery_nats::messages::orders::{OrderChanged, Status};
use bakery_nats::refusal::Refusal;
use bakery_nats::requests::orders::{Order, Place};
use bakery_orders::saga::Event;
use bakery_testbed::{at, database, id, message};

/// Seconds of a day.
const DAY_S: i64 = 86_400;

fn keyed(order: u64, key: &str) -> Place {
    Place { idempotency_key: Some(key.to_owned()), ..wish(order) }
}

fn at_branch(order: u64, branch: &str) -> Place {
    Place { branch: branch.parse().unwrap(), items: vec![line("bread", 1)], ..wish(order) }
}

fn numbers(replies: Vec<Result<Order, Refusal>>) -> Vec<String> {
    replies.into_iter().map(|reply| reply.expect("accepted").number).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_accepted_order_is_stored_announced_and_asks_for_its_units() {
    let pool = shop().await;
    let mut done = place_all(&pool, &[wish(1)], 10).await;
    let order = done.replies.remove(0).expect("accepted");
    assert_eq!((order.status, order.number.as_str(), order.total), (Status::Placed, "001", None));
    assert_eq!(order.created_at, at(10));
    assert_eq!(said(&done.wires), ["evt.orders.main.placed 1", "cmd.inventory.main.reserve 1"]);
    let changed: OrderChanged = serde_json::from_slice(&done.wires[0].payload).unwrap();
    let told = (changed.order_id, changed.status, changed.version, changed.account_id);
    assert_eq!(told, (order_id(1), Status::Placed, 1, ada()));
    let reserve: Reserve = message::body(&done.wires[1]);
    assert_eq!(reserve, Reserve { order_id: order_id(1), lines: wish(1).items });
    let stored = stored(&pool, 1).await;
    assert_eq!((stored.state.as_str(), stored.open, stored.attempt), ("placed", true, 1));
    assert_eq!(records(&pool, 1, "place").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_count_from_001_for_each_branch_and_day_across_batches() {
    let pool = shop().await;
    let first = [at_branch(1, "main"), at_branch(2, "north"), at_branch(3, "main")];
    assert_eq!(numbers(place_all(&pool, &first, 0).await.replies), ["001", "001", "002"]);
    let second = [at_branch(4, "main"), at_branch(5, "north")];
    assert_eq!(numbers(place_all(&pool, &second, 60).await.replies), ["003", "002"]);
    let next_day = [at_branch(6, "main"), at_branch(7, "main")];
    assert_eq!(numbers(place_all(&pool, &next_day, DAY_S).await.replies), ["001", "002"]);
    let late = [at_branch(8, "main")];
    assert_eq!(numbers(place_all(&pool, &late, 120).await.replies), ["004"], "the day before");
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_grow_a_fourth_digit_after_999() {
    let pool = shop().await;
    place(&pool, 1).await;
    database::execute(&pool, "UPDATE day_number SET last = 998").await;
    let next = [wish(2), wish(3)];
    assert_eq!(numbers(place_all(&pool, &next, 10).await.replies), ["999", "1000"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_with_the_same_wish_is_the_same_order_and_sends_nothing() {
    let pool = shop().await;
    place_all(&pool, &[keyed(1, "k")], 10).await.replies.remove(0).expect("accepted");
    happen(&pool, 1, Event::Reserved).await;
    // The gateway makes a new id for each request; the key is what counts.
    let mut again = place_all(&pool, &[keyed(2, "k"), wish(3)], 20).await;
    let order = again.replies.remove(0).expect("the same order");
    assert_eq!((order.id, order.number.as_str()), (order_id(1), "001"));
    assert_eq!((order.status, order.total), (Status::Reserved, Some(PRICE)), "not as it stands");
    assert_eq!(again.replies.remove(0).expect("accepted").number, "002", "a number was wasted");
    assert_eq!(said(&again.wires), ["evt.orders.main.placed 1", "cmd.inventory.main.reserve 1"]);
    assert_eq!(orders(&pool).await, 2);
    assert_eq!(records(&pool, 2, "place").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_with_another_wish_is_refused_and_places_nothing() {
    let pool = shop().await;
    place_all(&pool, &[keyed(1, "k")], 10).await.replies.remove(0).expect("accepted");
    let more = Place { items: vec![line("bread", 3)], ..keyed(2, "k") };
    let elsewhere = Place { branch: "north".parse().unwrap(), ..keyed(3, "k") };
    let mut for_carl = keyed(4, "k");
    for_carl.customer.name = "Carl".to_owned();
    let done = place_all(&pool, &[more, elsewhere, for_carl], 20).await;
    for reply in done.replies {
        let refusal = reply.expect_err("placed twice");
        assert_eq!((refusal.status, refusal.code.as_str()), (422, "idempotency_key_reused"));
    }
    assert_eq!((orders(&pool).await, done.wires.len()), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_twice_in_one_batch_is_one_order_and_with_another_wish_a_refusal() {
    let pool = shop().await;
    let other = Place { items: vec![line("bread", 3)], ..keyed(3, "k") };
    let mut done = place_all(&pool, &[keyed(1, "k"), keyed(2, "k"), other], 10).await;
    let refusal = done.replies.remove(2).expect_err("placed twice");
    assert_eq!((refusal.status, refusal.code.as_str()), (422, "idempotency_key_reused"));
    let ids: Vec<_> = done.replies.into_iter().map(|reply| reply.expect("accepted").id).collect();
    assert_eq!(ids, [order_id(1), order_id(1)]);
    assert_eq!((orders(&pool).await, done.wires.len()), (1, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_its_accounts_own() {
    let pool = shop().await;
    let bobs = Place { account_id: bob(), ..keyed(2, "k") };
    let done = place_all(&pool, &[keyed(1, "k"), bobs], 10).await;
    let ids: Vec<_> = done.replies.into_iter().map(|reply| reply.expect("accepted").id).collect();
    assert_eq!(ids, [order_id(1), order_id(2)]);
    assert_eq!(orders(&pool).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_the_id_of_the_order_is_its_key() {
    let pool = shop().await;
    place(&pool, 1).await;
    let mut again = place_all(&pool, &[wish(1)], 20).await;
    assert_eq!(again.replies.remove(0).expect("the same order").number, "001");
    let more = Place { items: vec![line("bread", 3)], ..wish(1) };
    let refusal = place_all(&pool, &[more], 20).await.replies.remove(0).expect_err("placed twice");
    assert_eq!(refusal.code, "idempotency_key_reused");
    assert_eq!((orders(&pool).await, again.wires.len()), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_account_and_unknown_products_are_named_by_field_and_the_batch_goes_on() {
    let pool = shop().await;
    let mut unknown = Place { account_id: id("account", 9), ..wish(1) };
    unknown.items = vec![line("bread", 1), line("cake", 1), line("pie", 1)];
    let elsewhere = Place { branch: "north".parse().unwrap(), ..wish(2) };
    let done = place_all(&pool, &[unknown, elsewhere, wish(3)], 10).await;
    let fields = |n: usize| -> Vec<String> {
        let refusal: &Refusal = done.replies[n].as_ref().expect_err("accepted");
        assert_eq!((refusal.status, refusal.code.as_str()), (422, "unknown_reference"));
        refusal.errors.iter().map(|error| error.field.clone()).collect()
    };
    assert_eq!(fields(0), ["account_id", "items[1].product_id", "items[2].product_id"]);
    assert_eq!(fields(1), ["items[1].product_id"], "donuts are sold at main only");
    assert_eq!(done.replies[2].as_ref().expect("accepted").number, "001");
    assert_eq!((orders(&pool).await, records(&pool, 1, "place").await), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_field_is_named_and_places_nothing() {
    let pool = shop().await;
    let none = Place { items: vec![line("bread", 0)], ..wish(1) };
    let refusal = place_all(&pool, &[none], 10).await.replies.remove(0).expect_err("accepted");
    assert_eq!((refusal.status, refusal.errors[0].field.as_str()), (422, "items[0].quantity"));
    assert_eq!(orders(&pool).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_and_products_are_known_from_the_events_about_them() {
    let pool = shop().await;
    let currency = reserved(1).currency;
    let cake = Place { account_id: id("account", 9), items: vec![line("cake", 1)], ..wish(1) };
    let refused = place_all(&pool, std::slice::from_ref(&cake), 10).await.replies.remove(0);
    assert_eq!(refused.expect_err("accepted").errors.len(), 2);
    let opened = AccountOpened { account_id: id("account", 9), currency };
    let listed = ProductListed {
        listing_id: id("listing", 1),
        product_id: "cake".parse().unwrap(),
        version: 1,
        name: "Cake".to_owned(),
        price: crate::eur(900),
        state: ProductState::OnSale,
        production: None,
    };
    assert!(tell(&pool, &opened).await.is_empty());
    assert!(tell(&pool, &listed).await.is_empty());
    // The next price of the same product is no second product.
    tell(&pool, &ProductListed { listing_id: id("listing", 2), version: 2, ..listed }).await;
    place_all(&pool, &[cake], 20).await.replies.remove(0).expect("accepted");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_is_another_orders_is_refused_and_its_batch_goes_on() {
    let pool = shop().await;
    place(&pool, 1).await;
    let stolen = Place { order_id: order_id(1), ..keyed(1, "k") };
    let bobs = Place { account_id: bob(), ..wish(1) };
    let twice = Place { order_id: order_id(2), ..keyed(2, "l") };
    let done = place_all(&pool, &[stolen, bobs, wish(2), twice, wish(3)], 20).await;
    for n in [0, 1, 3] {
        let refusal = done.replies[n].as_ref().expect_err("placed twice");
        assert_eq!((refusal.status, refusal.errors[0].field.as_str()), (422, "order_id"));
    }
    assert_eq!(done.replies[2].as_ref().expect("accepted").id, order_id(2));
    assert_eq!(done.replies[4].as_ref().expect("accepted").id, order_id(3));
    assert_eq!(orders(&pool).await, 3);
}
