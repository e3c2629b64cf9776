//! The operator looks on: what is up, and what became of one order.

use crate::browser::browse;
use crate::world::World;

const SERVICES: [&str; 5] = ["gateway", "orders", "inventory", "bank", "scheduler"];

#[test]
fn every_service_is_up_and_an_order_is_told_message_by_message() {
    browse(async |world: &World| {
        let branch = world.branch("Bakery of messages", &[("rye", "Rye bread", 540, 5)]).await;
        let order = world.order(&branch, "Ada", &[("rye", 1)]).await;
        let ops = world.staff("operator", "/ops").await;
        for service in SERVICES {
            ops.sees(&format!(".node[data-name={service}][data-state=up]"), "up").await;
            ops.sees(&format!(".node[data-name={service}]"), "1 instance").await;
        }
        ops.sees(".node[data-name=nats]", "messages kept").await;
        ops.sees(".live-pill", "Live").await;

        ops.fill("Number or id of the order", order["id"].as_str().unwrap()).await;
        ops.press("Show").await;
        ops.sees(".found", "Order 001").await;
        for message in ["reserve", "reserved", "charge", "charged", "confirm"] {
            ops.sees(".tree strong", message).await;
        }
        ops.until("what followed from what", "document.querySelector('.tree ol ol li')").await;
        let open = "document.querySelector('.tree ol summary').click() ?? true";
        ops.until("an open message", open).await;
        ops.sees(".tree", "Caused by").await;

        ops.fill("Number or id of the order", "999").await;
        ops.choose("Branch", "Bakery of messages").await;
        ops.press("Show").await;
        ops.sees(".found", "There is no such order.").await;
        ops.behaved().await;
    });
}
