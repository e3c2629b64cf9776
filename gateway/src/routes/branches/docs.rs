//! Branches in the API's document.

use super::{View, Views};
use crate::api::Op;
use crate::api::op::Form;

/// Their operations.
pub(crate) fn ops() -> Vec<Op> {
    let tag = "Branches";
    vec![
        Op::new(("GET", "/branches"), tag, "Every branch, and whether it is open")
            .answers::<Views>(200, "The branches, by id.")
            .refuses(400, "The query cannot be read.")
            .refuses(422, "There is no field that the query could have."),
        Op::new(("GET", "/branches/{id}"), tag, "One branch")
            .id(Form::Slug, "id", "The branch.", "main")
            .answers::<View>(200, "The branch."),
    ]
}
