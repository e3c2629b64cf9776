//! The menu in the API's document.

use crate::api::Op;
use crate::api::op::Form;
use bakery_nats::requests::inventory::{MenuEntry, MenuReply};

/// Its operations.
pub(crate) fn ops() -> Vec<Op> {
    let tag = "Menu";
    vec![
        Op::new(("GET", "/menu"), tag, "What can be bought now")
            .about("It may be a second old.")
            .branch()
            .answers::<MenuReply>(200, "The menu, in its order.")
            .refuses(404, "There is no such branch."),
        Op::new(("GET", "/products/{id}"), tag, "One product, as it is this moment")
            .id(Form::Slug, "id", "The product.", "rye")
            .branch()
            .answers::<MenuEntry>(200, "The product."),
    ]
}
