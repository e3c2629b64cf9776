//! `inventory.shelf`: what is left of each batch, the oldest first.

use crate::{
    CLOSES_S, SHELF_LIFE_S, asked, bake, bakery, closing_due, confirm, discount_due, instant, line,
    open, reserve, sweep_due,
};
use bakery_inventory::{SetProductStateWriter, Shelf, shelf};
use bakery_nats::Pool;
use bakery_nats::messages::inventory::ProductState;
use bakery_nats::refusal::Refusal;
use bakery_nats::requests::inventory::SetProductState;
use bakery_nats::requests::shelf::{GetShelf, ShelfProduct, ShelfReply};
use bakery_testbed::{at, message};
use chrono::{DateTime, Utc};

async fn seen(pool: &Pool, branch: &str, at: DateTime<Utc>) -> ShelfReply {
    let question = GetShelf { branch: branch.parse().unwrap() };
    shelf(pool.clone(), asked(question, at)).await.expect("a shelf")
}

/// When each batch of a product was baked, in seconds, and what is free and held of it.
fn ages(reply: &ShelfReply, product: &str) -> Vec<(i64, i64, i64)> {
    let batches = &of(reply, product).batches;
    let row = |baked: DateTime<Utc>| (baked - at(0)).num_seconds();
    batches.iter().map(|b| (row(b.baked_at), b.free, b.reserved)).collect()
}

fn of<'r>(reply: &'r ShelfReply, product: &str) -> &'r ShelfProduct {
    reply.products.iter().find(|p| p.product_id.as_str() == product).expect("the product")
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_are_told_oldest_first_with_what_is_free_and_what_is_held() {
    let pool = bakery().await;
    bake(&pool, "bread", 5, 20, 2).await;
    bake(&pool, "bread", 4, 10, 1).await;
    message::sent(&pool, Shelf, &reserve(1, &[line("bread", 3)], 30)).await;
    message::sent(&pool, Shelf, &reserve(2, &[line("bread", 2)], 30)).await;
    let reply = seen(&pool, "main", at(40)).await;
    assert_eq!((reply.now, reply.discounting), (at(40), false));
    let names: Vec<_> = reply.products.iter().map(|p| (p.name.as_str(), p.state)).collect();
    assert_eq!(names, [("BREAD", ProductState::OnSale), ("DONUT", ProductState::OnSale)]);
    assert_eq!(ages(&reply, "bread"), [(10, 0, 4), (20, 4, 1)]);
    let bread = of(&reply, "bread");
    assert_eq!((bread.free, bread.reserved, bread.truncated), (4, 5, false));
    assert_eq!(bread.batches[1].stale_at, at(20 + SHELF_LIFE_S));
    let donut = of(&reply, "donut");
    assert_eq!(
        (donut.free, donut.reserved, donut.batches.len(), donut.truncated),
        (0, 0, 0, false)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sold_stale_or_thrown_out_is_not_on_the_shelf() {
    let pool = bakery().await;
    bake(&pool, "bread", 2, 0, 1).await;
    bake(&pool, "bread", 1, 10, 2).await;
    bake(&pool, "bread", 3, 20, 3).await;
    message::sent(&pool, Shelf, &reserve(1, &[line("bread", 1)], 30)).await;
    message::sent(&pool, Shelf, &confirm(1, 31)).await;
    message::sent(&pool, Shelf, &reserve(2, &[line("bread", 1)], 32)).await;
    message::sent(&pool, Shelf, &confirm(2, 33)).await;
    message::sent(&pool, Shelf, &reserve(3, &[line("bread", 2)], 34)).await;
    assert_eq!(ages(&seen(&pool, "main", at(40)).await, "bread"), [(10, 0, 1), (20, 2, 1)]);
    let stale = at(20 + SHELF_LIFE_S);
    let fresh = seen(&pool, "main", stale - instant()).await;
    assert_eq!(ages(&fresh, "bread"), [(10, 0, 1), (20, 2, 1)], "held units stay with their order");
    assert_eq!(ages(&seen(&pool, "main", stale).await, "bread"), [(10, 0, 1), (20, 0, 1)]);
    message::sent(&pool, Shelf, &sweep_due(stale)).await;
    assert_eq!(ages(&seen(&pool, "main", stale).await, "bread"), [(10, 0, 1), (20, 0, 1)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shelf_is_that_of_the_current_business_day() {
    let pool = bakery().await;
    bake(&pool, "bread", 2, CLOSES_S - 60, 1).await;
    message::sent(&pool, Shelf, &discount_due(at(CLOSES_S - 50))).await;
    let late = seen(&pool, "main", at(CLOSES_S) - instant()).await;
    assert_eq!((ages(&late, "bread"), late.discounting), (vec![(CLOSES_S - 60, 2, 0)], true));
    let closed = seen(&pool, "main", at(CLOSES_S)).await;
    assert_eq!((ages(&closed, "bread"), closed.discounting), (vec![], false), "not thrown out yet");
    message::sent(&pool, Shelf, &closing_due(at(CLOSES_S))).await;
    bake(&pool, "bread", 1, CLOSES_S + 5, 2).await;
    let next = seen(&pool, "main", at(CLOSES_S + 6)).await;
    assert_eq!(ages(&next, "bread"), [(CLOSES_S + 5, 1, 0)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_branch_has_a_shelf_of_its_own() {
    let pool = bakery().await;
    open(&pool, "north", "UTC", "EUR").await;
    bake(&pool, "bread", 2, 0, 1).await;
    assert_eq!(ages(&seen(&pool, "north", at(10)).await, "bread"), []);
    assert_eq!(ages(&seen(&pool, "main", at(10)).await, "bread"), [(0, 2, 0)]);
    let question = GetShelf { branch: "nowhere".parse().unwrap() };
    let refusal = shelf(pool, asked(question, at(0))).await.expect_err("a shelf");
    assert_eq!(refusal, Refusal::not_found("branch", "nowhere"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_sold_any_more_is_shown_while_it_lies_there() {
    let pool = bakery().await;
    bake(&pool, "bread", 1, 0, 1).await;
    for (product, state) in [("bread", ProductState::Retired), ("donut", ProductState::Retired)] {
        let (branch, product_id) = ("main".parse().unwrap(), product.parse().unwrap());
        let set = SetProductState { branch, product_id, state };
        message::write(&pool, SetProductStateWriter, set, at(1)).await.0.expect("set");
    }
    let reply = seen(&pool, "main", at(10)).await;
    let left: Vec<_> = reply.products.iter().map(|p| (p.product_id.as_str(), p.state)).collect();
    assert_eq!(left, [("bread", ProductState::Retired)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_very_many_batches_the_oldest_are_told_and_all_are_counted() {
    let pool = bakery().await;
    for n in 0..61 {
        bake(&pool, "bread", 2, n, n.cast_unsigned()).await;
    }
    let reply = seen(&pool, "main", at(100)).await;
    let bread = of(&reply, "bread");
    assert_eq!((bread.batches.len(), bread.truncated, bread.free), (60, true, 122));
    assert_eq!((bread.batches[0].baked_at, bread.batches[59].baked_at), (at(0), at(59)));
}
