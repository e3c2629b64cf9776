//! A message that nobody could take, from its reason to the try that succeeds.

use crate::browser::browse;
use crate::tab::Tab;
use crate::world::{World, product};
use bakery_nats::messages::scheduler::BakeDue;
use bakery_nats::publish::{Outlet, Stream};
use bakery_nats::requests::inventory::ListProducts;
use bakery_testbed::message;
use serde_json::Value;
use tokio::sync::Mutex;
use uuid::Uuid;

const BRANCH: &str = "main";

/// All letters are in one list, whose page shows the newest: a test has it for itself.
static ALONE: Mutex<()> = Mutex::const_new(());

/// Finds the label of the first button of the letter that names this product.
fn label(product: &str) -> String {
    format!(
        "[...document.querySelectorAll('.letter')].find((one) => one.textContent.includes('{product}'))
            ?.querySelector('button')?.ariaLabel"
    )
}

/// The number in such a label.
fn number(label: &Value) -> String {
    label.as_str().unwrap().trim_start_matches("Send again: ").to_owned()
}

/// The number of the letter that names this product, among the newest.
async fn newest(ops: &Tab<'_>, product: &str) -> String {
    number(&ops.until("the letter", &label(product)).await)
}

/// The same, also where other tests have had many letters since.
async fn letter(ops: &Tab<'_>, product: &str) -> String {
    let older = "[...document.querySelectorAll('button')].find((one) => shown(one) && one.textContent === 'Older ones')?.click()";
    number(&ops.until("the letter", &format!("{} ?? {older}", label(product))).await)
}

/// The letter with this number.
fn card(number: &str) -> String {
    format!(".letter[data-key=\"{number}\"]")
}

/// A message that nobody can take is said; the product that it names.
async fn unknown_product(world: &World) -> String {
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
    id
}

#[test]
fn a_dead_letter_is_shown_with_its_reason_and_is_taken_once_its_cause_is_mended() {
    browse(async |world: &World| {
        let _alone = ALONE.lock().await;
        let id = unknown_product(world).await;
        let ops = world.staff("operator", "/ops").await;
        let number = letter(&ops, &id).await;
        let card = card(&number);
        ops.sees(&format!("{card} .reason"), "there is no such product at this branch").await;
        ops.press(&format!("Send again: {number}")).await;
        ops.sees(&format!("{card} .outcome"), "refused again").await;

        let products = vec![product(&(&id, "Stollen", 900, 0))];
        let list = ListProducts { branch: BRANCH.parse().unwrap(), products };
        world.ask(&list).await;
        ops.press(&format!("Send again: {number}")).await;
        ops.sees(&format!("{card} .outcome"), "taken").await;
        let shop = world.tab(&format!("/?branch={BRANCH}")).await;
        shop.sees(".product", "Stollen").await;
        shop.sees(".product", "3 left").await;
        ops.behaved().await;
    });
}

#[test]
fn letters_that_could_not_be_read_are_asked_for_again() {
    browse(async |world: &World| {
        let _alone = ALONE.lock().await;
        let id = unknown_product(world).await;
        let ops = world.staff("operator", "/ops").await;
        letter(&ops, &id).await;
        ops.press("Sign out").await;
        ops.refuses("/ops/dead-letters", 503).await;
        ops.sign_in(&world.hire("operator").await, &world.demo.password).await;
        letter(&ops, &id).await;
        // Not the tries of other tests, which may have been refused.
        ops.sees_no(".note.bad[role=alert]", " ").await;
        ops.behaved().await;
    });
}

/// So many that there are older ones, whatever else there is.
const MANY: usize = 14;
const WITHOUT_A_GAP: &str = "(() => {
    const numbers = [...document.querySelectorAll('.letter')].map((one) => Number(one.dataset.key));
    return numbers.length > 13 && numbers.every((one, i) => i === 0 || numbers[i - 1] === one + 1);
})()";

#[test]
fn no_letter_is_left_out_where_a_new_one_comes_while_older_ones_are_on_their_way() {
    browse(async |world: &World| {
        let _alone = ALONE.lock().await;
        let mut last = String::new();
        for _ in 0..MANY {
            last = unknown_product(world).await;
        }
        let ops = world.staff("operator", "/ops").await;
        newest(&ops, &last).await;
        ops.holds("before=").await;
        ops.press("Older ones").await;
        ops.held().await;
        let new = unknown_product(world).await;
        let number = newest(&ops, &new).await;
        ops.let_go().await;
        ops.until("all letters, none left out", WITHOUT_A_GAP).await;

        // The card is drawn anew with the next letter: it has been tried by then.
        ops.press(&format!("Send again: {number}")).await;
        let card = card(&number);
        ops.sees(&format!("{card} .outcome"), "refused again").await;
        let stays = format!("document.activeElement.closest('{card}')");
        ops.until("the focus where it was pressed", &stays).await;
        newest(&ops, &unknown_product(world).await).await;
        let leads = format!("document.activeElement.matches('{card} h3')");
        ops.until("the focus at the letter that was drawn anew", &leads).await;
        ops.until("all letters, none left out", WITHOUT_A_GAP).await;
        ops.behaved().await;
    });
}
