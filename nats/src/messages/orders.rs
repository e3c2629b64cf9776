//! What the orders service says: one event for each change of an order's public status.

use crate::message::message;
use crate::messages::inventory::Line;
use crate::money::Currency;
use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::ToSchema;
use uuid::Uuid;

/// The status of an order as people see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Accepted: it is in the database, and will reach an end.
    Placed,
    /// Its units are held.
    Reserved,
    /// Paid, and the units are the buyer's. The kitchen may start.
    Confirmed,
    /// The kitchen works on it.
    Preparing,
    /// It can be picked up.
    Ready,
    /// Picked up. Final.
    Served,
    /// Not enough units. Final.
    Rejected,
    /// No money. Final.
    Declined,
    /// Called off, by a person or by the clock. Final; what was held or paid goes back by itself.
    Cancelled,
}

impl Status {
    /// All of them, in the order of an order's life.
    pub const ALL: [Self; 9] = [
        Self::Placed,
        Self::Reserved,
        Self::Confirmed,
        Self::Preparing,
        Self::Ready,
        Self::Served,
        Self::Rejected,
        Self::Declined,
        Self::Cancelled,
    ];

    /// As written in JSON and in subjects.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Placed => "placed",
            Self::Reserved => "reserved",
            Self::Confirmed => "confirmed",
            Self::Preparing => "preparing",
            Self::Ready => "ready",
            Self::Served => "served",
            Self::Rejected => "rejected",
            Self::Declined => "declined",
            Self::Cancelled => "cancelled",
        }
    }

    /// True once the buying is decided: paid for, or over without a sale.
    pub fn is_settled(self) -> bool {
        !matches!(self, Self::Placed | Self::Reserved)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Status {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|status| status.as_str() == text).ok_or(())
    }
}

/// Why an order ended without a sale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reason {
    /// For programs, such as `out_of_stock`.
    pub code: String,
    /// For people, one sentence.
    pub detail: String,
}

/// An order has a new status. The subject ends in that status. No personal data is in here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderChanged {
    /// The order.
    pub order_id: Uuid,
    /// The number called out at the counter.
    pub number: String,
    /// The new status.
    pub status: Status,
    /// Rises with every change; the higher one is the newer.
    pub version: i64,
    /// Whose order it is.
    pub account_id: Uuid,
    /// What was ordered.
    pub lines: Vec<Line>,
    /// What it costs in minor units, once it is reserved.
    pub total: Option<i64>,
    /// The currency of the total.
    pub currency: Option<Currency>,
    /// Why it ended without a sale.
    pub reason: Option<Reason>,
}

message!(OrderChanged: Evt "orders" "changed", step "changed" by order_id);
message!(OrderRefunded: Evt "orders" "refunded", step "refunded" by refund_id);

impl OrderChanged {
    /// The last token of the subject, and the step of the transport id: the status itself, so
    /// that one can subscribe to `bakery.evt.orders.*.ready`.
    pub fn name(&self) -> &'static str {
        self.status.as_str()
    }
}

/// The bank has paid a refund back; the status of the order stays. No personal data is in here, but
/// what the manager wrote as the reason.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderRefunded {
    /// The order.
    pub order_id: Uuid,
    /// The number called out at the counter.
    pub number: String,
    /// Whose order it is.
    pub account_id: Uuid,
    /// The refund.
    pub refund_id: Uuid,
    /// What was paid back, in minor units.
    pub amount: i64,
    /// Of the amount.
    pub currency: Currency,
    /// Why, in the words of who made it.
    pub reason: String,
}
