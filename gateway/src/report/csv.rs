//! Reports as tables (RFC 4180). Every cell is empty, a slug, a currency code or a whole number, so
//! none needs quotes and none can be taken for a formula: a slug begins with a letter or a digit.

use super::{Figures, Line, Office, Report};

/// The names of the figures, in the order of [`cells`].
const FIGURES: &str = "baked,sold_full,sold_discount,stale,thrown,free,reserved,returned,missed,\
                       takings,refunds,paid_back";
/// The name of the last lines.
const TOTAL: &str = "total";

impl Report {
    /// One line a product, and the total. What was paid back is of orders, not of products.
    pub(crate) fn csv(&self) -> String {
        let line = |line: &Line| format!("{},{}", line.product_id, cells(&line.figures, None));
        let total = format!("{TOTAL},{}", cells(&self.totals, self.orders.paid_back));
        table("product_id", self.lines.iter().map(line).chain([total]))
    }
}

impl Office {
    /// One line a branch, and a total for each currency.
    pub(crate) fn csv(&self) -> String {
        let branches = self.branches.iter().map(|branch| {
            let cells = cells(&branch.totals, branch.paid_back);
            format!("{},{},{cells}", branch.branch, branch.currency)
        });
        let totals = self.currencies.iter().map(|currency| {
            let cells = cells(&currency.totals, currency.paid_back);
            format!("{TOTAL},{},{cells}", currency.currency)
        });
        table("branch,currency", branches.chain(totals))
    }
}

fn table(first: &str, lines: impl Iterator<Item = String>) -> String {
    let header = format!("{first},{FIGURES}");
    std::iter::once(header).chain(lines).map(|line| line + "\r\n").collect()
}

fn cells(figures: &Figures, paid_back: Option<i64>) -> String {
    let cells = [
        figures.baked,
        figures.sold_full,
        figures.sold_discount,
        figures.stale,
        figures.thrown,
        figures.free,
        figures.reserved,
        figures.returned,
        figures.missed,
        figures.takings,
        figures.refunds,
    ];
    let paid_back = paid_back.map(|amount| amount.to_string()).unwrap_or_default();
    format!("{},{paid_back}", cells.map(|cell| cell.to_string()).join(","))
}
