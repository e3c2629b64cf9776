//! What a transaction works on: sections of the shelf that it has locked, and their branches.

use crate::branch::Shops;
use crate::product::Product;
use bakery_nats::slug::Slug;
use chrono::{DateTime, NaiveDate, Utc};

/// Products and branches as they stand in this transaction.
pub(crate) struct Floor {
    pub(crate) products: Vec<Product>,
    pub(crate) shops: Shops,
}

impl Floor {
    /// A product of a branch.
    pub(crate) fn product(&self, branch: &Slug, id: &Slug) -> Option<&Product> {
        let same = |p: &&Product| p.branch == branch.as_str() && p.id == id.as_str();
        self.products.iter().find(same)
    }

    /// The business day of a moment at a branch, if there is such a branch.
    pub(crate) fn today(&self, branch: &Slug, at: DateTime<Utc>) -> Option<NaiveDate> {
        Some(self.shops.get(branch)?.today(at))
    }
}
