//! Money given back for an order by a manager: asked of the orders service, and shown in the order.

use crate::messages::inventory::Line;
use crate::request::request;
use crate::requests::orders::Order;
use crate::slug::Slug;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

request!(RefundOrder -> Order: "orders" "refund", "gives money back for an order, all or lines of it");

/// Give money back for an order that the kitchen works on or has served. The goods stay with the
/// customer, and the order keeps its status.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefundOrder {
    /// Made by the first sender (uuid v7) and kept.
    pub refund_id: Uuid,
    /// The order.
    pub order_id: Uuid,
    /// The sender's own key: the same one again, for the same order, is the same refund.
    pub idempotency_key: Option<String>,
    /// For what; everything that was not refunded yet where it is not said.
    pub lines: Option<Vec<Line>>,
    /// Why, 1 to 200 characters. The customer is told.
    pub reason: String,
}

/// A refund as the order shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OrderRefund {
    /// The refund.
    pub id: Uuid,
    /// What it is for.
    pub lines: Vec<RefundLine>,
    /// The sum in minor units, of the order's currency.
    pub amount: i64,
    /// Why, in the words of who made it.
    pub reason: String,
    /// How far it has come.
    pub state: RefundState,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// When the bank had paid it back.
    pub paid_at: Option<DateTime<Utc>>,
}

/// The units of one product that a refund is for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RefundLine {
    /// The product.
    pub product_id: Slug,
    /// How many.
    pub quantity: u32,
    /// What was paid for them, in minor units.
    pub amount: i64,
    /// Which: of those that were not refunded yet, the dearest.
    pub units: Vec<Uuid>,
}

/// How far a refund has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum RefundState {
    /// The bank is asked until it has answered.
    Asked,
    /// The money is with the customer. Final.
    Paid,
}

impl RefundState {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Asked, Self::Paid];

    /// As written in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Paid => "paid",
        }
    }
}
