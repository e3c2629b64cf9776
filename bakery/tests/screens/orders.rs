//! From the basket to the counter, each in a tab of one browser: a guest, the kitchen, the board.

use crate::browser::browse;
use crate::tab::Tab;
use crate::world::World;

const SHELF: [(&str, &str, i64, u32); 2] =
    [("sourdough", "Sourdough loaf", 620, 5), ("rye", "Rye bread", 540, 5)];

/// More than a browser has connections.
const VISITS: usize = 8;

/// Buys one of each as a guest; the order's number.
pub(crate) async fn buy(shop: &Tab<'_>, names: &[&str]) -> String {
    for name in names {
        shop.press(&format!("Add: {name}")).await;
    }
    order(shop, "Ada").await;
    shop.sees("h1", "Paid, and yours").await;
    shop.text(".big-number").await.trim_start_matches("Number ").to_owned()
}

/// Orders what is in the basket.
pub(crate) async fn order(shop: &Tab<'_>, name: &str) {
    shop.press_in("#basket", "Order").await;
    shop.fill("Name", name).await;
    let total = shop.text("dialog .sum dd").await;
    send(shop, &total).await;
}

/// Sends the order in the dialog until there is an answer: there is the order, or why there is none.
pub(crate) async fn send(shop: &Tab<'_>, total: &str) {
    let is_answered = "all('dialog [type=submit]').every((one) => !one.disabled)";
    shop.press_until("dialog", &format!("Order for {total}"), "an answer", is_answered).await;
}

#[test]
fn a_guest_buys_two_things_and_watches_the_order_until_it_is_served() {
    browse(async |world: &World| {
        let branch = world.branch("Bakery of two loaves", &SHELF).await;
        let shop = world.tab(&format!("/?branch={branch}")).await;
        let board = world.tab(&format!("/display?branch={branch}")).await;
        board.sees(".area[data-kind=preparing]", "Nothing in work").await;
        let kitchen = world.staff("kitchen", &format!("/kitchen?branch={branch}")).await;
        kitchen.sees(".column[data-stage=confirmed]", "No new order").await;

        let number = buy(&shop, &["Sourdough loaf", "Rye bread"]).await;
        assert_eq!(number, "001");
        shop.sees(".items", "1 × Sourdough loaf").await;
        shop.sees(".items", "1 × Rye bread").await;
        shop.sees(".sum", "€11.60").await;
        shop.sees(".passports", "Rye bread").await;
        shop.until("two passports", "document.querySelectorAll('.passport').length === 2").await;

        kitchen.sees(".column[data-stage=confirmed] .ticket", "Sourdough loaf").await;
        kitchen.press(&format!("Start {number}")).await;
        shop.sees("h1", "The kitchen is at work").await;
        shop.sees_no(".buttons", "Call the order off").await;
        board.sees(".area[data-kind=preparing] li", &number).await;
        kitchen.press(&format!("Ready {number}")).await;
        shop.sees("h1", "Ready to be picked up").await;
        shop.sees(".call", &format!("Number {number}")).await;
        board.sees(".area[data-kind=ready] li", &number).await;
        board.sees_no(".area[data-kind=preparing] li", &number).await;
        kitchen.press(&format!("Serve {number}")).await;
        shop.sees("h1", "Enjoy it!").await;
        board.sees_no(".area li", &number).await;
        board.sees(".area[data-kind=ready]", "Nothing waits").await;
        kitchen.sees(".column[data-stage=ready]", "Nothing waits").await;

        shop.press("Receipt").await;
        shop.sees("#receipt", "€11.60").await;
        for tab in [&shop, &board, &kitchen] {
            tab.behaved().await;
        }
    });
}

#[test]
fn the_basket_survives_a_reload_and_so_does_the_way_of_an_order() {
    browse(async |world: &World| {
        let branch = world.branch("Bakery of reloads", &SHELF).await;
        let shop = world.tab(&format!("/?branch={branch}")).await;
        shop.press("Add: Rye bread").await;
        shop.press("Add (1 is in the basket): Rye bread").await;
        shop.sees("#basket .line-sum", "€10.80").await;
        shop.reload().await;
        shop.sees("#basket .line", "Rye bread").await;
        shop.sees("#basket .line-sum", "€10.80").await;
        let second = world.tab(&format!("/?branch={branch}")).await;
        second.sees("#basket .line-sum", "€10.80").await;

        order(&shop, "Ada").await;
        shop.sees("h1", "Paid, and yours").await;
        second.sees("#basket", "Nothing in it yet").await;
        let (path, token) = (shop.path().await, world.token("kitchen").await);
        let id = path.trim_start_matches("/orders/").to_owned();
        let step = |verb: &str| format!("/kitchen/orders/{id}/{verb}");
        world.api(&token, "POST", &step("start"), serde_json::Value::Null).await;
        shop.sees("h1", "The kitchen is at work").await;
        shop.reload().await;
        shop.sees("h1", "The kitchen is at work").await;
        world.api(&token, "POST", &step("ready"), serde_json::Value::Null).await;
        shop.sees("h1", "Ready to be picked up").await;
        shop.behaved().await;

        // Who ordered finds it again in the shop.
        shop.press_in("header", "To the shop").await;
        shop.sees(".mine", "Ready").await;
    });
}

#[test]
fn an_order_that_is_called_off_is_paid_back_to_the_last_cent() {
    browse(async |world: &World| {
        let branch = world.branch("Bakery of second thoughts", &SHELF).await;
        let shop = world.tab(&format!("/?branch={branch}")).await;
        buy(&shop, &["Sourdough loaf"]).await;
        let order = shop.path().await;
        shop.go(&format!("/?branch={branch}")).await;
        shop.sees("header .balance", "€193.80").await;
        shop.sees(".product", "4 left").await;

        shop.go(&order).await;
        shop.press("Call the order off").await;
        shop.press("No, keep it").await;
        shop.press("Call the order off").await;
        shop.press("Yes, call it off").await;
        shop.sees("h1", "The order is called off").await;
        shop.sees(".note", "€6.20 goes back to your account").await;
        shop.behaved().await;
        shop.go(&format!("/?branch={branch}")).await;
        shop.sees("header .balance", "€200.00").await;
        shop.sees(".mine", "Cancelled").await;
    });
}

/// Browsers keep pages that were left, with whatever they have open, and have six connections in all.
#[test]
fn pages_that_were_left_hold_nothing_and_are_live_again_on_the_way_back() {
    browse(async |world: &World| {
        let branch = world.branch("Bakery of many visits", &SHELF).await;
        let shop = world.tab(&format!("/?branch={branch}")).await;
        buy(&shop, &["Rye bread"]).await;
        for _ in 0..VISITS {
            shop.press("To the shop").await;
            shop.sees(".live-pill", "Live").await;
            shop.press_at(".mine a.order").await;
            shop.sees("h1", "Paid, and yours").await;
            shop.sees(".live-pill", "Live").await;
        }
        shop.js("history.back()", serde_json::json!([])).await;
        shop.sees(".product", "4 left").await;
        world.bake(&branch, "rye", 3).await;
        shop.sees(".product", "7 left").await;
        shop.sees(".live-pill", "Live").await;
        shop.behaved().await;
    });
}
