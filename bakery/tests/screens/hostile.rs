//! What people type in is shown as they typed it, on every page, and does nothing: markup, quotes,
//! letters from right to left, words without an end.

use crate::browser::browse;
use crate::orders::order;
use crate::world::World;
use serde_json::json;

/// As long as a name may be. What it would do is noted (`misdeeds`), and a test that finds that fails.
const MARKUP: &str =
    r#"<script>misdeeds.push(1)</script>"><img src=x onerror="misdeeds.push(2)">'&amp;"#;
const WORD: &str =
    "\u{202e}👩\u{200d}🍳Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz\u{200f}";
const EMAIL: &str = "<img/src=x/onerror=misdeeds.push(3)>@example.org";
const PHONE: (u32, u32) = (360, 800);

#[test]
fn hostile_text_is_text_in_the_shop_the_kitchen_and_on_the_board() {
    browse(async |world: &World| {
        let shelf = [("rye", MARKUP, 540, 9), ("donut", WORD, 150, 9)];
        let branch = world.branch(MARKUP, &shelf).await;
        let shop = world.tab(&format!("/?branch={branch}")).await;
        let kitchen = world.staff("kitchen", &format!("/kitchen?branch={branch}")).await;
        let board = world.tab(&format!("/display?branch={branch}")).await;
        for tab in [&shop, &kitchen, &board] {
            tab.device(PHONE.0, PHONE.1, "light").await;
        }
        shop.sees(".product .name", MARKUP).await;
        shop.sees(".product .name", WORD).await;
        shop.fits("the shop").await;
        shop.press(&format!("Add: {MARKUP}")).await;
        shop.press(&format!("Add: {WORD}")).await;
        shop.sees("#basket .name", MARKUP).await;
        shop.press_in("#basket", "Order").await;
        shop.fill("E-mail (if you like)", EMAIL).await;
        shop.press_in("dialog", "Close").await;
        order(&shop, MARKUP).await;
        shop.sees("#track", MARKUP).await;
        shop.sees(".items", WORD).await;
        shop.sees(".passport h3", MARKUP).await;
        shop.press("Receipt").await;
        shop.sees("#receipt", MARKUP).await;
        shop.fits("the tracking").await;

        kitchen.sees(".ticket-name", MARKUP).await;
        kitchen.sees(".ticket-lines", WORD).await;
        kitchen.fits("the kitchen").await;
        kitchen.press("Start 001").await;
        board.sees("h1", MARKUP).await;
        board.sees(".area li", "001").await;
        board.fits("the board").await;
        for tab in [&shop, &kitchen, &board] {
            tab.behaved().await;
        }
    });
}

#[test]
fn hostile_text_is_text_for_managers_and_operators() {
    browse(async |world: &World| {
        let branch = world.branch(WORD, &[("rye", MARKUP, 540, 9), ("donut", WORD, 150, 9)]).await;
        let placed = world.order(&branch, MARKUP, &[("rye", 2), ("donut", 1)]).await;
        let (token, id) = (world.token("manager").await, placed["id"].as_str().unwrap());
        world.api(&token, "POST", &format!("/kitchen/orders/{id}/start"), json!(null)).await;
        let refund = json!({ "reason": MARKUP, "lines": [{ "product_id": "rye", "quantity": 1 }] });
        world.api(&token, "POST", &format!("/orders/{id}/refunds"), refund).await;

        let staff = world.staff("operator", &format!("/manager?branch={branch}")).await;
        staff.device(PHONE.0, PHONE.1, "dark").await;
        for (section, there) in [
            ("day", ".panel table"),
            ("shelf", ".panel th"),
            ("orders", ".panel td"),
            ("jobs", ".panel tbody th"),
            ("branch", ".panel h2"),
            ("catalogue", ".made h2"),
        ] {
            staff.go("/display").await;
            staff.go(&format!("/manager?branch={branch}#{section}")).await;
            staff.text(there).await;
            if !["day", "jobs", "branch"].contains(&section) {
                staff.sees(".panel", MARKUP).await;
            }
            staff.fits(section).await;
            staff.behaved().await;
        }
        staff.press(&format!("Edit: {MARKUP}")).await;
        staff.fill("Description", MARKUP).await;
        staff.fill("Name", WORD).await;
        staff.press("Save").await;
        staff.sees(".made p", MARKUP).await;
        staff.sees(".notes", WORD).await;

        staff.go(&format!("/manager?branch={branch}#orders/{id}")).await;
        staff.sees(".facts", MARKUP).await;
        staff.sees(".panel li strong", MARKUP).await;
        staff.press("Receipt").await;
        staff.sees("#receipt", MARKUP).await;
        staff.fits("an order").await;
        staff.behaved().await;
        staff.go(&format!("/orders/{id}")).await;
        staff.sees(".note", MARKUP).await;
        staff.fits("the tracking").await;
        staff.behaved().await;
        staff.go("/ops").await;
        staff.fill("Number or id of the order", MARKUP).await;
        staff.press("Show").await;
        staff.sees(".search .error, .found, .form-error", " ").await;
        staff.fill("Number or id of the order", id).await;
        staff.press("Show").await;
        staff.sees(".found", MARKUP).await;
        staff.fits("operations").await;
        staff.behaved().await;
    });
}
