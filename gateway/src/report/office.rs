//! How a business day went at all branches: what head office looks at.

use super::{Figures, Orders, Report};
use bakery_nats::money::Currency;
use bakery_nats::slug::Slug;
use chrono::NaiveDate;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// One business day of all branches.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Office {
    /// The business day.
    pub(crate) date: NaiveDate,
    /// Every branch, by id.
    pub(crate) branches: Vec<BranchTotals>,
    /// Over the branches of each currency: money of two currencies has no sum.
    pub(crate) currencies: Vec<CurrencyTotals>,
    /// True where the books of every branch agree.
    pub(crate) adds_up: bool,
}

/// One branch.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BranchTotals {
    /// The branch.
    pub(crate) branch: Slug,
    /// Of its sums.
    pub(crate) currency: Currency,
    /// True once the closing has thrown out what was left.
    pub(crate) closed: bool,
    /// Over all its products.
    pub(crate) totals: Figures,
    /// What was paid back of orders that stayed; null for a day without a beginning or an end.
    pub(crate) paid_back: Option<i64>,
    /// Orders that have not ended.
    pub(crate) open_orders: i64,
    /// True where its books agree; its own report says what does not.
    pub(crate) adds_up: bool,
}

/// One currency.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CurrencyTotals {
    /// Of these sums.
    pub(crate) currency: Currency,
    /// Over all branches that have it.
    pub(crate) totals: Figures,
    /// What was paid back of orders that stayed, at the branches where that is known; null where
    /// it is known of none.
    pub(crate) paid_back: Option<i64>,
}

impl Office {
    /// Sums up the reports of a day.
    pub(crate) fn of(date: NaiveDate, reports: Vec<Report>) -> Self {
        let mut currencies: BTreeMap<Currency, (Figures, Option<i64>)> = BTreeMap::new();
        for report in &reports {
            let (totals, paid_back) = currencies.entry(report.currency.clone()).or_default();
            *totals = *totals + report.totals;
            if let Some(more) = report.orders.paid_back {
                *paid_back = Some(paid_back.unwrap_or_default() + more);
            }
        }
        let totals =
            |(currency, (totals, paid_back))| CurrencyTotals { currency, totals, paid_back };
        Self {
            date,
            adds_up: reports.iter().all(|report| report.adds_up),
            branches: reports.into_iter().map(BranchTotals::from).collect(),
            currencies: currencies.into_iter().map(totals).collect(),
        }
    }
}

impl From<Report> for BranchTotals {
    fn from(report: Report) -> Self {
        let Report { branch, currency, closed, totals, orders, adds_up, .. } = report;
        let Orders { open: open_orders, paid_back, .. } = orders;
        Self { branch, currency, closed, totals, paid_back, open_orders, adds_up }
    }
}
