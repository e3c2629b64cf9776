//! The pipeline in the API's document.

use crate::api::Op;
use crate::api::op::{Form, parameter};
use crate::ops::letters::DeadLetterPage;
use crate::ops::pipeline::Pipeline;
use crate::ops::resend::Resent;
use serde_json::json;

const TAG: &str = "Operations";

/// Their operations.
pub(crate) fn ops() -> Vec<Op> {
    let place = json!({ "type": "integer", "minimum": 0, "maximum": u64::MAX });
    vec![
        Op::new(("GET", "/ops/pipeline"), TAG, "The pipeline as a whole")
            .about(
                "Services, the log and its consumers, what waits for an answer, and dead letters. All \
                 are counters: a rate is the difference of two documents over that of their \
                 `measured_at`. What nobody says in time is null, and `unknown` has the reason.",
            )
            .answers::<Pipeline>(200, "As it was within the last second."),
        Op::new(("GET", "/ops/dead-letters"), TAG, "Messages that could not be taken")
            .about(
                "A body can hold what a customer has typed. A page can be shorter than `limit`, and \
                 have a `next`, where letters were taken away.",
            )
            .parameter(parameter("query", "before", "`next` of the page before.", place))
            .limit()
            .answers::<DeadLetterPage>(200, "A page of them, the newest first."),
        Op::new(
            ("POST", "/ops/dead-letters/{sequence}/resend"),
            TAG,
            "Have a message handled once more",
        )
        .about(
            "The service that could not take it handles it as it is. It takes effect once, however \
             often it is sent.",
        )
        .id(Form::Number, "sequence", "The letter.", "1")
        .answers::<Resent>(200, "It is done, now or before.")
        .refuses(409, "`still_dead`: it is refused again, `detail` is the reason; `no_owner`."),
    ]
}
