//! The bakery is away for a while: every page says so, keeps what it has, and comes back by itself.

use crate::browser::browse;
use crate::cable::Cable;
use crate::orders::send;
use crate::world::World;
use serde_json::Value;

const AWAY: &str = "The bakery cannot be reached";

#[test]
fn the_board_says_that_it_reconnects_and_has_what_happened_meanwhile() {
    browse(async |world: &World| {
        let branch = world.branch("Bakery on a wire", &[("rye", "Rye bread", 540, 5)]).await;
        let token = world.token("kitchen").await;
        let first = world.order(&branch, "Ada", &[("rye", 1)]).await;
        let step = |order: &Value, verb: &str| {
            format!("/kitchen/orders/{}/{verb}", order["id"].as_str().unwrap())
        };
        world.api(&token, "POST", &step(&first, "start"), Value::Null).await;

        let cable = Cable::to(&world.demo.origin).await;
        let board = world.browser.tab(&cable.origin()).await;
        board.go(&format!("/display?branch={branch}&kiosk")).await;
        board.sees(".area[data-kind=preparing] li", "001").await;
        cable.cut().await;
        board.sees(".sign", "Reconnecting").await;
        board.sees(".area[data-kind=preparing] li", "001").await;
        world.api(&token, "POST", &step(&first, "ready"), Value::Null).await;
        let second = world.order(&branch, "Grace", &[("rye", 1)]).await;
        world.api(&token, "POST", &step(&second, "start"), Value::Null).await;
        cable.mend();
        board.sees(".area[data-kind=ready] li", "001").await;
        board.sees(".area[data-kind=preparing] li", "002").await;
        board.sees_no(".sign", "Reconnecting").await;
        board.behaved().await;
    });
}

#[test]
fn a_shop_whose_bakery_is_away_says_so_keeps_the_basket_and_comes_back() {
    browse(async |world: &World| {
        let branch = world.branch("Bakery behind a wire", &[("rye", "Rye bread", 540, 5)]).await;
        let cable = Cable::to(&world.demo.origin).await;
        let shop = world.browser.tab(&cable.origin()).await;
        shop.go(&format!("/?branch={branch}")).await;
        shop.press("Add: Rye bread").await;
        shop.sees(".live-pill", "Live").await;
        cable.cut().await;
        shop.sees("#banner", AWAY).await;
        shop.sees("#basket .line", "Rye bread").await;
        shop.press("Add (1 is in the basket): Rye bread").await;
        world.bake(&branch, "rye", 4).await;
        cable.mend();
        shop.sees_no("#banner", AWAY).await;
        shop.sees(".product", "9 left").await;
        shop.sees(".live-pill", "Live").await;
        shop.sees("#basket .line-sum", "€10.80").await;
        shop.behaved().await;
    });
}

#[test]
fn an_order_that_is_sent_while_the_bakery_is_away_is_one_order_when_it_is_back() {
    browse(async |world: &World| {
        let branch = world.branch("Bakery of patience", &[("rye", "Rye bread", 540, 5)]).await;
        let cable = Cable::to(&world.demo.origin).await;
        let shop = world.browser.tab(&cable.origin()).await;
        shop.go(&format!("/?branch={branch}")).await;
        shop.press("Add: Rye bread").await;
        shop.press_in("#basket", "Order").await;
        shop.fill("Name", "Ada").await;
        cable.cut().await;
        shop.press("Order for €5.40").await;
        shop.sees("dialog .form-error", AWAY).await;
        cable.mend();
        shop.sees_no("#banner", AWAY).await;
        send(&shop, "€5.40").await;
        shop.sees("h1", "Paid, and yours").await;
        assert_eq!(shop.text(".big-number").await, "Number 001");
        shop.go(&format!("/?branch={branch}")).await;
        shop.sees("header .balance", "€194.60").await;
        shop.behaved().await;
    });
}

#[test]
fn a_press_in_the_kitchen_waits_for_the_bakery_and_is_done_then() {
    browse(async |world: &World| {
        let branch = world.branch("Bakery of a long wire", &[("rye", "Rye bread", 540, 5)]).await;
        world.order(&branch, "Ada", &[("rye", 1)]).await;
        let cable = Cable::to(&world.demo.origin).await;
        let kitchen = world.browser.tab(&cable.origin()).await;
        kitchen.go(&format!("/kitchen?branch={branch}")).await;
        kitchen.sign_in(&world.hire("kitchen").await, &world.demo.password).await;
        kitchen.sees(".ticket", "Rye bread").await;
        cable.cut().await;
        kitchen.sees(".live-pill", "Reconnecting").await;
        kitchen.press("Start 001").await;
        kitchen.sees(".ticket-waits", "Not sent yet").await;
        cable.mend();
        kitchen.sees(".column[data-stage=preparing] .ticket", "001").await;
        kitchen.sees(".live-pill", "Live").await;
        kitchen.sees_no("#banner", AWAY).await;
        kitchen.behaved().await;
    });
}
