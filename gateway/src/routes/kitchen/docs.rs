//! The kitchen and the board at the counter in the API's document.

use super::{BakeView, StatsView};
use crate::api::Op;
use crate::api::op::Form;
use crate::live::snapshot::DisplayView;
use crate::routes::orders::docs::action;
use bakery_nats::requests::kitchen::KitchenQueue;

const TAG: &str = "Kitchen";

/// Their operations.
pub(crate) fn ops() -> Vec<Op> {
    vec![
        Op::new(("GET", "/kitchen/orders"), TAG, "What the kitchen has in hand")
            .about("Confirmed and preparing; ready, of the last two business days.")
            .branch()
            .answers::<KitchenQueue>(200, "At most 100 orders, oldest first."),
        action(TAG, "/kitchen/orders/{id}/start", "The kitchen starts", "It is being prepared."),
        action(TAG, "/kitchen/orders/{id}/ready", "It can be picked up", "It is ready."),
        action(TAG, "/kitchen/orders/{id}/serve", "It was picked up", "It is served."),
        Op::new(("GET", "/kitchen/bake-list"), TAG, "What is to be baked")
            .about("What paid orders wait for, beside what is free on the shelf.")
            .branch()
            .answers::<BakeView>(200, "One line a product, in the order of the menu.")
            .refuses(404, "There is no such branch."),
        Op::new(("GET", "/kitchen/stats"), TAG, "How fast the kitchen was")
            .about("Of a business day, today's where none is named. Seconds are the shop's.")
            .branch()
            .query(Form::Date, "date", "The business day.")
            .answers::<StatsView>(200, "Orders by status, stages, waiting by product, hours.")
            .refuses(404, "There is no such branch."),
        Op::new(("GET", "/display"), TAG, "The board at the counter")
            .branch()
            .answers::<DisplayView>(200, "What is being prepared and what can be picked up."),
    ]
}
