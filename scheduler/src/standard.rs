//! The jobs that a branch and its products have by themselves.

use bakery_nats::id::derived;
use bakery_nats::messages::inventory::Production;
use bakery_nats::requests::scheduler::{Job, JobAction, When};
use bakery_nats::slug::Slug;

/// The discount begins so many seconds from closing.
const DISCOUNT_CLOSING_S: i32 = -1800;
/// Stale units are taken off the shelf every quarter of an hour.
const SWEEP_CRON: &str = "0 */15 * * * *";
/// Characters of a long product name that stand in the name of its job, before a mark of eight.
const LONG_NAME_PART: usize = 26;
const MARK_LENGTH: usize = 8;

/// What every branch does each day.
pub(crate) fn of_branch(branch: &Slug) -> Vec<Job> {
    let jobs = [
        ("opening", When::OpeningS(0), JobAction::Open {}),
        ("discount", When::ClosingS(DISCOUNT_CLOSING_S), JobAction::Discount {}),
        ("sweep", When::Cron(SWEEP_CRON.to_owned()), JobAction::Sweep {}),
        ("closing", When::ClosingS(0), JobAction::Close {}),
    ];
    let job = |(name, when, action): (&str, _, _)| {
        let (branch, name) = (branch.clone(), name.parse().ok()?);
        Some(Job { branch, name, when, action, misfire: None, paused: false })
    };
    jobs.into_iter().filter_map(job).collect()
}

/// How a product is baked; `None` where its batches have no units.
pub(crate) fn of_product(
    branch: &Slug,
    product_id: &Slug,
    Production { every_s, batch }: Production,
) -> Option<Job> {
    let quantity = u32::try_from(batch).ok().filter(|units| *units > 0)?;
    Some(Job {
        branch: branch.clone(),
        name: bake_name(product_id)?,
        when: When::EveryS(every_s),
        action: JobAction::Bake { product_id: product_id.clone(), quantity },
        misfire: None,
        paused: false,
    })
}

/// `bake-<product>`. Where that is too long for a name it ends in a mark of the product.
pub(crate) fn bake_name(product_id: &Slug) -> Option<Slug> {
    let product = product_id.as_str();
    let long = || {
        let mark = derived(&["bake", product]).simple().to_string();
        format!("bake-{}-{}", product.get(..LONG_NAME_PART)?, mark.get(..MARK_LENGTH)?).parse().ok()
    };
    format!("bake-{product}").parse().ok().or_else(long)
}
