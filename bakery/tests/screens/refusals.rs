//! What cannot be bought: why is said in words, and the basket is kept.

use crate::browser::browse;
use crate::orders::{order, send};
use crate::world::World;
use serde_json::json;

/// From now on the menu has three of everything, as one may that was on its way for a moment.
const OLD_MENU: &str = "const now = window.fetch;
window.fetch = async (path, ...more) => {
  const answer = await now(path, ...more);
  if (!String(path).includes('/menu?')) return answer;
  const { products } = await answer.json();
  for (const product of products) product.available = 3;
  return new Response(JSON.stringify({ products }), answer);
};";

#[test]
fn what_is_short_is_named_and_the_basket_is_kept() {
    browse(async |world: &World| {
        let shelf = [("rye", "Rye bread", 540, 3), ("sourdough", "Sourdough loaf", 620, 5)];
        let branch = world.branch("Bakery of few loaves", &shelf).await;
        let shop = world.tab(&format!("/?branch={branch}")).await;
        shop.press("Add: Rye bread").await;
        shop.press("Add (1 is in the basket): Rye bread").await;
        shop.press("Add: Sourdough loaf").await;
        world.order(&branch, "Grace", &[("rye", 2)]).await;
        shop.sees(".product", "Only one left").await;
        shop.sees("#basket .short", "Only one left.").await;

        // Ordered all the same, as when somebody is faster by a moment, and the menu is as it was.
        shop.js(OLD_MENU, json!([])).await;
        order(&shop, "Ada").await;
        shop.sees("dialog .outcome", "There is not enough left").await;
        shop.sees("dialog .outcome", "Rye bread: 2 wanted, 1 left").await;
        shop.sees("dialog .outcome", "Nothing was charged").await;
        // What is short may change, and then not all of it is read out again.
        shop.sees("dialog .outcome [role=alert]", "Nothing was charged").await;
        shop.sees_no("dialog [role=alert]", "Rye bread").await;
        shop.sees_no("dialog .outcome", "Sourdough").await;
        shop.press("Back to the basket").await;
        shop.sees("header .balance", "€200.00").await;
        shop.sees("#basket .line", "Sourdough loaf").await;
        shop.press("Take the last one: Rye bread").await;
        order(&shop, "Ada").await;
        shop.sees("h1", "Paid, and yours").await;
        shop.behaved().await;
    });
}

#[test]
fn what_costs_more_than_there_is_says_so_and_the_basket_is_kept() {
    browse(async |world: &World| {
        let shelf = [("cheesecake", "Wedding cake", 25_000, 2), ("rye", "Rye bread", 540, 2)];
        let branch = world.branch("Bakery of dear cakes", &shelf).await;
        let shop = world.tab(&format!("/?branch={branch}")).await;
        shop.press("Add: Wedding cake").await;
        order(&shop, "Ada").await;
        shop.sees("dialog .outcome", "There is not enough money in the account").await;
        shop.sees("dialog .outcome", "this costs €250.00, and €200.00 is there").await;
        shop.press("Back to the basket").await;
        shop.sees("#basket .line", "Wedding cake").await;
        shop.sees("header .balance", "€200.00").await;
        shop.sees(".product", "2 left").await;
        shop.reload().await;
        shop.sees("#basket .line", "Wedding cake").await;
        shop.press_in("#basket", "Order").await;
        shop.sees("dialog", "There is not enough in the account of Ada: €200.00.").await;
        shop.behaved().await;
    });
}

#[test]
fn a_name_and_an_address_that_cannot_be_are_said_at_their_fields() {
    browse(async |world: &World| {
        let branch = world.branch("Bakery of forms", &[("rye", "Rye bread", 540, 2)]).await;
        let shop = world.tab(&format!("/?branch={branch}")).await;
        shop.press("Add: Rye bread").await;
        order(&shop, "").await;
        shop.sees("dialog .field .error", "Please give 1 to 80 characters").await;
        shop.until("the focus in it", "document.activeElement.name === 'name'").await;
        shop.fill("E-mail (if you like)", "ada").await;
        shop.fill("Name", "Ada").await;
        send(&shop, "€5.40").await;
        shop.sees("dialog .field .error", "such as name@example.org").await;
        shop.fill("E-mail (if you like)", "ada@example.org").await;
        send(&shop, "€5.40").await;
        shop.sees("h1", "Paid, and yours").await;
        shop.behaved().await;
    });
}
