//! The shelf: how it stands, and what changes on it.

use super::{Stage, stored, until};
use crate::live::Bounds;
use bakery_nats::messages::inventory::Baked;
use bakery_nats::publish::{Outlet, Stream};
use bakery_nats::refusal::Refusal;
use bakery_testbed::{at, id, message};
use serde_json::json;

const SHELF: &str = "/api/v1/shelf/live";

#[tokio::test(flavor = "multi_thread")]
async fn who_looks_at_a_shelf_sees_it_change() {
    let stage = Stage::open().await;
    let house = stage.house(Bounds::default()).await;
    let menu = stored("inventory.menu.reply");
    let mut lookers = [house.sse(SHELF, &[]).await, house.socket(SHELF, &[]).await];
    for looker in &mut lookers {
        let told = looker.told().await;
        assert_eq!(told.event, "snapshot");
        let donut = &told.data["products"][0];
        assert_eq!(donut["available"], menu["products"][0]["available"]);
        assert!(donut.get("description").is_none());
    }
    let mut fuller = menu.clone();
    fuller["products"][0]["available"] = json!(99);
    stage.shop.says("inventory.menu", fuller);
    let baked = Baked {
        batch_id: id("batch", 1),
        product_id: "donut".parse().unwrap(),
        quantity: 12,
        baked_at: at(0),
        stale_at: at(60),
    };
    let stream = Stream { context: stage.shop.bus("inventory").await.context };
    stream.publish(vec![message::wire("inventory", &baked, at(0))]).await.expect("stored");
    for looker in &mut lookers {
        let told = looker.told().await;
        assert_eq!((told.event.as_str(), &told.data["available"]), ("product", &json!(99)));
    }
    // The shelf is also looked at without news, maybe just before they came.
    let main = "main".parse().unwrap();
    let is_new = || house.app.cache.last_change(&main) == 1;
    until("the menu from before it is not read any more", is_new).await;
    // A shelf is a state: who comes back is told all of it.
    let mut back = house.sse(SHELF, &[("last-event-id", "1")]).await;
    let told = back.told().await;
    assert_eq!(
        (told.event.as_str(), &told.data["products"][0]["available"]),
        ("reset", &json!(99))
    );
    // Off the menu, and nothing in the log: it is looked for all the same.
    stage.shop.says("inventory.menu", json!({"products": []}));
    for looker in &mut lookers {
        assert_eq!(looker.told().await.event, "gone");
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_that_is_not_there_has_no_shelf() {
    let stage = Stage::open().await;
    let house = stage.house(Bounds::default()).await;
    stage.shop.refuses("inventory.menu", Refusal::not_found("branch", "nowhere"));
    let refused = house.sse(&format!("{SHELF}?branch=nowhere"), &[]).await;
    assert_eq!(refused.refused().0, 404);
    house.close().await;
}
