//! A message that nobody could take, from its reason to the try that succeeds.

use crate::browser::browse;
use crate::tab::Tab;
use crate::world::{World, product};
use bakery_nats::ask::ask;
use bakery_nats::messages::scheduler::BakeDue;
use bakery_nats::publish::{Outlet, Stream};
use bakery_nats::requests::inventory::ListProducts;
use bakery_testbed::message;
use uuid::Uuid;

const BRANCH: &str = "main";

/// The number of the letter that names this product.
async fn letter(ops: &Tab<'_>, product: &str) -> String {
    let find = format!(
        "[...document.querySelectorAll('.letter')].find((one) => one.textContent.includes('{product}'))
            ?.querySelector('button')?.ariaLabel"
    );
    let label = ops.until("the letter", &find).await;
    label.as_str().unwrap().trim_start_matches("Send again: ").to_owned()
}

#[test]
fn a_dead_letter_is_shown_with_its_reason_and_is_taken_once_its_cause_is_mended() {
    browse(async |world: &World| {
        let id = format!("stollen-{}", &Uuid::now_v7().simple().to_string()[24..]);
        let now = bakery_chassis::clock::wall()();
        let due = BakeDue {
            tick_id: Uuid::now_v7(),
            job: "bake-by-hand".parse().unwrap(),
            due_at: now,
            product_id: id.parse().unwrap(),
            quantity: 3,
        };
        let stream = Stream { context: world.bus.context.clone() };
        stream.publish(vec![message::wire("scheduler", &due, now)]).await.unwrap();

        let ops = world.staff("operator", "/ops").await;
        let number = letter(&ops, &id).await;
        ops.sees(".letter .reason", "there is no such product at this branch").await;
        ops.press(&format!("Send again: {number}")).await;
        ops.sees(".letter .outcome", "refused again").await;

        let products = vec![product(&(&id, "Stollen", 900, 0))];
        let list = ListProducts { branch: BRANCH.parse().unwrap(), products };
        ask(&world.bus.client, &list).await.expect("a product");
        ops.press(&format!("Send again: {number}")).await;
        ops.sees(".letter .outcome", "taken").await;
        let shop = world.tab(&format!("/?branch={BRANCH}")).await;
        shop.sees(".product", "Stollen").await;
        shop.sees(".product", "3 left").await;
        ops.behaved().await;
    });
}
