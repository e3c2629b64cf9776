//! Opening and changing branches, in the API's document.

use super::SwitchBody;
use super::body::BranchBody;
use crate::api::Op;
use crate::api::op::Form;
use crate::routes::branches::View;
use serde_json::json;

/// Their operations.
pub(crate) fn ops() -> Vec<Op> {
    let (tag, day) = ("Branches", json!({ "open": "00:00", "close": "24:00" }));
    let branch = json!({
        "name": "Bakery on the square",
        "address": "1 Market Square, Berlin",
        "time_zone": "Europe/Berlin",
        "hours": {
            "mon": day, "tue": day, "wed": day, "thu": day, "fri": day, "sat": day, "sun": day,
        },
        "currency": "EUR",
    });
    vec![
        Op::new(("PUT", "/admin/branches/{id}"), tag, "Open a branch, or change it")
            .about("A day that is left out is a day of rest. Each day closes later than it opens.")
            .id(Form::Slug, "id", "The branch.", "main")
            .body::<BranchBody>(&branch)
            .answers::<View>(200, "The branch.")
            .refuses(422, "Fields are wrong, or the currency would change under its products."),
        Op::new(("PUT", "/admin/branches/{id}/switch"), tag, "Close a branch by hand, or no more")
            .id(Form::Slug, "id", "The branch.", "main")
            .body::<SwitchBody>(&json!({ "closed": false }))
            .answers::<View>(200, "The branch."),
    ]
}
