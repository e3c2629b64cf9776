//! The books of a day in the API's document.

use crate::api::Op;
use crate::api::op::Form;
use crate::report::{Office, Report};

/// Their operations.
pub(crate) fn ops() -> Vec<Op> {
    let (tag, day) = ("Reports", "The business day.");
    vec![
        Op::new(("GET", "/admin/reports"), tag, "One day at every branch")
            .needed(Form::Date, "date", day, "2026-11-24")
            .form()
            .answers::<Office>(200, "The books, with their sums by currency.")
            .or_csv(200),
        Op::new(("GET", "/admin/reports/{branch}/{date}"), tag, "One day of one branch")
            .about("Each figure that two books have is compared; what differs is named.")
            .id(Form::Slug, "branch", "The branch.", "main")
            .id(Form::Date, "date", day, "2026-11-24")
            .form()
            .answers::<Report>(200, "The books.")
            .or_csv(200),
    ]
}
