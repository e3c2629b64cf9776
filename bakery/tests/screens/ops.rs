//! The operator looks on: what is up, and what became of one order.

use crate::browser::browse;
use crate::world::World;
use serde_json::json;

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

#[test]
fn the_order_that_was_asked_for_last_is_shown_whichever_answer_comes_last() {
    browse(async |world: &World| {
        let branch = world.branch("Bakery of haste", &[("rye", "Rye bread", 540, 5)]).await;
        let first = world.order(&branch, "Ada", &[("rye", 1)]).await;
        let second = world.order(&branch, "Grace", &[("rye", 1)]).await;
        let ops = world.staff("operator", &format!("/ops?branch={branch}")).await;
        ops.sees("h2", "The messages of an order").await;
        ops.holds(&format!("{}/events", first["id"].as_str().unwrap())).await;
        // As two letters ask, one press after the other.
        let ask = "import('/web/js/ops/search.js').then(({ orderSearch }) => {
            const search = orderSearch();
            document.querySelector('#main').replaceChildren(search.element);
            search.find(arguments[0]).then(() => { window.isDone = true; });
            search.find(arguments[1]);
        });";
        ops.js(ask, json!([first["id"], second["id"]])).await;
        ops.held().await;
        ops.sees(".found h3", "Order 002").await;
        ops.let_go().await;
        ops.until("the end of the first", "window.isDone").await;
        assert_eq!(ops.text(".found h3").await, "Order 002");
        ops.behaved().await;
    });
}

#[test]
fn what_an_answer_says_nothing_of_does_not_go_on_moving() {
    browse(async |world: &World| {
        let ops = world.staff("operator", "/ops").await;
        let script = "import('/web/js/ops/meter.js').then(({ meter }) => {
            const gauge = meter();
            const at = (s, delivered) => gauge.take({ measured_at: new Date(s * 1000), services: null, stream: null,
                consumers: delivered === null ? null : [{ name: 'bank', delivered, acknowledged: delivered, pending: 0 }] });
            const rates = [[0, 10], [2, 20], [4, null]].map(([s, delivered]) => [at(s, delivered), gauge.rate('bank delivered')][1]);
            window.rates = JSON.stringify(rates);
        });";
        ops.js(script, json!([])).await;
        assert_eq!(ops.until("the rates", "window.rates").await, "[null,5,null]");
        ops.behaved().await;
    });
}
