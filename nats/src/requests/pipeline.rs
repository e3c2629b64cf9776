//! What the orders service is asked by those who look at the pipeline as a whole.

use crate::request::request;
use crate::slug::Slug;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

request!(GetPipeline -> InFlight: "orders" "pipeline", "open orders and refunds, and how often they were asked again");

/// Everything that waits for an answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GetPipeline {}

/// What waits for an answer, added up. At most 1,000 lines each, the longest overdue first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InFlight {
    /// The clock that `due_at` is by.
    pub measured_at: DateTime<Utc>,
    /// Orders whose saga waits for inventory or the bank.
    pub orders: Vec<Waiting>,
    /// Refunds that the bank has not answered.
    pub refunds: Vec<Waiting>,
}

/// What waits in one state at one branch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Waiting {
    /// The branch.
    pub branch: Slug,
    /// Where they stand, such as `placed` or `giving_up`.
    pub state: String,
    /// How many.
    pub open: i64,
    /// How many of them were asked for more than once.
    pub asked_again: i64,
    /// How often the one was asked for that was asked for most often.
    pub attempt_max: i32,
    /// When the first of them is asked for again.
    pub due_at: DateTime<Utc>,
}
