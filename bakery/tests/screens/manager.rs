//! The manager at work, and what customers see of it.

use crate::browser::browse;
use crate::world::{Ware, World};
use serde_json::{Value, json};

const RYE: Ware<'static> = ("rye", "Rye bread", 540, 5);

#[test]
fn what_a_manager_takes_off_sale_or_prices_anew_is_so_in_the_shop_at_once() {
    browse(async |world: &World| {
        let branch = world.branch("Bakery of one manager", &[("rye", "Rye bread", 540, 5)]).await;
        let shop = world.tab(&format!("/?branch={branch}")).await;
        shop.sees(".product", "5 left").await;
        let path = format!("/manager?branch={branch}#catalogue");
        let manager = world.staff("manager", &path).await;
        manager.press("Off sale: Rye bread").await;
        manager.sees(".notes", "Rye bread is off sale.").await;
        let led = "document.activeElement.matches('.made h2')";
        manager.until("the focus at the product", led).await;
        shop.sees(".product", "Not for sale just now").await;
        shop.until(
            "a button that does nothing",
            "document.querySelector('.product button').disabled",
        )
        .await;
        manager.press("On sale again: Rye bread").await;
        shop.sees(".product", "5 left").await;

        manager.press("Edit: Rye bread").await;
        manager.fill("Price in EUR", "a lot").await;
        manager.press("Save").await;
        manager.sees("dialog .field .error", "Must be a sum such as 1.50.").await;
        manager.until("the focus in it", "document.activeElement.name === 'price.amount'").await;
        manager.fill("Price in EUR", "2,50").await;
        manager.fill("Discount before closing, in per cent", "250").await;
        manager.press("Save").await;
        manager
            .until(
                "what is wrong at its field",
                "document.activeElement.name === 'discount_percent'",
            )
            .await;
        manager.fill("Discount before closing, in per cent", "25").await;
        manager.press("Save").await;
        manager.sees(".notes", "Rye bread is saved.").await;
        shop.sees(".product .price", "€2.50").await;
        manager.behaved().await;
        shop.behaved().await;
    });
}

#[test]
fn a_manager_holds_a_job_and_lets_it_go_on() {
    browse(async |world: &World| {
        let branch = world.branch("Bakery of jobs", &[("rye", "Rye bread", 540, 5)]).await;
        let manager = world.staff("manager", &format!("/manager?branch={branch}#jobs")).await;
        manager.press("Hold: sweep").await;
        manager.sees(".notes", "sweep is on hold.").await;
        let stays = "document.activeElement.ariaLabel === 'Go on: sweep'";
        manager.until("the focus at the button that was pressed", stays).await;
        manager.sees("tr", "On hold").await;
        manager.press("Go on: sweep").await;
        manager.sees(".notes", "sweep goes on.").await;
        manager.sees_no("tr", "On hold").await;
        manager.press("Run now: sweep").await;
        manager.sees(".notes", "sweep runs now.").await;
        manager.press("Delete: sweep").await;
        manager.press_in("dialog", "Delete").await;
        manager.sees(".notes", "sweep is deleted.").await;
        let led = "document.activeElement.matches('main h1')";
        manager.until("the focus at the heading, where the row is gone", led).await;
        manager.behaved().await;
    });
}

/// The first reading of the jobs after one was deleted is refused.
const REFUSED_AFTER_DELETE: &str = "const asked = window.fetch;
let isDeleted = false;
window.fetch = async (path, options) => {
  if (isDeleted && String(path).includes('/admin/jobs?')) {
    isDeleted = false;
    return new Response(JSON.stringify({ code: 'unavailable' }), { status: 503 });
  }
  const answer = await asked(path, options);
  isDeleted ||= options?.method === 'DELETE';
  return answer;
};";

#[test]
fn the_focus_is_led_on_where_the_row_of_a_deleted_job_goes_later() {
    browse(async |world: &World| {
        let branch = world.branch("Bakery of late rows", &[RYE]).await;
        let manager = world.staff("manager", &format!("/manager?branch={branch}#jobs")).await;
        manager.js(REFUSED_AFTER_DELETE, json!([])).await;
        manager.press("Delete: sweep").await;
        manager.press_in("dialog", "Delete").await;
        manager.sees(".notes", "sweep is deleted.").await;
        manager.sees_no("tbody tr", "sweep").await;
        let led = "document.activeElement.matches('main h1')";
        manager.until("the focus at the heading", led).await;
        manager.behaved().await;
    });
}

#[test]
fn the_focus_stays_where_it_is_when_the_job_before_it_goes() {
    browse(async |world: &World| {
        let branch = world.branch("Bakery of rows that stay", &[RYE]).await;
        let manager = world.staff("manager", &format!("/manager?branch={branch}#jobs")).await;
        manager.sees("tbody tr", "sweep").await;
        let focus = "const rows = [...document.querySelectorAll('tbody tr')];
            window.last = rows.at(-1).querySelector('button');
            last.focus();
            return rows[0].dataset.key";
        let first = manager.js(focus, json!([])).await;
        let first = first.as_str().expect("a job");
        let token = world.token("manager").await;
        let path = format!("/admin/jobs/{branch}/{first}");
        world.api(&token, "DELETE", &path, Value::Null).await;
        let gone = format!("!document.querySelector('tbody tr[data-key={first}]')");
        manager.until("one row less", &gone).await;
        assert_eq!(manager.js("return document.activeElement === last", json!([])).await, true);
        manager.behaved().await;
    });
}

#[test]
fn a_branch_that_is_closed_by_hand_takes_no_orders_until_it_is_opened_again() {
    browse(async |world: &World| {
        let branch = world.branch("Bakery of holidays", &[("rye", "Rye bread", 540, 5)]).await;
        let shop = world.tab(&format!("/?branch={branch}")).await;
        shop.press("Add: Rye bread").await;
        let manager = world.staff("manager", &format!("/manager?branch={branch}")).await;
        manager.press_in(".tabs", "Branch").await;
        manager.press("Close now").await;
        manager.press_in("dialog", "Close now").await;
        manager.sees(".notes", "Bakery of holidays is closed.").await;
        let led = "document.activeElement.id === 'switch-title'";
        manager.until("the focus at the heading over the button", led).await;
        shop.sees(".hero", "Closed just now").await;
        shop.sees("#basket", "This branch is closed. The basket is kept until it opens.").await;
        shop.sees("#basket .line", "Rye bread").await;
        manager.press("Open again").await;
        manager.sees(".notes", "is no longer closed by hand").await;
        shop.sees(".hero", "Open until").await;
        shop.press_in("#basket", "Order").await;
        shop.sees("dialog", "Your order").await;
        manager.behaved().await;
        shop.behaved().await;
    });
}

#[test]
fn a_branch_is_not_drawn_anew_where_another_one_changes() {
    browse(async |world: &World| {
        let branch = world.branch("Bakery of the unmoved", &[RYE]).await;
        let manager = world.staff("manager", &format!("/manager?branch={branch}#branch")).await;
        manager.text(".danger.big").await;
        let mark = "window.marked = [document.querySelector('.danger.big'),
            [...document.querySelectorAll('.panel li')].find((one) => one.textContent.includes('the unmoved')).querySelector('strong')]";
        manager.js(mark, json!([])).await;
        world.branch("Bakery of the moved", &[RYE]).await;
        manager.sees(".panel li", "Bakery of the moved").await;
        let stays = manager.js("return marked.map((one) => one.isConnected)", json!([])).await;
        assert_eq!(stays, json!([true, true]), "the button, and the line of the branch");
        manager.behaved().await;
    });
}

#[test]
fn a_line_that_is_refunded_is_said_to_who_ordered_it() {
    browse(async |world: &World| {
        let branch = world.branch("Bakery of refunds", &[("rye", "Rye bread", 540, 5)]).await;
        let order = world.order(&branch, "Ada", &[("rye", 2)]).await;
        let (token, id) = (world.token("kitchen").await, order["id"].as_str().unwrap());
        let start = format!("/kitchen/orders/{id}/start");
        world.api(&token, "POST", &start, Value::Null).await;
        let manager = world.staff("manager", &format!("/manager?branch={branch}#orders")).await;
        manager.press("001").await;
        manager.press("Refund").await;
        manager.sees("dialog .sum-back", "€10.80").await;
        manager.press("Some units").await;
        manager.fill("Rye bread", "3").await;
        manager.fill("Reason", "It was burnt").await;
        manager.press("Give it back").await;
        manager.sees("dialog .field .error", "Must be 0 to 2.").await;
        manager.fill("Rye bread", "1").await;
        manager.sees("dialog .sum-back", "€5.40").await;
        manager.press("Give it back").await;
        manager.sees(".notes", "€5.40 goes back to the customer.").await;
        manager.sees(".pill", "paid").await;
        manager.press("As the customer sees it").await;
        manager.sees(".note", "€5.40 was paid back").await;
        manager.sees(".note", "Reason: It was burnt").await;
        manager.behaved().await;
    });
}

#[test]
fn who_may_not_is_told_so() {
    browse(async |world: &World| {
        let kitchen = world.staff("kitchen", "/manager").await;
        kitchen
            .sees("main", "Demo kitchen has the role Kitchen; this page needs Manager or more.")
            .await;
        kitchen.press("Sign in as somebody else").await;
        kitchen.fill("Username", "manager").await;
        kitchen.fill("Password", "not the password").await;
        kitchen.press("Sign in").await;
        kitchen.sees(".form-error", "The username or the password is wrong.").await;
        kitchen.sign_in(&world.hire("manager").await, &world.demo.password).await;
        kitchen.sees("h1", "The day").await;
        kitchen.behaved().await;
    });
}

#[test]
fn an_order_whose_feed_was_refused_is_followed_again_once_it_was_read() {
    browse(async |world: &World| {
        let branch = world.branch("Bakery of feeds", &[("rye", "Rye bread", 540, 5)]).await;
        let order = world.order(&branch, "Ada", &[("rye", 2)]).await;
        let (token, id) = (world.token("kitchen").await, order["id"].as_str().unwrap());
        world.api(&token, "POST", &format!("/kitchen/orders/{id}/start"), Value::Null).await;
        let manager = world.staff("manager", &format!("/manager?branch={branch}#orders")).await;
        manager.sees("td", "Ada").await;
        manager.refuses(&format!("{id}/live"), 403).await;
        manager.press("001").await;
        manager.sees(".live-pill", "Not live").await;
        manager.press("Refund").await;
        manager.fill("Reason", "It was burnt").await;
        manager.press("Give it back").await;
        manager.sees(".live-pill", "Live").await;
        manager.sees_no(".live-pill", "Not live").await;
        world.api(&token, "POST", &format!("/kitchen/orders/{id}/ready"), Value::Null).await;
        manager.sees(".panel .pill", "Ready").await;
        manager.behaved().await;
    });
}

/// A bakery with 45 orders, all of them as `window.status` says.
const MANY_ORDERS: &str = r#"
const now = window.fetch;
window.status = "preparing";
window.fetch = (path, ...more) => {
  const { pathname, searchParams } = new URL(path, location.origin);
  if (pathname !== "/api/v1/orders") return now(path, ...more);
  const [from, limit] = [Number(searchParams.get("before") ?? 0), Number(searchParams.get("limit"))];
  const all = Array.from({ length: 45 }, (_, i) => ({ id: `order-${i}`, number: String(100 - i), status, customer: { name: "Ada" },
    created_at: new Date().toISOString(), items: [], total: 540, currency: "EUR", refunded: 0 }));
  const next = from + limit < all.length ? String(from + limit) : null;
  return Promise.resolve(Response.json({ orders: all.slice(from, from + limit), next }));
};"#;

#[test]
fn orders_that_were_shown_by_hand_stay_and_go_on() {
    browse(async |world: &World| {
        let branch = world.branch("Bakery of many orders", &[("rye", "Rye bread", 540, 5)]).await;
        let manager = world.staff("manager", &format!("/manager?branch={branch}")).await;
        manager.js(MANY_ORDERS, json!([])).await;
        manager.press_in(".tabs", "Orders").await;
        let rows = |count: u32| format!("document.querySelectorAll('tbody tr').length === {count}");
        manager.until("a page", &rows(20)).await;
        manager.holds("/orders?").await;
        let look = "document.dispatchEvent(new Event('visibilitychange'))";
        manager.js(look, json!([])).await;
        manager.held().await;
        manager.press("More").await;
        manager.until("two pages", &rows(40)).await;
        manager.js("window.status = 'served'", json!([])).await;
        manager.let_go().await;
        manager.js(look, json!([])).await;
        let served = "[...document.querySelectorAll('tbody tr')].every((row) => row.textContent.includes('Served'))";
        manager.until("all of them as they stand now", served).await;
        manager.until("two pages", &rows(40)).await;
        manager.press("More").await;
        manager.until("all", &rows(45)).await;
        manager.behaved().await;
    });
}

/// A poll of which each run ends when it is told to.
const POLL: &str = r#"
import("/web/js/poll.js").then(async ({ poll }) => {
  const runs = [];
  const polling = poll(1e6, () => new Promise((end) => runs.push(end)));
  const told = polling.now().then(() => { window.runs = runs.length; });
  runs[0]();
  while (runs.length < 2) await new Promise((next) => setTimeout(next));
  runs[1]();
  await told;
  polling.close();
});"#;

#[test]
fn what_is_asked_for_while_a_poll_runs_is_there_when_it_says_so() {
    browse(async |world: &World| {
        let page = world.tab("/manager").await;
        page.sees("h1", "Staff sign in here").await;
        page.js(POLL, json!([])).await;
        assert_eq!(page.until("the runs", "window.runs").await, 2);
        page.behaved().await;
    });
}
