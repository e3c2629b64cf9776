//! The books of a day against each other.

use super::{Check, Figures, Line};
use bakery_nats::money::{Currency, Money};
use bakery_nats::requests::bank::Till;
use bakery_nats::requests::orders::DaySalesReply;
use bakery_nats::slug::Slug;
use std::collections::BTreeMap;

/// Every check, in the order in which they are shown.
pub(super) fn all(
    lines: &[Line],
    totals: &Figures,
    currency: &Currency,
    sales: &DaySalesReply,
    till: Option<Till>,
) -> Vec<Check> {
    let pending = pending(sales.open, totals.reserved, None);
    let sum = |amount| Money { amount, currency: currency.clone() };
    let mut checks = units(lines, totals, &pending);
    checks.extend(sold(lines, totals, sales, &pending));
    let (shelf, orders) = (totals.takings, sales.takings);
    let told = || format!("the shelf took {}, the orders say {}", sum(shelf), sum(orders));
    checks.push(check("takings", shelf, orders, &pending, told));
    let (shelf, orders) = (totals.refunds, sales.refunds);
    let told = || format!("the shelf gave back {}, the orders say {}", sum(shelf), sum(orders));
    checks.push(check("refunds", shelf, orders, &pending, told));
    checks.push(money(totals.reserved, currency, sales, till));
    checks
}

/// What the orders came to against the till. The bank may have paid a refund that orders has not
/// heard of yet: where that alone can explain the difference, nobody is wrong.
fn money(reserved: i64, currency: &Currency, sales: &DaySalesReply, till: Option<Till>) -> Check {
    let orders = sales.takings - sales.refunds - sales.paid_back.unwrap_or_default();
    let Some(till) = till else { return unasked("money", orders) };
    let bank = till.charged - till.refunded;
    let sum = |amount| Money { amount, currency: currency.clone() };
    let asked = match sales.asked_refunds {
        0 => None,
        1 => Some(format!("1 refund of {} is under way", sum(sales.asked_back))),
        many => Some(format!("{many} refunds of {} are under way", sum(sales.asked_back))),
    };
    let pending = pending(sales.open, reserved, asked);
    let told = || format!("the orders came to {}, the till to {}", sum(orders), sum(bank));
    let check = check("money", orders, bank, &pending, told);
    if (1..=sales.asked_back).contains(&(orders - bank)) {
        return Check { ok: None, ..check };
    }
    check
}

/// Every unit baked is in one place: one check, or one for each product that is wrong.
fn units(lines: &[Line], totals: &Figures, pending: &str) -> Vec<Check> {
    let wrong = lines.iter().filter_map(|Line { product_id, figures }| {
        let (baked, known) = (figures.baked, figures.accounted_for());
        let told = || format!("of {product_id} {} baked, but {known} accounted for", were(baked));
        let check = check(&format!("units.{product_id}"), baked, known, pending, told);
        (check.ok == Some(false)).then_some(check)
    });
    wrong_or(wrong.collect(), "units", totals.baked)
}

/// The units sold by the shelf and by the orders: one check, or one for each product that is wrong.
fn sold(lines: &[Line], totals: &Figures, sales: &DaySalesReply, pending: &str) -> Vec<Check> {
    let mut products: BTreeMap<&Slug, (i64, i64)> = BTreeMap::new();
    for line in lines {
        products.entry(&line.product_id).or_default().0 += line.figures.sold();
    }
    for line in &sales.lines {
        products.entry(&line.product_id).or_default().1 += line.units;
    }
    let wrong = products.into_iter().filter_map(|(product, (shelf, orders))| {
        let told = || format!("the shelf sold {shelf} of {product}, the orders say {orders}");
        let check = check(&format!("sold.{product}"), shelf, orders, pending, told);
        (check.ok == Some(false)).then_some(check)
    });
    wrong_or(wrong.collect(), "sold", totals.sold())
}

/// What is wrong, or else one check of the sum: it agrees, because all its parts do.
fn wrong_or(wrong: Vec<Check>, name: &str, sum: i64) -> Vec<Check> {
    if wrong.is_empty() { vec![check(name, sum, sum, "", String::new)] } else { wrong }
}

fn check(
    name: &str,
    expected: i64,
    found: i64,
    pending: &str,
    told: impl FnOnce() -> String,
) -> Check {
    let ok = expected == found;
    let detail = (!ok).then(|| told() + pending);
    Check { name: name.to_owned(), expected, found: Some(found), ok: Some(ok), detail }
}

fn unasked(name: &str, expected: i64) -> Check {
    let why = "the bank was not asked: by the hours of the branch this day has no beginning or \
               no end";
    let detail = Some(why.to_owned());
    Check { name: name.to_owned(), expected, found: None, ok: None, detail }
}

/// What may still change the figures, to stand behind a sentence.
fn pending(open: i64, reserved: i64, refunds: Option<String>) -> String {
    let orders = match open {
        0 => None,
        1 => Some("1 order is still open".to_owned()),
        open => Some(format!("{open} orders are still open")),
    };
    let units = match reserved {
        0 => None,
        1 => Some("1 unit is still reserved".to_owned()),
        reserved => Some(format!("{reserved} units are still reserved")),
    };
    let parts: Vec<String> = orders.into_iter().chain(units).chain(refunds).collect();
    if parts.is_empty() { String::new() } else { format!("; {}", parts.join(" and ")) }
}

fn were(units: i64) -> String {
    if units == 1 { "1 unit was".to_owned() } else { format!("{units} units were") }
}
