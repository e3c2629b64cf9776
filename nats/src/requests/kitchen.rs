//! What the orders service is asked for the kitchen and the board at the counter.

use crate::messages::orders::Status;
use crate::request::request;
use crate::requests::orders::{Order, StatusCount};
use crate::slug::Slug;
use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

request!(Kitchen -> KitchenQueue: "orders" "kitchen", "what the kitchen has in hand, oldest first");
request!(Board -> BoardReply: "orders" "board", "the numbers on the board at the counter");
request!(BakeList -> BakeListReply: "orders" "bake-list", "units that paid orders wait for");
request!(KitchenStats -> KitchenStatsReply: "orders" "kitchen-stats", "how fast the kitchen was on one business day");

/// The orders that a kitchen works on: confirmed, preparing and ready, of the last day on which
/// somebody ordered and of the day before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kitchen {
    /// The branch.
    pub branch: Slug,
}

/// What a kitchen has in hand.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct KitchenQueue {
    /// At most 100, oldest first, without their units.
    pub orders: Vec<Order>,
    /// True where there are more.
    pub more: bool,
}

/// What a branch is preparing, and what can be picked up, of the same days.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Board {
    /// The branch.
    pub branch: Slug,
}

/// The board at the counter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BoardReply {
    /// At most 500, oldest first.
    pub orders: Vec<BoardLine>,
}

/// One number on the board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoardLine {
    /// The order, which is nobody's business but the gateway's.
    pub order_id: Uuid,
    /// The number called out at the counter.
    pub number: String,
    /// `preparing` or `ready`.
    pub status: Status,
}

/// What paid orders of the same days still wait for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BakeList {
    /// The branch.
    pub branch: Slug,
}

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BakeListReply {
    /// One line a product, by its id.
    pub lines: Vec<WantedLine>,
}

/// What is wanted of one product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WantedLine {
    /// The product.
    pub product_id: Slug,
    /// Units of orders that are paid and not ready yet.
    pub units: i64,
    /// How many orders those are.
    pub orders: i64,
}

/// The kitchen's work on one business day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KitchenStats {
    /// The branch.
    pub branch: Slug,
    /// The business day on which the orders were placed.
    pub date: NaiveDate,
    /// Where the branch's clock hangs: hours are told by it.
    pub time_zone: Tz,
}

/// How it went. Seconds are of the shop's time, to the millisecond.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KitchenStatsReply {
    /// How many orders have each status.
    pub orders: Vec<StatusCount>,
    /// How long each stage took, for the stages that any order has behind it.
    pub stages: Vec<StageTime>,
    /// How long was waited for each product.
    pub products: Vec<ProductWait>,
    /// When the orders were placed.
    pub hours: Vec<HourCount>,
}

/// How long orders took from one stage to the next.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StageTime {
    /// Where it begins.
    pub from: Status,
    /// Where it ends.
    pub to: Status,
    /// Orders that have it behind them.
    pub orders: i64,
    /// The mean, in seconds.
    pub mean_s: f64,
    /// Of twenty orders, nineteen took no longer.
    pub p95_s: f64,
}

/// How long customers waited for one product.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProductWait {
    /// The product.
    pub product_id: Slug,
    /// Orders with it that became ready.
    pub orders: i64,
    /// From placing the order until it was ready, in the mean, in seconds.
    pub mean_s: f64,
}

/// How many orders were placed in an hour.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HourCount {
    /// 0 to 23, on the branch's wall clock.
    pub hour: u32,
    /// How many.
    pub orders: i64,
}
