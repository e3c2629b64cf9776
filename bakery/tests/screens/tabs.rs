//! Tabs of one browser, and the way back: what is shown is what holds now, and what is a page's own stays.

use crate::browser::browse;
use crate::orders::{buy, order, send};
use crate::tab::Tab;
use crate::world::{Ware, World};
use serde_json::{Value, json};

const SHELF: [Ware<'static>; 1] = [("rye", "Rye bread", 540, 5)];

/// Goes back to a page that the browser has kept as it was left.
async fn back(tab: &Tab<'_>) {
    tab.js("history.back()", json!([])).await;
    tab.until("the page that was left", "globalThis.wasHere === true").await;
}

/// Marks a page, so that it is known again.
async fn mark(tab: &Tab<'_>) {
    tab.js("globalThis.wasHere = true", json!([])).await;
}

/// Becomes a customer who can come back; the username.
async fn join(world: &World, shop: &Tab<'_>, name: &str) -> String {
    let username = world.hire("customer").await;
    shop.press_in("header", "Sign in").await;
    enter(world, shop, &username).await;
    shop.sees("header .person", name).await;
    username
}

async fn enter(world: &World, shop: &Tab<'_>, username: &str) {
    shop.fill("Username", username).await;
    shop.fill("Password", &world.demo.password).await;
    let is_in = "document.querySelector('dialog') === null";
    shop.press_until("dialog", "Sign in", "somebody who is signed in", is_in).await;
}

async fn leave(shop: &Tab<'_>) {
    shop.press_at("header .person").await;
    shop.press_in("dialog", "Sign out").await;
    shop.sees("header .who", "Sign in").await;
}

/// Waits until all that a guest has paid is back in the account.
async fn paid_back(tab: &Tab<'_>) {
    tab.sees("h1", "The order is called off").await;
    let is_back = "(() => {
        const { access } = JSON.parse(localStorage.getItem('bakery.session.shop'));
        return fetch('/api/v1/users/me', { headers: { Authorization: `Bearer ${access}` } })
          .then((answer) => answer.json()).then(({ account }) => account.balance.amount === 20000);
      })()";
    tab.until("the money", is_back).await;
}

#[test]
fn a_page_stays_with_its_branch_when_another_tab_chooses_one() {
    browse(async |world: &World| {
        let north = world.branch("Bakery of stayers", &SHELF).await;
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
        world.api(&world.token("kitchen").await, "POST", &start, Value::Null).await;
        board.sees(".area[data-kind=preparing] li", "001").await;
        for tab in [&shop, &board, &other] {
            tab.behaved().await;
        }
    });
}

#[test]
fn who_signed_out_on_another_page_is_signed_out_on_the_way_back_as_well() {
    browse(async |world: &World| {
        let branch = world.branch("Bakery of ways back", &SHELF).await;
        let manager = world.staff("manager", "/kitchen").await;
        // Browsers need not tell a page that was left what another one keeps.
        let deaf = "addEventListener('storage', (event) => event.stopImmediatePropagation())";
        manager.before_each_page(deaf).await;
        manager.go(&format!("/manager?branch={branch}")).await;
        manager.sees("h1", "The day").await;
        mark(&manager).await;
        manager.press_in("header", "Kitchen").await;
        manager.sees("header .who", "Sign out").await;
        manager.press("Sign out").await;
        manager.sees("h1", "Staff sign in here").await;
        back(&manager).await;
        manager.sees("h1", "Staff sign in here").await;
        manager.sees_no("h1", "The day").await;
        manager.behaved().await;
    });
}

#[test]
fn on_the_way_back_from_an_order_the_shop_is_as_it_is_now() {
    browse(async |world: &World| {
        let branch = world.branch("Bakery of returns", &SHELF).await;
        let shop = world.tab(&format!("/?branch={branch}")).await;
        mark(&shop).await;
        buy(&shop, &["Rye bread"]).await;
        back(&shop).await;
        shop.until("no dialog", "document.querySelector('dialog[open]') === null").await;
        shop.sees("header .balance", "€194.60").await;
        shop.sees(".mine", "Confirmed").await;
        shop.sees("#basket", "Nothing in it yet").await;

        // From a second order the way back leads past the one that was called off.
        shop.press_at(".mine a.order").await;
        shop.press("Call the order off").await;
        shop.press("Yes, call it off").await;
        paid_back(&shop).await;
        back(&shop).await;
        shop.sees("header .balance", "€200.00").await;
        shop.sees(".mine", "Cancelled").await;
        shop.behaved().await;
    });
}

#[test]
fn an_order_that_is_called_off_in_another_tab_is_so_in_the_shop_that_is_seen_again() {
    browse(async |world: &World| {
        let branch = world.branch("Bakery of two tabs", &SHELF).await;
        let tracking = world.tab(&format!("/?branch={branch}")).await;
        buy(&tracking, &["Rye bread"]).await;
        let shop = world.tab(&format!("/?branch={branch}")).await;
        shop.sees("header .balance", "€194.60").await;
        shop.sees(".mine", "Confirmed").await;
        tracking.press("Call the order off").await;
        tracking.press("Yes, call it off").await;
        paid_back(&tracking).await;
        shop.sees("header .balance", "€200.00").await;
        shop.sees(".mine", "Cancelled").await;
        shop.behaved().await;
    });
}

#[test]
fn an_order_is_not_paid_by_somebody_else_than_the_dialog_says() {
    browse(async |world: &World| {
        let branch = world.branch("Bakery of payers", &SHELF).await;
        let shop = world.tab(&format!("/?branch={branch}")).await;
        shop.press("Add: Rye bread").await;
        let other = world.tab(&format!("/?branch={branch}")).await;
        join(world, &other, "Demo customer").await;
        shop.sees("header .person", "Demo customer").await;
        shop.press_in("#basket", "Order").await;
        shop.fill("Name", "Ada").await;
        leave(&other).await;
        shop.press("Order for €5.40").await;
        shop.sees("dialog", "whose account pays").await;
        shop.sees("dialog", "You order as a guest.").await;
        send(&shop, "€5.40").await;
        shop.sees("h1", "Paid, and yours").await;
        shop.sees("#track", "For Ada").await;
        shop.behaved().await;
    });
}

#[test]
fn an_order_is_followed_again_when_its_customer_is_back() {
    browse(async |world: &World| {
        let branch = world.branch("Bakery of absences", &SHELF).await;
        let tracking = world.tab(&format!("/?branch={branch}")).await;
        let username = join(world, &tracking, "Demo customer").await;
        buy(&tracking, &["Rye bread"]).await;
        tracking.sees(".live-pill", "Live").await;
        let shop = world.tab(&format!("/?branch={branch}")).await;
        leave(&shop).await;
        tracking.sees(".live-pill", "Not live").await;
        shop.press_in("header", "Sign in").await;
        enter(world, &shop, &username).await;
        shop.sees("header .person", "Demo customer").await;
        tracking.sees(".live-pill", "Live").await;
        let id = tracking.path().await.trim_start_matches("/orders/").to_owned();
        let start = format!("/kitchen/orders/{id}/start");
        world.api(&world.token("kitchen").await, "POST", &start, Value::Null).await;
        tracking.sees("h1", "The kitchen is at work").await;
        tracking.behaved().await;
    });
}
