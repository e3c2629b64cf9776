//! What inventory is asked.

use crate::money::Money;
use crate::request::request;
use crate::slug::Slug;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

request!(Menu -> MenuReply: "inventory" "menu", "the products of a branch, with what can be bought now");
request!(GetProduct -> MenuEntry: "inventory" "product", "one product, with what can be bought now");
request!(ListProducts -> Listed: "inventory" "list-products", "puts products on the menu or changes them");
request!(BakeNow -> BakedNow: "inventory" "bake-now", "puts a batch on the shelf by hand");

/// The menu of a branch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Menu {
    /// The branch.
    pub branch: Slug,
}

/// The menu, in the order of the catalogue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MenuReply {
    /// Its entries.
    pub products: Vec<MenuEntry>,
}

/// One product on the menu.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MenuEntry {
    /// A short slug.
    pub id: Slug,
    /// For people.
    pub name: String,
    /// For people, one sentence.
    pub description: String,
    /// What one costs now.
    pub price: Money,
    /// Path of a picture.
    pub image: String,
    /// From the oven to stale, in seconds.
    pub shelf_life_s: i32,
    /// How many can be bought now.
    pub available: i64,
}

/// One product of a branch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GetProduct {
    /// The branch.
    pub branch: Slug,
    /// The product.
    pub id: Slug,
}

/// Products to put on a branch's menu; one that is there already is changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListProducts {
    /// The branch.
    pub branch: Slug,
    /// At most 200.
    pub products: Vec<NewProduct>,
}

/// A product as its baker describes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewProduct {
    /// A short slug.
    pub id: Slug,
    /// For people, 1 to 80 characters.
    pub name: String,
    /// For people, up to 500 characters.
    pub description: String,
    /// Full price of one.
    pub price: Money,
    /// Path of a picture.
    pub image: String,
    /// From the oven to stale, in seconds, at least 1.
    pub shelf_life_s: i32,
    /// Per cent off while the discount before closing is on, 0 to 100.
    pub discount_percent: i16,
}

/// The catalogue was changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Listed {
    /// How many products were new or changed.
    pub changed: usize,
}

/// Bake outside the schedule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BakeNow {
    /// Names the batch; the same one again changes nothing.
    pub batch_id: Uuid,
    /// The branch.
    pub branch: Slug,
    /// The product.
    pub product_id: Slug,
    /// How many, 1 to 10,000.
    pub quantity: u32,
    /// When it came out of the oven.
    pub baked_at: DateTime<Utc>,
}

/// The batch is on the shelf.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BakedNow {
    /// The batch.
    pub batch_id: Uuid,
    /// From this moment on its units may not be sold.
    pub stale_at: DateTime<Utc>,
}
