//! The shelf in the API's document.

use crate::api::Op;
use crate::api::op::Form;
use bakery_nats::requests::shelf::ShelfReply;

/// Its operation.
pub(crate) fn ops() -> Vec<Op> {
    vec![
        Op::new(
            ("GET", "/admin/branches/{id}/shelf"),
            "Catalogue",
            "The shelf, by product and age",
        )
        .about(
            "What is left of the batches of today, the oldest first. Units that are stale, sold or \
                 thrown out are not on the shelf; those that are held for orders are.",
        )
        .id(Form::Slug, "id", "The branch.", "main")
        .answers::<ShelfReply>(200, "The shelf as it is now.")
        .refuses(400, "The query cannot be read.")
        .refuses(422, "There is no field that the query could have."),
    ]
}
