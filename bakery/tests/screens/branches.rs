//! Two branches in one browser: what one sells, orders and tells is nothing to the other.

use crate::browser::browse;
use crate::orders::buy;
use crate::world::World;

#[test]
fn two_branches_keep_their_menus_baskets_and_orders_apart() {
    browse(async |world: &World| {
        let north = world.branch("Bakery in the north", &[("rye", "Rye bread", 540, 5)]).await;
        let south = world.branch("Bakery in the south", &[("donut", "Donut", 150, 5)]).await;
        let shop = world.tab(&format!("/?branch={north}")).await;
        shop.sees(".menu", "Rye bread").await;
        shop.sees_no(".menu", "Donut").await;
        shop.press("Add: Rye bread").await;
        shop.choose("Branch", "Bakery in the south").await;
        shop.sees(".menu", "Donut").await;
        shop.sees_no(".menu", "Rye bread").await;
        shop.sees("#basket", "Nothing in it yet").await;
        assert!(shop.path().await.contains(&south), "the address says which branch it is");

        let [there, here] = [&north, &south].map(|branch| format!("/kitchen?branch={branch}"));
        let southern = world.staff("kitchen", &here).await;
        southern.sees(".bar", "Bakery in the south").await;
        let northern = world.tab(&there).await;
        northern.sees(".bar", "Bakery in the north").await;
        let board = world.tab(&format!("/display?branch={north}")).await;
        board.sees("h1", "Bakery in the north").await;
        let number = buy(&shop, &["Donut"]).await;
        shop.sees("#track", "at Bakery in the south").await;
        southern.sees(".ticket", "Donut").await;
        southern.press(&format!("Start {number}")).await;
        shop.sees("h1", "The kitchen is at work").await;

        // What happens in the north after it would be told behind it.
        shop.go(&format!("/?branch={north}")).await;
        shop.sees("#basket .line", "Rye bread").await;
        shop.press_in("#basket", "Order").await;
        shop.press("Order for €5.40").await;
        shop.sees("h1", "Paid, and yours").await;
        assert_eq!(shop.text(".big-number").await, "Number 001", "each branch counts for itself");
        northern.sees(".ticket", "Rye bread").await;
        northern.sees_no(".ticket", "Donut").await;
        northern.press("Start 001").await;
        board.sees(".area[data-kind=preparing] li", "001").await;
        board.until("one number", "document.querySelectorAll('.area li').length === 1").await;
        southern.sees_no(".ticket", "Rye bread").await;
        for tab in [&shop, &southern, &northern, &board] {
            tab.behaved().await;
        }
    });
}
