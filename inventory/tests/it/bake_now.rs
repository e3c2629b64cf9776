//! `inventory.bake-now`.

use crate::{asked, bakery, date, line, line_of, report, reserve, units};
use bakery_inventory::{BakeNowWriter, SetProductStateWriter, Shelf};
use bakery_nats::messages::inventory::{Baked, ProductState, Reserved};
use bakery_nats::requests::inventory::{BakeNow, SetProductState};
use bakery_nats::write::commit;
use bakery_testbed::{at, id, message};
use std::sync::Arc;

fn bake_now(branch: &str, product: &str, quantity: u32) -> BakeNow {
    BakeNow {
        batch_id: id("batch", 1),
        branch: branch.parse().unwrap(),
        product_id: product.parse().unwrap(),
        quantity,
        baked_at: at(0),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_baked_by_hand_is_sold_today_and_a_repeat_bakes_nothing() {
    let pool = bakery().await;
    let wish = bake_now("main", "bread", 3);
    let (reply, wires) = message::write(&pool, BakeNowWriter, wish.clone(), at(1)).await;
    let told: Baked = message::body(&wires[0]);
    assert_eq!(reply.expect("baked").stale_at, told.stale_at);
    let (again, wires) = message::write(&pool, BakeNowWriter, wish, at(2)).await;
    assert_eq!((again.expect("baked").stale_at, wires.len()), (told.stale_at, 0));
    assert_eq!(line_of(&report(&pool, "main", date(0)).await, "bread").baked, 3);
    let answers = message::sent(&pool, Shelf, &reserve(1, &[line("bread", 3)], 3)).await;
    message::body::<Reserved>(&answers[0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_cannot_be_is_refused_by_field_and_bakes_nothing() {
    let pool = bakery().await;
    let retire = SetProductState {
        branch: "main".parse().unwrap(),
        product_id: "donut".parse().unwrap(),
        state: ProductState::Retired,
    };
    message::write(&pool, SetProductStateWriter, retire, at(0)).await.0.expect("retired");
    for (wish, field) in [
        (bake_now("main", "bread", 0), "quantity"),
        (bake_now("main", "bread", 10_001), "quantity"),
        (bake_now("nowhere", "bread", 1), "branch"),
        (bake_now("main", "none", 1), "product_id"),
        (bake_now("main", "donut", 1), "product_id"),
    ] {
        let (reply, wires) = message::write(&pool, BakeNowWriter, wish, at(1)).await;
        let refusal = reply.expect_err("baked");
        assert_eq!((refusal.status, refusal.errors[0].field.as_str()), (422, field));
        assert!(wires.is_empty());
    }
    assert_eq!(units(&pool, "free").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_batch_does_not_stand_in_for_a_good_one_of_the_same_id() {
    let pool = bakery().await;
    let batch = [bake_now("main", "bread", 0), bake_now("main", "bread", 2)];
    let batch = batch.map(|wish| asked(wish, at(1)));
    let done = commit(&pool, &Arc::new(BakeNowWriter), &batch).await.expect("no fault");
    assert!(done.replies[0].is_err() && done.replies[1].is_ok());
    assert_eq!((units(&pool, "free").await, done.wires.len()), (2, 1));
}
