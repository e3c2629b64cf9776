//! The clock of the bakery in the API's document.

use super::Page;
use super::body::JobsBody;
use crate::api::Op;
use crate::api::op::{Form, parameter};
use bakery_nats::requests::scheduler::{JobRan, JobState, JobsPut};
use serde_json::json;

const TAG: &str = "Jobs";

/// Their operations.
pub(crate) fn ops() -> Vec<Op> {
    let sweep = json!({
        "branch": "main", "name": "sweep", "when": { "every_s": 60 }, "action": { "sweep": {} },
    });
    let job = json!({ "type": "string", "pattern": JOB });
    vec![
        Op::new(("GET", "/admin/jobs"), TAG, "The jobs, with their last and next run")
            .query(Form::Slug, "branch", "Only of this branch.")
            .parameter(parameter("query", "after", "`next` of the page before.", job))
            .answers::<Page>(200, "A page of at most 500 jobs, by branch and name."),
        Op::new(("PUT", "/admin/jobs"), TAG, "Add jobs, or change them")
            .about("The others stay. A job has exactly one time and one action.")
            .body::<JobsBody>(&json!({ "jobs": [sweep] }))
            .answers::<JobsPut>(200, "They are in force."),
        of_one("POST", "/admin/jobs/{branch}/{name}/run", "Run a job once, now")
            .idempotent()
            .answers::<JobRan>(202, "Its tick is on its way."),
        of_one("POST", "/admin/jobs/{branch}/{name}/pause", "Hold a job")
            .answers::<JobState>(200, "The job."),
        of_one("POST", "/admin/jobs/{branch}/{name}/resume", "Let a job go on, from now")
            .answers::<JobState>(200, "The job."),
        of_one("DELETE", "/admin/jobs/{branch}/{name}", "Remove a job")
            .about("What the branch and its products need comes back with their next change.")
            .done("It is gone."),
    ]
}

/// Branch and name.
const JOB: &str = "^[a-z0-9][a-z0-9-]{0,39}/[a-z0-9][a-z0-9-]{0,39}$";

fn of_one(method: &'static str, path: &'static str, summary: &'static str) -> Op {
    Op::new((method, path), TAG, summary).id(Form::Slug, "branch", "The branch.", "main").id(
        Form::Slug,
        "name",
        "The job.",
        "sweep",
    )
}
