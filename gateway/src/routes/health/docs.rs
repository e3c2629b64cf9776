//! How everything is, in the API's document.

use super::Report;
use crate::api::Op;

/// The operation.
pub(crate) fn ops() -> Vec<Op> {
    vec![
        Op::new(("GET", "/health"), "Health", "How the gateway and everything behind it are")
            .answers::<Report>(200, "All that is needed is up.")
            .answers::<Report>(503, "Something that is needed is down.")
            .or_problem(503),
    ]
}
