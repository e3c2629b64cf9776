//! A receipt as a text of at most 40 columns, for a printer at the counter.

use bakery_nats::money::Money;
use bakery_nats::requests::orders::Price;
use bakery_nats::requests::receipts::{Receipt, ReceiptLine, ReceiptRefund};
use bakery_nats::slug::Slug;
use chrono::{DateTime, Utc};

/// What the narrowest printers take; the id of a unit, indented, just fits.
const COLUMNS_MAX: usize = 40;
const INDENT: &str = "  ";

/// The text, each line with its end.
pub(super) fn of(receipt: &Receipt) -> String {
    let mut lines = head(receipt);
    lines.push(rule());
    lines.extend(receipt.lines.iter().flat_map(bought));
    lines.push(rule());
    lines.extend(sums(receipt));
    lines.iter().map(|line| format!("{}\n", line.trim_end())).collect()
}

fn head(receipt: &Receipt) -> Vec<String> {
    let mut lines: Vec<String> = wrapped(&receipt.shop.name, COLUMNS_MAX)
        .into_iter()
        .chain(wrapped(&receipt.shop.address, COLUMNS_MAX))
        .map(|line| centred(&line))
        .collect();
    lines.push(String::new());
    lines.extend(pair(&format!("Order {}", receipt.number), &local(receipt, receipt.time)));
    lines.push(receipt.order_id.to_string());
    lines.push(format!("Times of {}", receipt.shop.time_zone));
    lines
}

/// A line of the order: its name, each price with its count, and each unit by its id.
fn bought(line: &ReceiptLine) -> Vec<String> {
    let mut lines = wrapped(&line.name, COLUMNS_MAX);
    for Price { quantity, unit_price, full_price } in &line.prices {
        let instead = full_price.map(|full| format!(" (not {})", decimal(full)));
        let left =
            format!("{INDENT}{quantity} x {}{}", decimal(*unit_price), instead.unwrap_or_default());
        lines.extend(pair(&left, &decimal(unit_price * i64::from(*quantity))));
    }
    if line.prices.len() > 1 {
        lines.extend(pair(
            &format!("{INDENT}{} together", line.quantity),
            &decimal(line.line_total),
        ));
    }
    lines.extend(line.units.iter().map(|unit| format!("{INDENT}{}", unit.id)));
    lines
}

fn sums(receipt: &Receipt) -> Vec<String> {
    let money = |amount| Money { amount, currency: receipt.currency.clone() }.to_string();
    let mut lines = pair("Total", &money(receipt.total));
    if receipt.discount > 0 {
        lines.extend(pair(&format!("{INDENT}discount of"), &money(receipt.discount)));
    }
    for ReceiptRefund { made_at, amount, reason, lines: parts } in &receipt.refunds {
        lines.extend(pair(&format!("Back {}", local(receipt, *made_at)), &money(-amount)));
        for part in parts {
            let left = format!("{INDENT}{} x {}", part.quantity, name(receipt, &part.product_id));
            lines.extend(pair(&left, &decimal(-part.amount)));
        }
        let reason = wrapped(reason, COLUMNS_MAX - INDENT.len());
        lines.extend(reason.into_iter().map(|line| format!("{INDENT}{line}")));
    }
    if !receipt.refunds.is_empty() {
        lines.extend(pair("Remains paid", &money(receipt.remains)));
    }
    lines
}

/// What a product was called when it was bought, fit to be printed.
fn name(receipt: &Receipt, product: &Slug) -> String {
    let line = receipt.lines.iter().find(|line| line.product_id == *product);
    wrapped(line.map_or(product.as_str(), |line| &line.name), COLUMNS_MAX).join(" ")
}

fn rule() -> String {
    "-".repeat(COLUMNS_MAX)
}

/// A moment as the clock in the shop showed it.
fn local(receipt: &Receipt, at: DateTime<Utc>) -> String {
    at.with_timezone(&receipt.shop.time_zone).format("%-d %b %Y %H:%M").to_string()
}

fn decimal(amount: i64) -> String {
    let sign = if amount < 0 { "-" } else { "" };
    let minor = amount.unsigned_abs();
    format!("{sign}{}.{:02}", minor / 100, minor % 100)
}

/// Both on one line where there is room, the second at its right end.
fn pair(left: &str, right: &str) -> Vec<String> {
    let used = left.chars().count() + right.chars().count();
    if used < COLUMNS_MAX {
        let gap = " ".repeat(COLUMNS_MAX - used);
        return vec![format!("{left}{gap}{right}")];
    }
    let mut lines = wrapped_behind(left);
    lines.push(format!("{right:>COLUMNS_MAX$}"));
    lines
}

/// The same indent on every line of what is too long.
fn wrapped_behind(text: &str) -> Vec<String> {
    let indent = if text.starts_with(INDENT) { INDENT } else { "" };
    let parts = wrapped(text, COLUMNS_MAX - indent.len());
    parts.into_iter().map(|part| format!("{indent}{part}")).collect()
}

fn centred(line: &str) -> String {
    let gap = COLUMNS_MAX.saturating_sub(line.chars().count()) / 2;
    format!("{}{line}", " ".repeat(gap))
}

/// A text on lines of so many columns, parted between words where that is possible. A printer takes
/// control characters for orders, so there are none.
fn wrapped(text: &str, columns_max: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        let letters: Vec<char> = word.chars().collect();
        for part in letters.chunks(columns_max) {
            let used = line.chars().count();
            if used > 0 && used + 1 + part.len() > columns_max {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.extend(part);
        }
    }
    lines.extend(Some(line).filter(|line| !line.is_empty()));
    lines
}

#[cfg(test)]
mod tests {
    use super::{COLUMNS_MAX, of, wrapped};
    use bakery_nats::requests::receipts::Receipt;

    fn stored() -> Receipt {
        let json = include_str!("../../../../nats/tests/wire/orders.receipt.reply.json");
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_receipt_reads_as_it_is_printed() {
        let expected = "          Bakery on the square
            1 Market Square

Order 007              24 Nov 2026 11:00
019ab5f2-8c00-7a31-9d4e-5b6c7d8e9f01
Times of Europe/Berlin
----------------------------------------
Sourdough loaf
  1 x 6.20 (not 12.40)              6.20
  a3c1f0de-1111-5abc-8def-000000000001
Donut
  2 x 1.50                          3.00
  a3c1f0de-2222-5abc-8def-000000000001
  a3c1f0de-2222-5abc-8def-000000000002
----------------------------------------
Total                           9.20 EUR
  discount of                   6.20 EUR
Back 24 Nov 2026 13:00         -1.50 EUR
  1 x Donut                        -1.50
  one donut was burnt
Remains paid                    7.70 EUR
";
        assert_eq!(of(&stored()), expected);
    }

    #[test]
    fn no_line_is_wider_than_the_paper_and_none_is_an_order_to_the_printer() {
        let mut receipt = stored();
        receipt.shop.name = "Bäckerei ".repeat(12);
        receipt.shop.address = "x".repeat(200);
        receipt.refunds[0].reason = "burnt\u{1b}[2J ".repeat(20);
        receipt.lines[0].name = "ß".repeat(80);
        receipt.lines[0].prices[0].unit_price = 10_000_000_000;
        receipt.lines[0].prices[0].full_price = Some(20_000_000_000);
        receipt.lines[1].name = "Do\u{1b}nut".to_owned();
        let mut unknown = receipt.refunds[0].lines[0].clone();
        unknown.product_id = "a".repeat(40).parse().unwrap();
        let mut long = unknown.clone();
        long.product_id = receipt.lines[0].product_id.clone();
        receipt.refunds[0].lines.extend([unknown, long]);
        receipt.total = i64::MAX;
        for line in of(&receipt).lines() {
            assert!(line.chars().count() <= COLUMNS_MAX, "{line:?}");
            assert!(!line.chars().any(char::is_control), "{line:?}");
        }
    }

    #[test]
    fn two_prices_of_a_product_are_two_groups_and_a_sum() {
        let mut receipt = stored();
        let mut cheaper = receipt.lines[1].prices[0].clone();
        receipt.lines[1].prices[0].quantity = 1;
        (cheaper.quantity, cheaper.unit_price, cheaper.full_price) = (1, 75, Some(150));
        receipt.lines[1].prices.push(cheaper);
        receipt.lines[1].line_total = 225;
        let text = of(&receipt);
        let expected = "\
Donut
  1 x 1.50                          1.50
  1 x 0.75 (not 1.50)               0.75
  2 together                        2.25
";
        assert!(text.contains(expected), "{text}");
    }

    #[test]
    fn words_are_parted_only_where_one_is_longer_than_the_line() {
        assert_eq!(wrapped("a bc def", 4), ["a bc", "def"]);
        assert_eq!(wrapped("abcdef g", 4), ["abcd", "ef g"]);
        assert!(wrapped(" \n ", 4).is_empty());
    }
}
