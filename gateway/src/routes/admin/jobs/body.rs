//! The body of jobs: which, when and what. All that cannot be meant is found at once.

use crate::checks::{Checks, SLUG};
use crate::input::Object;
use bakery_nats::refusal::Refusal;
use bakery_nats::requests::scheduler::{Job, JobAction, Misfire, PutJobs, When};
use bakery_nats::slug::Slug;
use serde::Deserialize;
use serde_json::Number;
use utoipa::ToSchema;

const EVERY_MAX_S: i64 = 86_400;
/// The scheduler knows how far from opening or closing makes sense.
const OFFSET_MAX_S: i64 = i32::MAX as i64;
const BATCH_UNITS_MAX: i64 = 10_000;
const WHEN: &str = "must be one of cron, every_s, opening_s and closing_s";
const ACTION: &str = "must be one of bake, sweep, open, discount and close";
const MISFIRE: &str = "must be once, all or skip";

/// Jobs as their baker writes them. Nothing is required here, so that what is missing is found
/// together with what is wrong.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct JobsBody {
    #[schema(value_type = Vec<JobBody>, max_items = 500)]
    jobs: Option<Vec<Object<JobBody>>>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct JobBody {
    #[schema(value_type = Slug)]
    branch: Option<String>,
    #[schema(value_type = Slug)]
    name: Option<String>,
    #[schema(value_type = WhenBody)]
    when: Option<Object<WhenBody>>,
    #[schema(value_type = ActionBody)]
    action: Option<Object<ActionBody>>,
    #[schema(value_type = Option<Misfire>)]
    misfire: Option<String>,
    paused: Option<bool>,
}

/// Exactly one of them.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(min_properties = 1, max_properties = 1)]
struct WhenBody {
    #[schema(value_type = Option<String>, nullable = false)]
    cron: Option<String>,
    #[schema(value_type = Option<i64>, nullable = false, minimum = 1, maximum = 86400)]
    every_s: Option<Number>,
    #[schema(value_type = Option<i64>, nullable = false, minimum = -2147483647, maximum = 2147483647)]
    opening_s: Option<Number>,
    #[schema(value_type = Option<i64>, nullable = false, minimum = -2147483647, maximum = 2147483647)]
    closing_s: Option<Number>,
}

/// Exactly one of them.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(min_properties = 1, max_properties = 1)]
struct ActionBody {
    #[schema(value_type = Option<BakeBody>, nullable = false)]
    bake: Option<Object<BakeBody>>,
    #[schema(value_type = Option<Nothing>, nullable = false)]
    sweep: Option<Object<Nothing>>,
    #[schema(value_type = Option<Nothing>, nullable = false)]
    open: Option<Object<Nothing>>,
    #[schema(value_type = Option<Nothing>, nullable = false)]
    discount: Option<Object<Nothing>>,
    #[schema(value_type = Option<Nothing>, nullable = false)]
    close: Option<Object<Nothing>>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BakeBody {
    #[schema(value_type = Slug)]
    product_id: Option<String>,
    #[schema(value_type = i64, minimum = 1, maximum = 10000)]
    quantity: Option<Number>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Nothing {}

impl JobsBody {
    /// The jobs as the scheduler wants them.
    pub(crate) fn read(self) -> Result<PutJobs, Refusal> {
        let mut checks = Checks::default();
        let jobs = checks.needed("jobs", self.jobs);
        let jobs = jobs.map(|jobs| {
            let place = |(i, Object(job)): (usize, &Object<JobBody>)| {
                job.read(&format!("jobs[{i}]"), &mut checks)
            };
            jobs.iter().enumerate().filter_map(place).collect()
        });
        checks.finish(jobs.map(|jobs| PutJobs { jobs }))
    }
}

impl JobBody {
    fn read(&self, at: &str, checks: &mut Checks) -> Option<Job> {
        let mut slug = |name: &str, text: &Option<String>| {
            let field = format!("{at}.{name}");
            let text = checks.needed(&field, text.as_deref())?;
            checks.parsed(&field, text, SLUG)
        };
        let (branch, name) = (slug("branch", &self.branch), slug("name", &self.name));
        let field = format!("{at}.when");
        let when = checks.needed(&field, self.when.as_ref());
        let when = when.and_then(|Object(when)| when.read(&field, checks));
        let field = format!("{at}.action");
        let action = checks.needed(&field, self.action.as_ref());
        let action = action.and_then(|Object(action)| action.read(&field, checks));
        let misfire = self.misfire.as_deref().and_then(|text| {
            let misfire = misfire(text);
            if misfire.is_none() {
                checks.wrong(format!("{at}.misfire"), MISFIRE);
            }
            misfire
        });
        let paused = self.paused.unwrap_or_default();
        Some(Job { branch: branch?, name: name?, when: when?, action: action?, misfire, paused })
    }
}

impl WhenBody {
    fn read(&self, field: &str, checks: &mut Checks) -> Option<When> {
        let offset = -OFFSET_MAX_S..=OFFSET_MAX_S;
        let mut whole = |name: &str, number, bounds| {
            checks.whole::<i32>(&format!("{field}.{name}"), number, bounds)
        };
        match (&self.cron, &self.every_s, &self.opening_s, &self.closing_s) {
            (Some(cron), None, None, None) => Some(When::Cron(cron.clone())),
            (None, Some(n), None, None) => whole("every_s", n, 1..=EVERY_MAX_S).map(When::EveryS),
            (None, None, Some(n), None) => whole("opening_s", n, offset).map(When::OpeningS),
            (None, None, None, Some(n)) => whole("closing_s", n, offset).map(When::ClosingS),
            _ => {
                checks.wrong(field, WHEN);
                None
            }
        }
    }
}

impl ActionBody {
    fn read(&self, field: &str, checks: &mut Checks) -> Option<JobAction> {
        let bake = self.bake.as_ref().map(|Object(bake)| bake);
        let plain = [
            (&self.sweep, JobAction::Sweep {}),
            (&self.open, JobAction::Open {}),
            (&self.discount, JobAction::Discount {}),
            (&self.close, JobAction::Close {}),
        ];
        let mut plain = plain.into_iter().filter(|(given, _)| given.is_some());
        match (bake, plain.next(), plain.next()) {
            (Some(bake), None, None) => bake.read(&format!("{field}.bake"), checks),
            (None, Some((_, action)), None) => Some(action),
            _ => {
                checks.wrong(field, ACTION);
                None
            }
        }
    }
}

impl BakeBody {
    fn read(&self, at: &str, checks: &mut Checks) -> Option<JobAction> {
        let field = format!("{at}.product_id");
        let product_id = checks
            .needed(&field, self.product_id.as_deref())
            .and_then(|text| checks.parsed(&field, text, SLUG));
        let field = format!("{at}.quantity");
        let quantity = checks.needed_whole(&field, self.quantity.as_ref(), 1..=BATCH_UNITS_MAX);
        Some(JobAction::Bake { product_id: product_id?, quantity: quantity? })
    }
}

fn misfire(text: &str) -> Option<Misfire> {
    match text {
        "once" => Some(Misfire::Once),
        "all" => Some(Misfire::All),
        "skip" => Some(Misfire::Skip),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
