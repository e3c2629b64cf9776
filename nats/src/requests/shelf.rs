//! What inventory is asked by who looks after the shelf: what lies there, and how old it is.

use crate::messages::inventory::ProductState;
use crate::request::request;
use crate::slug::Slug;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

request!(GetShelf -> ShelfReply: "inventory" "shelf", "what is on the shelf of a branch now, by product and batch");

/// The shelf of a branch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GetShelf {
    /// The branch.
    pub branch: Slug,
}

/// The shelf at the moment of asking.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ShelfReply {
    /// The shop's time of this.
    pub now: DateTime<Utc>,
    /// True while everything costs less.
    pub discounting: bool,
    /// Every product in the order of the catalogue; a retired one only while some of it is left.
    pub products: Vec<ShelfProduct>,
}

/// What is on the shelf of one product.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ShelfProduct {
    /// The product.
    pub product_id: Slug,
    /// For people.
    pub name: String,
    /// Whether it can be bought.
    pub state: ProductState,
    /// Units that could be sold, of all its batches.
    pub free: i64,
    /// Units that are held for orders, of all its batches.
    pub reserved: i64,
    /// Its batches, the oldest first.
    pub batches: Vec<ShelfBatch>,
    /// True where it has more batches, younger than these.
    pub truncated: bool,
}

/// What is left of one batch of the current business day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ShelfBatch {
    /// The batch.
    pub batch_id: Uuid,
    /// When it came out of the oven.
    pub baked_at: DateTime<Utc>,
    /// From this moment on its units may not be sold; those that are held stay with their order.
    pub stale_at: DateTime<Utc>,
    /// Units that could be sold.
    pub free: i64,
    /// Units that are held for orders.
    pub reserved: i64,
}
