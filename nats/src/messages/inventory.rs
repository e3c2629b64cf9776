//! What inventory is told and what it says.

use crate::branch::Branch;
use crate::message::message;
use crate::money::{Currency, Money};
use crate::slug::Slug;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

message!(Reserve: Cmd "inventory" "reserve", step "reserve" by order_id);
message!(Reserved: Evt "inventory" "reserved", step "reserve" by order_id);
message!(ReserveRefused: Evt "inventory" "reserve-refused", step "reserve" by order_id);
message!(Confirm: Cmd "inventory" "confirm", step "confirm" by order_id);
message!(Sold: Evt "inventory" "sold", step "confirm" by order_id);
message!(Release: Cmd "inventory" "release", step "release" by order_id);
message!(Released: Evt "inventory" "released", step "release" by order_id);
message!(Restock: Cmd "inventory" "restock", step "restock" by order_id);
message!(Restocked: Evt "inventory" "restocked", step "restock" by order_id);
message!(Baked: Evt "inventory" "baked", step "bake" by batch_id);
message!(Swept: Evt "inventory" "swept", step "sweep" by tick_id);
message!(ProductListed: Evt "inventory" "product-listed", step "list" by listing_id);
message!(BranchChanged: Evt "inventory" "branch-changed", step "branch" by change_id);
message!(Opened: Evt "inventory" "opened", step "opening" by tick_id);
message!(DiscountBegun: Evt "inventory" "discount-begun", step "discount" by tick_id);
message!(DayClosed: Evt "inventory" "day-closed", step "closing" by tick_id);

/// Hold the oldest fresh units for an order: all lines or none. Undone by [`Release`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reserve {
    /// The order the units are for.
    pub order_id: Uuid,
    /// What is wanted; each product at most once.
    pub lines: Vec<Line>,
}

/// So many units of one product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The product.
    pub product_id: Slug,
    /// How many, at least 1.
    pub quantity: u32,
}

/// The units are held for the order, at these prices.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reserved {
    /// The order the units are for.
    pub order_id: Uuid,
    /// One line a product, in the order of the command.
    pub lines: Vec<ReservedLine>,
    /// The sum over all lines: what the bank is asked for.
    pub total: i64,
    /// The currency of every price in here.
    pub currency: Currency,
}

/// The units held for one line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReservedLine {
    /// The product.
    pub product_id: Slug,
    /// Its name when it was reserved.
    pub name: String,
    /// How many units.
    pub quantity: u32,
    /// The sum of the units' prices, in minor units.
    pub line_total: i64,
    /// The units, oldest first.
    pub units: Vec<ReservedUnit>,
}

/// One baked piece and what the buyer pays for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReservedUnit {
    /// The unit.
    pub id: Uuid,
    /// Minor units.
    pub price: i64,
    /// What it costs otherwise, where that is more: it was sold at a discount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_price: Option<i64>,
    /// When it came out of the oven.
    pub baked_at: DateTime<Utc>,
    /// With which batch; older messages do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch_id: Option<Uuid>,
}

/// Nothing is held for the order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReserveRefused {
    /// The order that asked.
    pub order_id: Uuid,
    /// `out_of_stock`, `off_sale`, `unknown_product`, `mixed_currencies` or `already_released`.
    pub code: String,
    /// The lines that cannot be served; empty where the lines are not the reason.
    pub missing: Vec<MissingLine>,
}

/// A line that cannot be served.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MissingLine {
    /// The product.
    pub product_id: Slug,
    /// How many the order wanted.
    pub wanted: u32,
    /// How many could be had.
    pub available: u32,
}

/// Sell the units held for the order. Comes after the charge, so it cannot be refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Confirm {
    /// The order whose units are sold.
    pub order_id: Uuid,
}

/// The units belong to the buyer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sold {
    /// The order.
    pub order_id: Uuid,
    /// How many units were sold.
    pub units: u32,
}

/// Undo of [`Reserve`]: free the units, or remember that a late [`Reserve`] must be refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Release {
    /// The order that gave up.
    pub order_id: Uuid,
}

/// Nothing is held for the order any more, and never will be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Released {
    /// The order.
    pub order_id: Uuid,
    /// How many units became free; 0 where nothing was held.
    pub units: u32,
}

/// Undo of [`Confirm`] for an order cancelled after it was paid: what is still fresh goes back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Restock {
    /// The cancelled order.
    pub order_id: Uuid,
}

/// The units of a cancelled order are off the buyer's name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Restocked {
    /// The order.
    pub order_id: Uuid,
    /// Units that are for sale again.
    pub free: u32,
    /// Units that had gone stale meanwhile.
    pub stale: u32,
    /// Units whose day had ended meanwhile: nothing of yesterday is sold.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub thrown: u32,
}

/// Older messages do not have the field.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(units: &u32) -> bool {
    *units == 0
}

/// A batch came out of the oven.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Baked {
    /// The batch.
    pub batch_id: Uuid,
    /// What was baked.
    pub product_id: Slug,
    /// How many units; each has an id of its own.
    pub quantity: u32,
    /// When.
    pub baked_at: DateTime<Utc>,
    /// From this moment on they may not be sold.
    pub stale_at: DateTime<Utc>,
}

/// Stale units were taken off the shelf.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Swept {
    /// The tick that asked for it.
    pub tick_id: Uuid,
    /// The products swept, each with how many units.
    pub lines: Vec<Line>,
}

/// A product is on the menu, or changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProductListed {
    /// The change: derived from branch, product and version.
    pub listing_id: Uuid,
    /// The product.
    pub product_id: Slug,
    /// Rises by one with each change.
    pub version: i64,
    /// Its name.
    pub name: String,
    /// Its full price.
    pub price: Money,
    /// Whether it can be bought; on sale where it is not given.
    #[serde(default, skip_serializing_if = "ProductState::is_on_sale")]
    pub state: ProductState,
    /// How it is baked by the clock; not at all where it is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub production: Option<Production>,
}

/// Whether a product of the catalogue can be bought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProductState {
    /// It can.
    #[default]
    OnSale,
    /// It is on the menu, but not for now ("86"). It is baked all the same.
    OffSale,
    /// It is off the menu and is not baked any more.
    Retired,
}

impl ProductState {
    /// The state of most, which older messages do not name.
    pub fn is_on_sale(&self) -> bool {
        *self == Self::OnSale
    }
}

/// How a product is baked while its branch is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Production {
    /// The first batch at opening, then one every so many seconds, 1 to 86,400.
    pub every_s: i32,
    /// Units of one batch, 1 to 10,000.
    pub batch: i32,
}

/// A branch is new, or changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BranchChanged {
    /// The change: derived from branch and version.
    pub change_id: Uuid,
    /// Rises by one with each change.
    pub version: i64,
    /// The branch as it is now.
    pub branch: Branch,
}

/// A branch's day began, at full prices.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opened {
    /// The tick that asked for it.
    pub tick_id: Uuid,
    /// The business day.
    pub date: NaiveDate,
}

/// Everything at a branch costs less until it closes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DiscountBegun {
    /// The tick that asked for it.
    pub tick_id: Uuid,
    /// From then on.
    pub from: DateTime<Utc>,
}

/// What was left of a branch's day is thrown out, and this is how the day went.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DayClosed {
    /// The tick that asked for it.
    pub tick_id: Uuid,
    /// The day as it stood at that moment; units that were still reserved end later.
    pub day: Day,
}

/// One business day of a branch by the books of the shelf.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day {
    /// The business day.
    pub date: NaiveDate,
    /// Of all sums in here.
    pub currency: Currency,
    /// One line a product that was baked, or was asked for in vain.
    pub lines: Vec<DayLine>,
}

/// One product on one business day. Every unit baked is in exactly one of `free`, `reserved`,
/// `sold_full`, `sold_discount`, `stale` and `thrown`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayLine {
    /// The product.
    pub product_id: Slug,
    /// Units of all batches together.
    pub baked: i64,
    /// Units still for sale.
    pub free: i64,
    /// Units held for orders that have not ended.
    pub reserved: i64,
    /// Units sold at the full price.
    pub sold_full: i64,
    /// Units sold for less.
    pub sold_discount: i64,
    /// Units that went stale.
    pub stale: i64,
    /// Units thrown out at closing.
    pub thrown: i64,
    /// Units that were sold and came back with a cancelled order; each has ended otherwise since.
    pub returned: i64,
    /// Units that orders wanted and could not have: sales that were missed.
    pub missed: i64,
    /// What buyers paid, in minor units, before anything was given back.
    pub takings: i64,
    /// What was given back for returned units.
    pub refunds: i64,
}
