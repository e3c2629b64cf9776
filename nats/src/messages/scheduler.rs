//! What the shop's clock says. A tick is known by its job and its logical time, so that two
//! schedulers, or one that starts again, say the same thing once.

use crate::message::message;
use crate::slug::Slug;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

message!(BakeDue: Tick "scheduler" "bake-due", step "bake" by tick_id);
message!(SweepDue: Tick "scheduler" "sweep-due", step "sweep" by tick_id);

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
