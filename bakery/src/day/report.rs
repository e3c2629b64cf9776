//! The report of the day, for people: what became of every unit and every cent, and whether three
//! services' books agree about it.

use super::Day;
use super::counter::Counter;
use anyhow::{Context, Result};
use bakery_nats::money::{Currency, Money};
use comfy_table::{CellAlignment, LineStyle, Table, TableStyle};
use console::style;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

/// How long the last orders may take to end, on a machine that has much else to do.
const SETTLES_WITHIN: Duration = Duration::from_secs(120);

/// The columns, and the fields of a line that are summed in each.
const COLUMNS: [(&str, &[&str]); 7] = [
    ("baked", &["baked"]),
    ("sold", &["sold_full"]),
    ("at a discount", &["sold_discount"]),
    ("stale", &["stale"]),
    ("thrown out", &["thrown"]),
    ("left", &["free", "reserved"]),
    ("missed", &["missed"]),
];

/// What the gateway says of a day, as far as it is shown.
#[derive(Deserialize)]
struct Report {
    currency: Currency,
    closed: bool,
    lines: Vec<Line>,
    totals: Figures,
    orders: Orders,
    checks: Vec<Check>,
    adds_up: bool,
}

impl Report {
    /// The day is closed, and nothing is under way.
    fn is_final(&self) -> bool {
        self.closed && self.orders.open == 0 && sum(&self.totals, &["reserved"]) == 0
    }
}

type Figures = BTreeMap<String, i64>;

#[derive(Deserialize)]
struct Line {
    product_id: String,
    #[serde(flatten)]
    figures: Figures,
}

#[derive(Deserialize)]
struct Orders {
    by_status: BTreeMap<String, i64>,
    open: i64,
}

#[derive(Deserialize)]
struct Check {
    name: String,
    found: Option<i64>,
    ok: Option<bool>,
    detail: Option<String>,
}

/// The report once the day is closed and its last order has ended. Its books are read one after the other,
/// and where something ends in between they do not agree: they are read again until they do, or the time is
/// over.
pub(super) async fn wait_for(counter: &Counter, day: &Day) -> Result<Value> {
    let path = format!("/admin/reports/{}/{}", day.branch, day.date);
    let mut last = None;
    let agrees = |raw: Value| {
        let report = Report::deserialize(&raw)?;
        if report.is_final() && report.adds_up {
            return Ok(Some(raw));
        }
        last = report.is_final().then_some(raw);
        Ok(None)
    };
    let found = counter.read_until(&path, SETTLES_WITHIN, agrees).await?;
    found.or(last).context("the day did not come to its end")
}

/// Prints it; true where it adds up.
#[expect(clippy::print_stdout, reason = "this is what the person who started it is waiting for")]
pub(super) fn print(raw: &Value, json: bool) -> Result<bool> {
    let report = Report::deserialize(raw)?;
    if json {
        println!("{}", serde_json::to_string_pretty(raw)?);
        return Ok(report.adds_up);
    }
    let money = |amount| Money { amount, currency: report.currency.clone() }.to_string();
    println!("\n{}", table(&report, &money));
    let orders = report.orders.by_status.iter().filter(|(_, count)| **count > 0);
    let orders: Vec<String> = orders.map(|(name, count)| format!("{count} {name}")).collect();
    println!("\n  Orders    {}", orders.join(", "));
    let [takings, refunds] = ["takings", "refunds"].map(|name| money(sum(&report.totals, &[name])));
    println!("  Money     {takings} taken, {refunds} given back\n");
    for check in &report.checks {
        println!("  {}", verdict(check, &money));
    }
    Ok(report.adds_up)
}

fn sum(figures: &Figures, names: &[&str]) -> i64 {
    names.iter().filter_map(|name| figures.get(*name)).sum()
}

fn table(report: &Report, money: &impl Fn(i64) -> String) -> Table {
    let mut table = Table::new();
    let line = LineStyle::none().fill('─').junction('─');
    table.load_style(TableStyle::new().header_separator(line).bottom_border(line));
    let names = COLUMNS.iter().map(|(name, _)| *name);
    table.set_header(["product"].into_iter().chain(names).chain(["takings"]));
    let row = |name: &str, figures: &Figures| -> Vec<String> {
        let numbers = COLUMNS.iter().map(|(_, fields)| sum(figures, fields).to_string());
        let takings = money(sum(figures, &["takings"]));
        [name.to_owned()].into_iter().chain(numbers).chain([takings]).collect()
    };
    for line in &report.lines {
        table.add_row(row(&line.product_id, &line.figures));
    }
    table.add_row(row("all", &report.totals));
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// A check in words; where the books do not agree the gateway has said how.
fn verdict(check: &Check, money: &impl Fn(i64) -> String) -> String {
    let found = check.found.unwrap_or_default();
    let agreed = match check.name.as_str() {
        "units" => format!("each of {found} units baked ended exactly once"),
        "sold" => format!("shelf and orders agree on {found} units sold"),
        "takings" => format!("shelf and orders agree on {} taken", money(found)),
        "refunds" => format!("shelf and orders agree on {} given back", money(found)),
        "money" => format!("orders and the bank's till agree on {}", money(found)),
        other => other.to_owned(),
    };
    let detail = check.detail.as_deref().unwrap_or_default();
    match check.ok {
        Some(true) => format!("{} {agreed}", style("✔").green()),
        Some(false) => format!("{} {}: {detail}", style("✘").red().bold(), check.name),
        None => format!("{} {}: {detail}", style("–").dim(), check.name),
    }
}

#[cfg(test)]
mod tests {
    use super::{Check, verdict, wait_for};
    use crate::day::Day;
    use crate::day::counter::Counter;
    use crate::session::tests::gateway;
    use serde_json::json;
    use std::sync::{Arc, OnceLock};

    #[tokio::test]
    async fn books_that_were_read_while_something_ended_are_read_again() {
        let report = |closed: bool, adds_up: bool| {
            let orders = json!({"by_status": {}, "open": 0});
            let report = json!({"currency": "EUR", "closed": closed, "lines": [], "totals": {},
                "orders": orders, "checks": [], "adds_up": adds_up});
            (200, report.to_string())
        };
        let tokens = json!({"access_token": "a", "expires_in": 600, "refresh_token": "r"});
        let answers = vec![
            (201, tokens.to_string()),
            report(false, true),
            report(true, false),
            (503, json!({"detail": "late"}).to_string()),
            report(true, true),
        ];
        let counter = Counter::open(gateway(answers).await, "manager", "secret").await.unwrap();
        let day = Day::today(&Arc::new(OnceLock::new())).unwrap();
        let last = wait_for(&counter, &day).await.unwrap();
        assert_eq!((&last["closed"], &last["adds_up"]), (&json!(true), &json!(true)));
    }

    #[test]
    fn books_that_do_not_agree_are_said_to() {
        let money = |amount: i64| format!("{amount} c");
        let check = |ok, detail: Option<&str>| Check {
            name: "sold".to_owned(),
            found: Some(7),
            ok,
            detail: detail.map(str::to_owned),
        };
        let agreed = verdict(&check(Some(true), None), &money);
        assert!(agreed.ends_with("shelf and orders agree on 7 units sold"), "{agreed}");
        let wrong = verdict(&check(Some(false), Some("the shelf sold 8")), &money);
        assert!(wrong.contains('✘') && wrong.ends_with("sold: the shelf sold 8"), "{wrong}");
    }
}
