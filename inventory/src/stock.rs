//! The rules of the shelf, as plain functions over values: oldest first, all or nothing, never
//! stale, never of another day, and what a unit costs.

use bakery_nats::messages::inventory::{
    Line, MissingLine, ProductState, ReservedLine, ReservedUnit,
};
use bakery_nats::money::Currency;
use bakery_nats::slug::Slug;
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::{BTreeMap, VecDeque};
use uuid::Uuid;

const UNKNOWN_PRODUCT: &str = "unknown_product";
const OFF_SALE: &str = "off_sale";
const OUT_OF_STOCK: &str = "out_of_stock";
/// Why lines cannot be served. An order is refused for the first of these that any of its lines
/// has: the one that waiting mends least.
const REASONS: [&str; 3] = [UNKNOWN_PRODUCT, OFF_SALE, OUT_OF_STOCK];

/// A product at a branch: one section of the shelf, with one writer at a time.
pub type SectionKey = (Slug, Slug);

/// A unit that could be sold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FreeUnit {
    /// The unit.
    pub id: Uuid,
    /// The batch it was baked with.
    pub batch_id: Uuid,
    /// When it came out of the oven.
    pub baked_at: DateTime<Utc>,
    /// From this moment on it may not be sold.
    pub stale_at: DateTime<Utc>,
    /// The business day it is sold on.
    pub day: NaiveDate,
}

/// One product and its free units.
#[derive(Clone, Debug)]
pub struct Section {
    /// The product's name.
    pub name: String,
    /// Whether it can be bought.
    pub state: ProductState,
    /// What one unit costs now, in minor units.
    pub unit_price: i64,
    /// What it costs without a discount.
    pub full_price: i64,
    /// True where the unit price is less than the full one.
    pub discounted: bool,
    /// The currency of the price.
    pub currency: Currency,
    /// The business day it is now.
    pub today: NaiveDate,
    /// Oldest first: by the time of baking, then by id.
    pub free: VecDeque<FreeUnit>,
}

impl Section {
    /// How many units can be had.
    fn available(&self) -> usize {
        if self.state == ProductState::OnSale { self.free.len() } else { 0 }
    }
}

/// The sections a batch is about.
pub type Sections = BTreeMap<SectionKey, Section>;

/// What becomes of one order.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// Every line is held.
    Held {
        /// In the order of the request.
        lines: Vec<ReservedLine>,
        /// The sum of all prices.
        total: i64,
        /// Of all prices.
        currency: Currency,
    },
    /// Nothing is held.
    Refused {
        /// `out_of_stock`, `off_sale`, `unknown_product` or `mixed_currencies`.
        code: &'static str,
        /// The lines that cannot be served.
        missing: Vec<MissingLine>,
    },
}

impl Decision {
    /// The lines that would have been sold if there had been enough. Of what is not sold here at
    /// all nobody missed a sale.
    pub fn missed(&self) -> &[MissingLine] {
        match self {
            Self::Refused { code: OUT_OF_STOCK | OFF_SALE, missing } => missing,
            Self::Refused { .. } | Self::Held { .. } => &[],
        }
    }
}

/// What a unit costs: the full price, or while the discount is on, so many per cent less, rounded
/// down to a whole minor unit in the customer's favour.
pub fn price(full: i64, discount_percent: i16, discounting: bool) -> i64 {
    if !discounting {
        return full;
    }
    let left = i128::from(100 - discount_percent.clamp(0, 100));
    // At most the full price, so it fits.
    i64::try_from(i128::from(full) * left / 100).unwrap_or(full)
}

/// Why a wish for units makes no sense, whoever sends it.
pub fn broken_rule(lines: &[Line]) -> Option<&'static str> {
    let mut products: Vec<&Slug> = lines.iter().map(|line| &line.product_id).collect();
    products.sort_unstable();
    if lines.is_empty() {
        Some("there are no lines")
    } else if lines.iter().any(|line| line.quantity == 0) {
        Some("a quantity is 0")
    } else if products.windows(2).any(|pair| pair.first() == pair.last()) {
        Some("a product is named twice")
    } else {
        None
    }
}

/// Takes the oldest fresh units of every line, or none at all and says what is missing.
pub fn decide(
    sections: &mut Sections,
    branch: &Slug,
    lines: &[Line],
    now: DateTime<Utc>,
) -> Decision {
    for section in sections.values_mut() {
        let today = section.today;
        section.free.retain(|unit| unit.stale_at > now && unit.day == today);
    }
    for code in REASONS {
        let missing = missing(sections, branch, lines, code);
        if !missing.is_empty() {
            return Decision::Refused { code, missing };
        }
    }
    match take(sections, branch, lines) {
        Some(held) => held,
        None => Decision::Refused { code: "mixed_currencies", missing: Vec::new() },
    }
}

/// Why a line cannot be served, if it cannot.
fn reason(section: Option<&Section>, wanted: usize) -> Option<&'static str> {
    let Some(section) = section else { return Some(UNKNOWN_PRODUCT) };
    match section.state {
        ProductState::Retired => Some(UNKNOWN_PRODUCT),
        ProductState::OffSale => Some(OFF_SALE),
        ProductState::OnSale => (section.free.len() < wanted).then_some(OUT_OF_STOCK),
    }
}

/// The lines that cannot be served for this reason.
fn missing(sections: &Sections, branch: &Slug, lines: &[Line], code: &str) -> Vec<MissingLine> {
    let look = |line: &Line| {
        let section = sections.get(&(branch.clone(), line.product_id.clone()));
        let available = section.map_or(0, Section::available);
        (reason(section, line.quantity as usize) == Some(code)).then(|| MissingLine {
            product_id: line.product_id.clone(),
            wanted: line.quantity,
            available: u32::try_from(available).unwrap_or(u32::MAX),
        })
    };
    lines.iter().filter_map(look).collect()
}

/// Takes what is known to be there; `None`, and nothing taken, where the prices do not add up to
/// one sum.
fn take(sections: &mut Sections, branch: &Slug, lines: &[Line]) -> Option<Decision> {
    let key = |line: &Line| (branch.clone(), line.product_id.clone());
    let currency = sections.get(&key(lines.first()?))?.currency.clone();
    let same = |line| sections.get(&key(line)).is_some_and(|s| s.currency == currency);
    if !lines.iter().all(same) {
        return None;
    }
    let mut total = 0;
    let mut held = Vec::with_capacity(lines.len());
    for line in lines {
        let section = sections.get_mut(&key(line))?;
        let price = section.unit_price;
        let full_price = (section.full_price > price).then_some(section.full_price);
        let take = section.free.drain(..line.quantity as usize);
        let unit = |unit: FreeUnit| {
            let FreeUnit { id, batch_id, baked_at, .. } = unit;
            ReservedUnit { id, price, full_price, baked_at, batch_id: Some(batch_id) }
        };
        let units: Vec<ReservedUnit> = take.map(unit).collect();
        let line_total = price * i64::from(line.quantity);
        total += line_total;
        held.push(ReservedLine {
            product_id: line.product_id.clone(),
            name: section.name.clone(),
            quantity: line.quantity,
            line_total,
            units,
        });
    }
    Some(Decision::Held { lines: held, total, currency })
}

#[cfg(test)]
#[path = "stock/tests.rs"]
mod tests;
