//! What inventory is asked.

use crate::branch::Branch;
use crate::calendar::OpeningHours;
use crate::messages::inventory::{Day, ProductState, Production};
use crate::money::{Currency, Money};
use crate::request::request;
use crate::slug::Slug;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

request!(Menu -> MenuReply: "inventory" "menu", "the products of a branch, with what can be bought now");
request!(GetProduct -> MenuEntry: "inventory" "product", "one product, with what can be bought now");
request!(ListProducts -> Listed: "inventory" "list-products", "puts products on the menu or changes them");
request!(BakeNow -> BakedNow: "inventory" "bake-now", "puts a batch on the shelf by hand");
request!(SetProductState -> MenuEntry: "inventory" "set-product-state", "takes a product off sale, back on, or off the menu");
request!(Catalogue -> CatalogueReply: "inventory" "catalogue", "every product of a branch, as its baker describes it");
request!(ListBranches -> Branches: "inventory" "branches", "every branch, and whether it is open");
request!(GetBranch -> BranchState: "inventory" "branch", "one branch, and whether it is open");
request!(PutBranch -> BranchState: "inventory" "put-branch", "opens a branch or changes it");
request!(SwitchBranch -> BranchState: "inventory" "switch-branch", "closes a branch by hand, or leaves it to its hours");
request!(GetDay -> DayReply: "inventory" "day", "one business day by the books of the shelf");

/// The menu of a branch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Menu {
    /// The branch.
    pub branch: Slug,
}

/// The menu, in the order of the catalogue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MenuReply {
    /// Its entries.
    pub products: Vec<MenuEntry>,
}

/// One product on the menu.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
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
    /// Whether it is for sale at all.
    #[serde(default)]
    pub state: ProductState,
    /// While the discount is on: what one costs otherwise, and how much less it is now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount: Option<Discount>,
    /// When the newest unit that can be bought came out of the oven.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baked_at: Option<DateTime<Utc>>,
}

/// A price that is lower than usual.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Discount {
    /// The full price.
    pub full_price: Money,
    /// Per cent off it.
    pub percent: i16,
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

/// Products to put on a branch's menu; one that is there already is changed, and one that was
/// retired is back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListProducts {
    /// The branch.
    pub branch: Slug,
    /// At most 200.
    pub products: Vec<NewProduct>,
}

/// A product as its baker describes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewProduct {
    /// A short slug.
    pub id: Slug,
    /// For people, 1 to 80 characters.
    pub name: String,
    /// For people, up to 500 characters.
    pub description: String,
    /// Full price of one, in the currency of the branch.
    pub price: Money,
    /// Path of a picture.
    pub image: String,
    /// From the oven to stale, in seconds, at least 1.
    pub shelf_life_s: i32,
    /// Per cent off while the discount before closing is on, 0 to 100.
    pub discount_percent: i16,
    /// How it is baked by the clock; not at all where it is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub production: Option<Production>,
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

/// Take a product off sale, back on, or off the menu.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetProductState {
    /// The branch.
    pub branch: Slug,
    /// The product.
    pub product_id: Slug,
    /// What it is from now on.
    pub state: ProductState,
}

/// Every product of a branch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// The branch.
    pub branch: Slug,
}

/// Every product of a branch, in the order of the menu; retired ones as well.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CatalogueReply {
    /// The products.
    pub products: Vec<CatalogueEntry>,
}

/// A product as it stands in the catalogue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CatalogueEntry {
    /// What its baker says of it.
    pub product: NewProduct,
    /// Whether it can be bought.
    pub state: ProductState,
    /// Rises by one with each change.
    pub version: i64,
}

/// Every branch.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListBranches {}

/// Every branch, by id. There are at most 200.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Branches {
    /// The branches.
    pub branches: Vec<BranchState>,
}

/// One branch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GetBranch {
    /// The branch.
    pub branch: Slug,
}

/// A branch at the moment of asking.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BranchState {
    /// What it is.
    pub branch: Branch,
    /// Whether it takes orders now.
    pub open: bool,
    /// When it closes today; null while it is closed.
    pub closes_at: Option<DateTime<Utc>>,
    /// When it opens next; null while it is open, while it is closed by hand, and where it never
    /// opens.
    pub opens_at: Option<DateTime<Utc>>,
    /// Today's business day.
    pub date: NaiveDate,
    /// True while everything costs less.
    pub discounting: bool,
    /// The shop's time of this; older answers do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<DateTime<Utc>>,
}

/// A branch to open or change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PutBranch {
    /// A short slug.
    pub id: Slug,
    /// For people, 1 to 80 characters.
    pub name: String,
    /// For people, up to 200 characters.
    pub address: String,
    /// Of the IANA database, such as `Europe/Berlin`.
    pub time_zone: Tz,
    /// When it is open; each day closes later than it opens.
    pub hours: OpeningHours,
    /// Of every price on its menu; it cannot change once there are products.
    pub currency: Currency,
}

/// Close a branch by hand, or leave it to its hours again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SwitchBranch {
    /// The branch.
    pub branch: Slug,
    /// Closed until it is switched back.
    pub closed: bool,
}

/// One business day of a branch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GetDay {
    /// The branch.
    pub branch: Slug,
    /// The business day.
    pub date: NaiveDate,
}

/// One business day of a branch, as it stands now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DayReply {
    /// The figures.
    pub day: Day,
    /// True once the closing has thrown out what was left.
    pub closed: bool,
    /// When the branch opened, and when it opens after that day: between them lies all money of
    /// the day. Null where it does not open.
    pub from: Option<DateTime<Utc>>,
    /// See `from`.
    pub to: Option<DateTime<Utc>>,
}
