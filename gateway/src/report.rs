//! How a business day of a branch went, by three books that know nothing of each other: the shelf's
//! (inventory), the orders' and the bank's. Here they are put side by side; nothing is asked.

mod checks;
mod csv;
mod office;

pub(crate) use office::Office;

use bakery_nats::messages::inventory::DayLine;
use bakery_nats::messages::orders::Status;
use bakery_nats::money::Currency;
use bakery_nats::requests::bank::Till;
use bakery_nats::requests::inventory::DayReply;
use bakery_nats::requests::orders::DaySalesReply;
use bakery_nats::slug::Slug;
use chrono::NaiveDate;
use serde::Serialize;
use std::collections::BTreeMap;
use std::iter::Sum;
use std::ops::Add;
use utoipa::ToSchema;

/// One business day of one branch.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Report {
    /// The branch.
    pub(crate) branch: Slug,
    /// The business day.
    pub(crate) date: NaiveDate,
    /// Of all sums.
    pub(crate) currency: Currency,
    /// True once the closing has thrown out what was left.
    pub(crate) closed: bool,
    /// One line a product.
    pub(crate) lines: Vec<Line>,
    /// Over all products.
    pub(crate) totals: Figures,
    /// How the orders of the day stand.
    pub(crate) orders: Orders,
    /// The books against each other.
    pub(crate) checks: Vec<Check>,
    /// True where no check failed.
    pub(crate) adds_up: bool,
}

/// One product.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReportLine)]
pub(crate) struct Line {
    /// The product.
    pub(crate) product_id: Slug,
    /// Its figures.
    #[serde(flatten)]
    pub(crate) figures: Figures,
}

/// What became of units, and the money for them in minor units. [`DayLine`] says what each means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Figures {
    pub(crate) baked: i64,
    pub(crate) sold_full: i64,
    pub(crate) sold_discount: i64,
    pub(crate) stale: i64,
    pub(crate) thrown: i64,
    pub(crate) free: i64,
    pub(crate) reserved: i64,
    pub(crate) returned: i64,
    pub(crate) missed: i64,
    pub(crate) takings: i64,
    pub(crate) refunds: i64,
}

/// How the orders of a day stand.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReportOrders)]
pub(crate) struct Orders {
    /// How many have each status.
    pub(crate) by_status: BTreeMap<&'static str, i64>,
    /// How many have not ended, and so may still change the figures.
    pub(crate) open: i64,
    /// What was paid back of orders that stayed, whenever they were bought: refunds that were made
    /// on this day. Null for a day without a beginning or an end.
    pub(crate) paid_back: Option<i64>,
}

/// Two books that must say the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Check {
    /// `units`, `sold`, `takings`, `refunds` or `money`; where a product is wrong, `units.rye`.
    pub(crate) name: String,
    /// What the first book says.
    pub(crate) expected: i64,
    /// What the second one says; null where it was not asked.
    pub(crate) found: Option<i64>,
    /// Whether they agree; null where the second was not asked, or where a refund that is under
    /// way can be all the difference.
    pub(crate) ok: Option<bool>,
    /// What does not agree or is under way, or why nobody was asked, in one sentence.
    pub(crate) detail: Option<String>,
}

impl Report {
    /// Puts the books of a day side by side. The bank's is not there for a day without a beginning
    /// or an end.
    pub(crate) fn of(
        branch: Slug,
        shelf: &DayReply,
        sales: &DaySalesReply,
        till: Option<Till>,
    ) -> Self {
        let day = &shelf.day;
        let line = |line: &DayLine| Line {
            product_id: line.product_id.clone(),
            figures: Figures::from(line),
        };
        let lines: Vec<Line> = day.lines.iter().map(line).collect();
        let totals: Figures = lines.iter().map(|line| line.figures).sum();
        let checks = checks::all(&lines, &totals, &day.currency, sales, till);
        let counts = sales.orders.iter().map(|count| (Status::as_str(count.status), count.orders));
        Self {
            branch,
            date: day.date,
            currency: day.currency.clone(),
            closed: shelf.closed,
            lines,
            totals,
            orders: Orders {
                by_status: counts.collect(),
                open: sales.open,
                paid_back: sales.paid_back,
            },
            adds_up: checks.iter().all(|check| check.ok != Some(false)),
            checks,
        }
    }
}

impl Figures {
    /// Units sold and kept.
    fn sold(&self) -> i64 {
        self.sold_full + self.sold_discount
    }

    /// Units of which it is known where they are; each is in one place only.
    fn accounted_for(&self) -> i64 {
        self.free + self.reserved + self.sold() + self.stale + self.thrown
    }
}

impl From<&DayLine> for Figures {
    fn from(line: &DayLine) -> Self {
        Self {
            baked: line.baked,
            sold_full: line.sold_full,
            sold_discount: line.sold_discount,
            stale: line.stale,
            thrown: line.thrown,
            free: line.free,
            reserved: line.reserved,
            returned: line.returned,
            missed: line.missed,
            takings: line.takings,
            refunds: line.refunds,
        }
    }
}

impl Add for Figures {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            baked: self.baked + other.baked,
            sold_full: self.sold_full + other.sold_full,
            sold_discount: self.sold_discount + other.sold_discount,
            stale: self.stale + other.stale,
            thrown: self.thrown + other.thrown,
            free: self.free + other.free,
            reserved: self.reserved + other.reserved,
            returned: self.returned + other.returned,
            missed: self.missed + other.missed,
            takings: self.takings + other.takings,
            refunds: self.refunds + other.refunds,
        }
    }
}

impl Sum for Figures {
    fn sum<I: Iterator<Item = Self>>(figures: I) -> Self {
        figures.fold(Self::default(), Add::add)
    }
}

#[cfg(test)]
mod tests;
