//! What inventory is told and what it says.

use crate::message::message;
use crate::money::{Currency, Money};
use crate::slug::Slug;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReservedUnit {
    /// The unit.
    pub id: Uuid,
    /// Minor units.
    pub price: i64,
    /// When it came out of the oven.
    pub baked_at: DateTime<Utc>,
}

/// Nothing is held for the order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReserveRefused {
    /// The order that asked.
    pub order_id: Uuid,
    /// `out_of_stock`, `unknown_product`, `mixed_currencies` or `already_released`.
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
}
