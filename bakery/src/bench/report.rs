//! The figures, for people and programs.

use super::load::{Figures, Load, Times};
use super::mix::Operation;
use anyhow::Result;
use comfy_table::{CellAlignment, LineStyle, Table, TableStyle};
use console::style;
use serde_json::{Value, json};
use std::time::Duration;

/// The share of requests that took no longer than a figure, in thousandths, and its name.
const SHARES: [(&str, usize); 4] = [("p50", 500), ("p95", 950), ("p99", 990), ("max", 1000)];

/// Prints them.
#[expect(clippy::print_stdout, reason = "this is what the person who started it is waiting for")]
pub(super) fn print(figures: &Figures, load: &Load, as_json: bool) -> Result<()> {
    if as_json {
        println!("{}", serde_json::to_string_pretty(&value(figures, load))?);
        return Ok(());
    }
    let Load { rate, connections, seconds } = load;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    println!("\n{}", table(figures));
    println!(
        "\n  {rate} requests a second over {connections} connections for {seconds} s, everything \
         on this machine\n  ({cores} cores): load, gateway, services, NATS, Postgres, Redis. Times are \
         in ms, from\n  the moment a request was due.\n"
    );
    Ok(())
}

fn table(figures: &Figures) -> Table {
    let mut table = Table::new();
    let line = LineStyle::none().fill('─').junction('─');
    table.load_style(TableStyle::new().header_separator(line).bottom_border(line));
    let names = SHARES.iter().map(|(name, _)| *name);
    table.set_header(["", "requests"].into_iter().chain(names).chain(["wanted p99", "odd"]));
    for (operation, times) in figures {
        let mut took = times.took.clone();
        took.sort_unstable();
        let shares = SHARES.iter().map(|(_, share)| format!("{:.1}", ms(at(&took, *share))));
        let wanted = Duration::from_millis(operation.target_ms());
        let met = at(&took, 990) < wanted;
        let mark = if met { style("✔").green() } else { style("✘").red().bold() };
        let head = [operation.name().to_owned(), times.took.len().to_string()];
        let tail = [format!("< {} {mark}", operation.target_ms()), times.odd.to_string()];
        table.add_row(head.into_iter().chain(shares).chain(tail));
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn value(figures: &Figures, load: &Load) -> Value {
    let one = |(operation, times): (&Operation, &Times)| {
        let mut took = times.took.clone();
        took.sort_unstable();
        let shares = SHARES.iter().map(|(name, share)| (*name, ms(at(&took, *share))));
        let shares: serde_json::Map<String, Value> =
            shares.map(|(name, ms)| (format!("{name}_ms"), json!(ms))).collect();
        json!({
            "operation": operation.name(),
            "requests": times.took.len(),
            "odd": times.odd,
            "wanted_p99_ms": operation.target_ms(),
            "took": shares,
        })
    };
    let Load { rate, connections, seconds } = load;
    json!({
        "requests_per_second": rate,
        "connections": connections,
        "seconds": seconds,
        "operations": figures.iter().map(one).collect::<Vec<_>>(),
    })
}

/// The time that so many thousandths of the sorted times do not exceed.
fn at(sorted: &[Duration], thousandths: usize) -> Duration {
    let rank = (sorted.len() * thousandths).div_ceil(1000);
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

#[cfg(test)]
mod tests {
    use super::at;
    use std::time::Duration;

    #[test]
    fn a_share_is_the_time_that_so_many_do_not_exceed() {
        let hundred: Vec<Duration> = (1..=100).map(Duration::from_millis).collect();
        let figures = [500, 950, 990, 1000].map(|share| at(&hundred, share).as_millis());
        assert_eq!(figures, [50, 95, 99, 100]);
        assert_eq!(at(&hundred[..1], 990).as_millis(), 1);
        assert_eq!(at(&[], 990), Duration::ZERO);
    }
}
