//! What the orders service is asked.

use crate::messages::inventory::{Line, ReservedUnit};
use crate::messages::orders::{Reason, Status};
use crate::money::Currency;
use crate::request::request;
use crate::requests::refunds::OrderRefund;
use crate::slug::Slug;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

request!(Place -> Order: "orders" "place", "accepts an order; from then on it reaches an end");
request!(GetOrder -> Order: "orders" "order", "one order as it stands");
request!(ListOrders -> OrderPage: "orders" "list", "orders, newest first");
request!(GetTimeline -> Timeline: "orders" "timeline", "every message of one order's saga");
request!(Advance -> Order: "orders" "advance", "cancel, start, ready, serve");
request!(DaySales -> DaySalesReply: "orders" "day-sales", "what the orders of one business day came to");

/// A new order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Made by the first sender (uuid v7) and kept.
    pub order_id: Uuid,
    /// The customer's own key: the same one again is the same order.
    pub idempotency_key: Option<String>,
    /// The branch.
    pub branch: Slug,
    /// Who pays.
    pub account_id: Uuid,
    /// Who it is for.
    pub customer: Customer,
    /// What is wanted, 1 to 50 lines.
    pub items: Vec<Line>,
}

/// Who an order is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Customer {
    /// 1 to 80 characters.
    pub name: String,
    /// An e-mail address, if given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// One order as it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Order {
    /// The order.
    pub id: Uuid,
    /// The number called out at the counter; counts from 001 each day at each branch.
    pub number: String,
    /// The branch.
    pub branch: Slug,
    /// Where it stands.
    pub status: Status,
    /// Who pays.
    pub account_id: Uuid,
    /// Who it is for.
    pub customer: Customer,
    /// What was ordered, and what is held or sold.
    pub items: Vec<Item>,
    /// The sum in minor units, once it is reserved.
    pub total: Option<i64>,
    /// The currency of all prices.
    pub currency: Option<Currency>,
    /// What the bank has paid back while the order stayed, in minor units.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub refunded: i64,
    /// What a manager gave back, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refunds: Vec<OrderRefund>,
    /// Why it ended without a sale.
    pub reason: Option<Reason>,
    /// When it was placed.
    pub created_at: DateTime<Utc>,
    /// When its status changed last.
    pub updated_at: DateTime<Utc>,
}

/// One line of an order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Item {
    /// The product.
    pub product_id: Slug,
    /// Its name, once it is reserved.
    pub name: Option<String>,
    /// How many.
    pub quantity: u32,
    /// What one unit costs, and how many cost that, once it is reserved; the dearest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prices: Vec<Price>,
    /// The sum of its units' prices, once it is reserved.
    pub line_total: Option<i64>,
    /// The units held or sold.
    pub units: Vec<ReservedUnit>,
}

/// Units of a line that cost the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Price {
    /// How many.
    pub quantity: u32,
    /// Of each, in minor units.
    pub unit_price: i64,
    /// What each costs otherwise, where that is more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_price: Option<i64>,
}

/// Left out where it is nothing.
fn is_zero(amount: &i64) -> bool {
    *amount == 0
}

/// One order by its id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GetOrder {
    /// The order.
    pub order_id: Uuid,
}

/// Orders, newest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListOrders {
    /// Only of this branch.
    pub branch: Option<Slug>,
    /// Only with this status.
    pub status: Option<Status>,
    /// Only of this account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<Uuid>,
    /// Only with this number; it begins anew each day at each branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u32>,
    /// Only of this business day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<NaiveDate>,
    /// Only older than this order: the cursor of the page before.
    pub before: Option<Uuid>,
    /// 1 to 100 orders a page; 20 where it is not given.
    pub limit: Option<u16>,
}

/// One page of orders.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OrderPage {
    /// Newest first, without their units and refunds.
    pub orders: Vec<Order>,
    /// The cursor of the next page; null on the last.
    pub next: Option<Uuid>,
}

/// The messages of one order's saga.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GetTimeline {
    /// The order.
    pub order_id: Uuid,
}

/// What the orders service took and sent for one order, oldest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Timeline {
    /// Its entries.
    pub events: Vec<TimelineEntry>,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TimelineEntry {
    /// When the step it belongs to was committed, by the database's clock.
    pub time: DateTime<Utc>,
    /// `received` or `sent`.
    pub direction: Direction,
    /// Its subject.
    pub subject: String,
    /// Its transport id.
    pub message_id: String,
    /// The transport id of what caused it.
    pub causation_id: Option<String>,
    /// The conversation: the order.
    pub correlation_id: Uuid,
}

/// Which way a message went, seen from the orders service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// It came in.
    Received,
    /// It went out.
    Sent,
}

/// A person moves an order on, or calls it off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Advance {
    /// The order.
    pub order_id: Uuid,
    /// What is done with it.
    pub action: Action,
}

/// What a person can do with an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Call it off, before the kitchen starts. Paid orders are refunded.
    Cancel,
    /// The kitchen starts: confirmed to preparing.
    Start,
    /// It can be picked up: preparing to ready.
    Ready,
    /// It was picked up: ready to served.
    Serve,
}

impl Action {
    /// As in JSON, and as the step of the record.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cancel => "cancel",
            Self::Start => "start",
            Self::Ready => "ready",
            Self::Serve => "serve",
        }
    }
}

/// The orders of one business day of a branch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DaySales {
    /// The branch.
    pub branch: Slug,
    /// The business day.
    pub date: NaiveDate,
    /// With `to`: refunds that were made from this moment on are counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<DateTime<Utc>>,
    /// Until just before this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<DateTime<Utc>>,
}

/// What the orders of a day came to, by the books of the orders service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DaySalesReply {
    /// How many orders have each status.
    pub orders: Vec<StatusCount>,
    /// Orders that have not ended, and so may still change the figures.
    pub open: i64,
    /// One line a product that was sold.
    pub lines: Vec<SalesLine>,
    /// What customers were charged, in minor units.
    pub takings: i64,
    /// What they got back when they called off a paid order.
    pub refunds: i64,
    /// What the bank has paid back of orders that stayed, of whatever day: refunds that were made
    /// between `from` and `to`; none where those are not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_back: Option<i64>,
    /// How many of those refunds the bank has not answered yet. It may have paid them.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub asked_refunds: i64,
    /// The sum of them.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub asked_back: i64,
}

/// How many orders have a status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusCount {
    /// The status.
    pub status: Status,
    /// How many.
    pub orders: i64,
}

/// What was sold of one product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SalesLine {
    /// The product.
    pub product_id: Slug,
    /// Units sold and kept.
    pub units: i64,
    /// What they cost, in minor units.
    pub total: i64,
}
