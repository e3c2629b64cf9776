//! Presses and what becomes of them: answers that are late or lost, news meanwhile, and where the focus is.

use crate::browser::browse;
use crate::orders::{buy, order};
use crate::world::{Ware, World, product};
use bakery_nats::requests::inventory::ListProducts;
use serde_json::{Value, json};

const SHELF: [Ware<'static>; 2] =
    [("rye", "Rye bread", 540, 5), ("sourdough", "Sourdough loaf", 620, 5)];

/// The answer of an inventory that is away, until the test says that it is back.
const NO_MENU: &str = "const asked = window.fetch;
window.fetch = (path, ...more) => (String(path).includes('/menu?') && !globalThis.isBack
  ? Promise.resolve(new Response(JSON.stringify({ code: 'away' }), { status: 503 })) : asked(path, ...more));";
/// From now on no menu has rye bread, as one that was on its way before it was baked.
const NO_RYE: &str = "const asked = window.fetch;
window.fetch = async (path, ...more) => {
  const answer = await asked(path, ...more);
  if (!String(path).includes('/menu?')) return answer;
  const { products } = await answer.json();
  globalThis.menus = (globalThis.menus ?? 0) + 1;
  return new Response(JSON.stringify({ products: products.filter(({ id }) => id !== 'rye') }), answer);
};";
/// Orders are sent, and no answer comes.
const NO_ANSWER: &str = "const asked = window.fetch;
window.fetch = async (path, options) => {
  const answer = await asked(path, options);
  if (options?.method !== 'POST' || !String(path).endsWith('/orders')) return answer;
  throw new TypeError('the line is dead');
};";
/// What has this in its path is sent when the test says so.
const HELD: &str = "const [asked, part] = [window.fetch, arguments[0]];
window.fetch = async (path, options) => {
  if (!String(path).includes(part)) return asked(path, options);
  await new Promise((resolve) => { globalThis.go = resolve; });
  // The page would give it up after a while; the test may take longer.
  return asked(path, { ...options, signal: undefined });
};";
const TWO_HOURS_LATER: &str =
    "const now = Date.now.bind(Date); Date.now = () => now() + 2 * 3_600_000;";
const FOCUS_ON_THE_BASKET: &str = "document.activeElement.id === 'basket'";

#[test]
fn who_is_signed_in_is_said_also_while_there_is_no_menu() {
    browse(async |world: &World| {
        let branch = world.branch("Bakery of no menu", &SHELF).await;
        let shop = world.tab(&format!("/?branch={branch}")).await;
        buy(&shop, &["Rye bread"]).await;
        shop.before_each_page(NO_MENU).await;
        shop.go(&format!("/?branch={branch}")).await;
        shop.sees("header .person", "Ada").await;
        shop.sees("header .balance", "€194.60").await;
        shop.sees_no("header", "Sign in").await;
        shop.js("globalThis.isBack = true", json!([])).await;
        shop.sees(".product", "4 left").await;
        shop.behaved().await;
    });
}

#[test]
fn a_new_product_is_shown_also_where_its_menu_came_late_and_stays_where_an_old_one_comes_later() {
    browse(async |world: &World| {
        let branch = world.branch("Bakery of novelties", &SHELF[1..]).await;
        let shop = world.tab(&format!("/?branch={branch}")).await;
        shop.sees(".product", "5 left").await;
        shop.sees(".live-pill", "Live").await;
        shop.js(NO_MENU, json!([])).await;
        let products = vec![product(&SHELF[0])];
        world.ask(&ListProducts { branch: branch.parse().unwrap(), products }).await;
        world.bake(&branch, "rye", 3).await;
        shop.sees_no(".product", "Rye bread").await;
        shop.js("globalThis.isBack = true", json!([])).await;
        shop.sees(".product", "Rye bread").await;
        shop.sees(".product", "3 left").await;

        shop.js(NO_RYE, json!([])).await;
        shop.press("Add: Sourdough loaf").await;
        for _ in 1..5 {
            shop.press_at(".more").await;
        }
        world.order(&branch, "Grace", &[("sourdough", 4)]).await;
        shop.sees("#basket .short", "Only one left.").await;
        order(&shop, "Ada").await;
        shop.sees("dialog .outcome", "Sourdough loaf: 5 wanted, 1 left").await;
        shop.until("a menu without rye bread", "globalThis.menus > 0").await;
        shop.sees(".product", "Rye bread").await;
        shop.behaved().await;
    });
}

#[test]
fn a_shelf_that_was_not_to_be_followed_is_followed_once_the_branch_answers() {
    browse(async |world: &World| {
        let branch = world.branch("Bakery of second tries", &SHELF).await;
        let shop = world.tab("/docs").await;
        let no_shelf = NO_MENU.replace("/menu?", "/shelf/live?").replace("503", "404");
        shop.before_each_page(&no_shelf).await;
        shop.go(&format!("/?branch={branch}")).await;
        shop.sees(".live-pill", "Not live").await;
        shop.js("globalThis.isBack = true", json!([])).await;
        shop.sees(".live-pill", "Live").await;
        world.bake(&branch, "rye", 2).await;
        shop.sees(".product", "7 left").await;
        shop.behaved().await;
    });
}

#[test]
fn an_order_without_an_answer_is_another_one_hours_later() {
    browse(async |world: &World| {
        let branch = world.branch("Bakery of dead lines", &SHELF).await;
        let shop = world.tab(&format!("/?branch={branch}")).await;
        shop.press("Add: Rye bread").await;
        shop.js(NO_ANSWER, json!([])).await;
        order(&shop, "Ada").await;
        shop.sees("dialog .form-error", "cannot be reached").await;

        shop.before_each_page(TWO_HOURS_LATER).await;
        shop.reload().await;
        shop.sees("#basket .line", "Rye bread").await;
        order(&shop, "Ada").await;
        shop.sees("h1", "Paid, and yours").await;
        assert_eq!(shop.text(".big-number").await, "Number 002");
        shop.behaved().await;
    });
}

#[test]
fn a_receipt_is_shown_once_and_not_when_the_order_became_another() {
    browse(async |world: &World| {
        let branch = world.branch("Bakery of receipts", &SHELF).await;
        let shop = world.tab(&format!("/?branch={branch}")).await;
        buy(&shop, &["Rye bread"]).await;
        let twice = "const asked = window.fetch;
            globalThis.answers = 0;
            window.fetch = async (path, ...more) => {
              const answer = await asked(path, ...more);
              if (String(path).endsWith('/receipt')) setTimeout(() => { answers += 1; }, 100);
              return answer;
            };
            const button = all('.actions button').find((one) => nameOf(one) === 'Receipt');
            button.click();
            button.click();";
        shop.js(twice, json!([])).await;
        shop.until("both answers", "answers === 2").await;
        shop.until("one receipt", "document.querySelectorAll('#receipt').length === 1").await;
        shop.press("Call the order off").await;
        shop.press("Yes, call it off").await;
        shop.sees("h1", "The order is called off").await;
        shop.until("no old receipt", "document.querySelector('#receipt') === null").await;
        shop.behaved().await;
    });
}

#[test]
fn that_it_is_too_late_to_call_an_order_off_is_said_also_where_the_page_was_faster() {
    browse(async |world: &World| {
        let branch = world.branch("Bakery of late thoughts", &SHELF).await;
        let shop = world.tab(&format!("/?branch={branch}")).await;
        buy(&shop, &["Rye bread"]).await;
        let token = world.token("kitchen").await;
        shop.js(HELD, json!(["/cancel"])).await;
        shop.press("Call the order off").await;
        shop.press("Yes, call it off").await;
        shop.until("it is on its way", "globalThis.go !== undefined").await;
        shop.until("no second press", "all('.actions button.danger').every((one) => one.disabled)")
            .await;
        let id = shop.path().await.trim_start_matches("/orders/").to_owned();
        let start = format!("/kitchen/orders/{id}/start");
        world.api(&token, "POST", &start, Value::Null).await;
        shop.sees("h1", "The kitchen is at work").await;
        shop.js("globalThis.go()", json!([])).await;
        shop.sees(".actions .error", "It is too late for that").await;
        shop.behaved().await;
    });
}

#[test]
fn all_that_is_told_at_once_is_told() {
    browse(async |world: &World| {
        let branch = world.branch("Bakery of many words", &SHELF).await;
        let shop = world.tab(&format!("/?branch={branch}")).await;
        shop.sees(".product", "5 left").await;
        let both = "import('/web/js/dom.js').then(({ announce }) => {
            for (const one of document.querySelectorAll('.product button')) one.click();
            announce('Twice.');
            announce('Twice.');
        });";
        shop.js(both, json!([])).await;
        let told = "[...document.querySelectorAll('.unseen[role=status]')].map((one) => one.textContent)
            .some((told) => told.includes('Rye bread is in') && told.includes('Sourdough loaf is in') && told.includes('Twice.'))";
        shop.until("both are told", told).await;
        // Longer than it takes to be said: what is said twice does not take it away again.
        shop.js(
            "window.later = false; setTimeout(() => { window.later = true; }, 300);",
            json!([]),
        )
        .await;
        shop.until("a moment later", "window.later").await;
        shop.until("it still stands there", told).await;
        shop.behaved().await;
    });
}

#[test]
fn the_focus_stays_in_the_basket_when_what_had_it_goes_away() {
    browse(async |world: &World| {
        let branch = world.branch("Bakery of keyboards", &SHELF).await;
        let shop = world.tab(&format!("/?branch={branch}")).await;
        shop.press("Add: Rye bread").await;
        shop.press_at(".more").await;
        shop.sees("#basket .line-sum", "€10.80").await;
        world.order(&branch, "Grace", &[("rye", 4)]).await;
        shop.press("Take the last one: Rye bread").await;
        shop.sees("#basket .line-sum", "€5.40").await;
        shop.until("the focus", FOCUS_ON_THE_BASKET).await;

        shop.js("document.activeElement.blur()", json!([])).await;
        shop.fill("Quantity: Rye bread", "0").await;
        let enter = json!({ "type": "keyDown", "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r" });
        shop.cdp("Input.dispatchKeyEvent", enter).await;
        shop.sees("#basket", "Nothing in it yet").await;
        shop.until("the focus", FOCUS_ON_THE_BASKET).await;
        shop.behaved().await;
    });
}

#[test]
fn a_page_that_is_left_while_somebody_signs_in_has_nobody_signed_in() {
    browse(async |world: &World| {
        let branch = world.branch("Bakery of the hasty", &SHELF).await;
        let shop = world.tab(&format!("/?branch={branch}")).await;
        shop.press("Add: Rye bread").await;
        shop.js(HELD, json!(["/users/me"])).await;
        shop.press_in("header", "Sign in").await;
        shop.fill("Username", &world.hire("customer").await).await;
        shop.fill("Password", &world.demo.password).await;
        let asked = "globalThis.go !== undefined";
        shop.press_until("dialog", "Sign in", "it is asked who it is", asked).await;
        shop.reload().await;
        shop.press_in("#basket", "Order").await;
        shop.sees("dialog", "You order as a guest.").await;
        shop.behaved().await;
    });
}
