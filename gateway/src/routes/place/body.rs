//! The body of an order: lines, or one product and its quantity. All that is wrong with it is
//! found at once. Whether a product exists is for inventory to say.

use crate::api::texts::{Email, Name};
use crate::checks::{BRANCH, Checks, SLUG};
use crate::input::Object;
use bakery_nats::messages::inventory::Line;
use bakery_nats::refusal::Refusal;
use bakery_nats::requests::orders::{Customer, Place};
use bakery_nats::slug::Slug;
use serde::Deserialize;
use serde_json::Number;
use std::collections::BTreeSet;
use utoipa::ToSchema;
use uuid::Uuid;

/// Lines of an order, and of a refund.
pub(crate) const LINES_MAX: usize = 50;
const QUANTITY_MAX: i64 = 1000;
const NAME_LENGTH_MAX: usize = 80;

/// An order as a customer writes it. Nothing is required here, so that what is missing is found
/// together with what is wrong.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrderBody {
    branch: Option<String>,
    customer: Option<Object<CustomerBody>>,
    items: Option<Vec<Object<LineBody>>>,
    product_id: Option<String>,
    quantity: Option<Number>,
}

/// Who an order is for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CustomerBody {
    #[schema(value_type = Name)]
    name: Option<String>,
    #[schema(value_type = Option<Email>)]
    email: Option<String>,
}

/// A product and how many of it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LineBody {
    #[schema(value_type = Slug)]
    product_id: Option<String>,
    #[schema(value_type = i64, minimum = 1, maximum = 1000)]
    quantity: Option<Number>,
}

impl OrderBody {
    /// The order as the orders service wants it. Whose account pays is not the customer's to say.
    pub(crate) fn read(
        self,
        (order_id, account_id): (Uuid, Uuid),
        idempotency_key: Option<String>,
    ) -> Result<Place, Refusal> {
        let mut checks = Checks::default();
        let branch = checks.parsed("branch", self.branch.as_deref().unwrap_or(BRANCH), SLUG);
        let customer = checks
            .needed("customer", self.customer.as_ref())
            .and_then(|Object(customer)| customer.read(&mut checks));
        let items = self.lines(&mut checks);
        let place = || {
            Some(Place {
                order_id,
                idempotency_key,
                branch: branch?,
                account_id,
                customer: customer?,
                items: items?,
            })
        };
        checks.finish(place())
    }

    fn lines(self, checks: &mut Checks) -> Option<Vec<Line>> {
        let single = self.product_id.is_some() || self.quantity.is_some();
        match self.items {
            Some(_) if single => {
                checks.wrong("items", "cannot stand beside product_id and quantity");
                checks.wrong("product_id", "cannot stand beside items");
                None
            }
            Some(items) => lines(&items, checks),
            None if single => {
                let line = LineBody { product_id: self.product_id, quantity: self.quantity };
                Some(vec![line.read("", checks)?])
            }
            None => {
                checks.wrong("items", "is required (or product_id and quantity)");
                None
            }
        }
    }
}

fn lines(items: &[Object<LineBody>], checks: &mut Checks) -> Option<Vec<Line>> {
    if !(1..=LINES_MAX).contains(&items.len()) {
        checks.wrong("items", format!("must be 1 to {LINES_MAX} lines"));
        return None;
    }
    let mut seen = BTreeSet::new();
    let mut lines = Vec::with_capacity(items.len());
    for (i, Object(item)) in items.iter().enumerate() {
        let above = format!("items[{i}].");
        if item.product_id.is_some() && !seen.insert(&item.product_id) {
            checks.wrong(format!("{above}product_id"), "stands twice in this order");
        }
        lines.extend(item.read(&above, checks));
    }
    Some(lines)
}

impl LineBody {
    /// The line, if it is right; its fields are named with what stands above them.
    pub(crate) fn read(&self, above: &str, checks: &mut Checks) -> Option<Line> {
        let field = format!("{above}product_id");
        let product_id = checks
            .needed(&field, self.product_id.as_deref())
            .and_then(|text| checks.parsed(&field, text, SLUG));
        let field = format!("{above}quantity");
        let quantity = checks.needed_whole(&field, self.quantity.as_ref(), 1..=QUANTITY_MAX);
        Some(Line { product_id: product_id?, quantity: quantity? })
    }
}

impl CustomerBody {
    fn read(&self, checks: &mut Checks) -> Option<Customer> {
        let name = checks.text("customer.name", self.name.as_deref(), 1..=NAME_LENGTH_MAX);
        checks.email("customer.email", self.email.as_deref());
        Some(Customer { name: name?, email: self.email.clone() })
    }
}

#[cfg(test)]
mod tests;
