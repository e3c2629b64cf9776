//! The receipt of a paid order: made from what the orders service keeps of it, and so the same for
//! ever, but for refunds.

use crate::messages::inventory::ReservedUnit;
use crate::money::Currency;
use crate::request::request;
use crate::requests::orders::Price;
use crate::requests::refunds::RefundLine;
use crate::slug::Slug;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

request!(GetReceipt -> Receipt: "orders" "receipt", "the receipt of a paid order");

/// The receipt of one order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GetReceipt {
    /// The order.
    pub order_id: Uuid,
}

/// A receipt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Receipt {
    /// The order.
    pub order_id: Uuid,
    /// The number called out at the counter.
    pub number: String,
    /// The business day that the number belongs to.
    pub date: NaiveDate,
    /// When the order was placed.
    pub time: DateTime<Utc>,
    /// Where it was bought.
    pub shop: ReceiptShop,
    /// What was bought.
    pub lines: Vec<ReceiptLine>,
    /// The sum that was paid, in minor units.
    pub total: i64,
    /// How much less that was than the full prices, where it is known.
    pub discount: i64,
    /// Of all prices.
    pub currency: Currency,
    /// What was given back, oldest first.
    pub refunds: Vec<ReceiptRefund>,
    /// The sum of that.
    pub refunded: i64,
    /// What remains paid.
    pub remains: i64,
}

/// The branch as it was when the order was placed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReceiptShop {
    /// The branch.
    pub branch: Slug,
    /// For people.
    pub name: String,
    /// For people.
    pub address: String,
    /// By which its clock goes.
    #[schema(value_type = String, example = "Europe/Berlin")]
    pub time_zone: Tz,
}

/// The units of one product.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReceiptLine {
    /// The product.
    pub product_id: Slug,
    /// Its name, as it was.
    pub name: String,
    /// How many.
    pub quantity: u32,
    /// At which prices, the dearest first.
    pub prices: Vec<Price>,
    /// The sum of them.
    pub line_total: i64,
    /// Each unit; its id is its passport.
    pub units: Vec<ReservedUnit>,
}

/// Money that went back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReceiptRefund {
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// How much, in minor units.
    pub amount: i64,
    /// Why.
    pub reason: String,
    /// What for; empty where the whole order was called off.
    pub lines: Vec<RefundLine>,
}
