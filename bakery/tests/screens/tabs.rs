//! Tabs of one browser, and the way back: each shows what holds now, and what is its own stays.

use crate::browser::browse;
use crate::orders::order;
use crate::world::World;
use serde_json::json;

#[test]
fn a_page_stays_with_its_branch_when_another_tab_chooses_one() {
    browse(async |world: &World| {
        let north = world.branch("Bakery of stayers", &[("rye", "Rye bread", 540, 5)]).await;
        let south = world.branch("Bakery of leavers", &[("donut", "Donut", 150, 5)]).await;
        let other = world.tab(&format!("/?branch={south}")).await;
        other.choose("Branch", "Bakery of stayers").await;
        other.sees(".menu", "Rye bread").await;
        // Neither address says which branch it is.
        let shop = world.tab("/").await;
        shop.sees(".product", "5 left").await;
        shop.press("Add: Rye bread").await;
        let board = world.tab("/display").await;
        board.sees("h1", "Bakery of stayers").await;
        board.sees(".area[data-kind=preparing]", "Nothing in work").await;

        other.choose("Branch", "Bakery of leavers").await;
        other.sees(".menu", "Donut").await;
        world.bake(&north, "rye", 2).await;
        shop.sees(".product", "7 left").await;
        order(&shop, "Ada").await;
        shop.sees("#track", "at Bakery of stayers").await;
        let id = shop.path().await.trim_start_matches("/orders/").to_owned();
        let start = format!("/kitchen/orders/{id}/start");
        world.api(&world.token("kitchen").await, "POST", &start, json!(null)).await;
        board.sees(".area[data-kind=preparing] li", "001").await;
        for tab in [&shop, &board, &other] {
            tab.behaved().await;
        }
    });
}
