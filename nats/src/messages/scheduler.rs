//! What the shop's clock says. A tick is known by its job and its logical time, so that two
//! schedulers, or one that starts again, say the same thing once.

use crate::id::derived;
use crate::message::message;
use crate::slug::Slug;
use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

message!(BakeDue: Tick "scheduler" "bake-due", step "bake" by tick_id);
message!(SweepDue: Tick "scheduler" "sweep-due", step "sweep" by tick_id);
message!(OpeningDue: Tick "scheduler" "opening-due", step "opening" by tick_id);
message!(DiscountDue: Tick "scheduler" "discount-due", step "discount" by tick_id);
message!(ClosingDue: Tick "scheduler" "closing-due", step "closing" by tick_id);

/// The id of the tick that the schedule of a job fires at a logical time, whoever fires it. The tick
/// of a run by hand has another.
pub fn tick_id(branch: &Slug, job: &Slug, due_at: DateTime<Utc>) -> Uuid {
    let time = due_at.to_rfc3339_opts(SecondsFormat::Secs, true);
    derived(&["tick", branch.as_str(), job.as_str(), &time])
}

/// It is time to bake a batch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BakeDue {
    /// Derived from branch, job and logical time; becomes the id of the batch.
    pub tick_id: Uuid,
    /// The job, such as `bake-donut`.
    pub job: Slug,
    /// The logical time of the tick: when the batch comes out of the oven.
    pub due_at: DateTime<Utc>,
    /// What to bake.
    pub product_id: Slug,
    /// How many units.
    pub quantity: u32,
}

/// It is time to take stale units off the shelf.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SweepDue {
    /// Derived from branch, job and logical time.
    pub tick_id: Uuid,
    /// The job, such as `sweep`.
    pub job: Slug,
    /// The logical time of the tick: what is stale by then is swept.
    pub due_at: DateTime<Utc>,
}

/// The branch opens: a new day begins at full prices.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpeningDue {
    /// Derived from branch, job and logical time.
    pub tick_id: Uuid,
    /// The job, such as `opening`.
    pub job: Slug,
    /// The logical time of the tick.
    pub due_at: DateTime<Utc>,
}

/// From now on until closing everything costs less.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DiscountDue {
    /// Derived from branch, job and logical time.
    pub tick_id: Uuid,
    /// The job, such as `discount`.
    pub job: Slug,
    /// The logical time of the tick: from then on units are sold at the lower price.
    pub due_at: DateTime<Utc>,
}

/// The branch closes: what is left of its day is thrown out, and the day is reported.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClosingDue {
    /// Derived from branch, job and logical time.
    pub tick_id: Uuid,
    /// The job, such as `closing`.
    pub job: Slug,
    /// The logical time of the tick: the business day that ends with it is the one it belongs to.
    pub due_at: DateTime<Utc>,
}
