//! What a person sees while the day goes by: the clock, the customers, the shelf. On a terminal a
//! picture that moves, elsewhere one line an hour.

use super::Day;
use super::counter::Tally;
use anyhow::Result;
use bakery_nats::ask::ask;
use bakery_nats::connect::Bus;
use bakery_nats::money::{Currency, Money};
use bakery_nats::requests::inventory::{Menu, MenuEntry};
use chrono::{DateTime, Timelike, Utc};
use console::style;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Pictures a second, at the most.
const PICTURE_PAUSE_MS: u64 = 120;
/// Units that are drawn; more are a number.
const DOTS_MAX: usize = 36;
const NAME_WIDTH: usize = 18;

/// What is shown while the servers and services start.
pub(super) fn waiting() -> ProgressBar {
    let spinner = ProgressBar::new_spinner().with_message(
        "opening a bakery: nats-server, Postgres, Redis, and the five services on them",
    );
    spinner.enable_steady_tick(Duration::from_millis(PICTURE_PAUSE_MS));
    spinner
}

/// The picture.
pub(super) struct Board {
    moves: bool,
    screen: MultiProgress,
    /// Nothing happens to it; dropped, it would not be drawn.
    _title: ProgressBar,
    clock: ProgressBar,
    people: ProgressBar,
    shelf: Vec<ProgressBar>,
    tally: Arc<Tally>,
    currency: Currency,
    last_hour: Option<u32>,
}

impl Board {
    pub(super) fn of(day: &Day, seed: u64, speed: u32, tally: &Arc<Tally>) -> Result<Self> {
        let moves = std::io::stderr().is_terminal();
        let target =
            if moves { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let screen = MultiProgress::with_draw_target(target);
        let text = ProgressStyle::with_template("{msg}")?;
        let line = || screen.add(ProgressBar::new(1).with_style(text.clone()));
        let title = format!(
            "{}, {}: a day in {} times its speed (seed {seed})",
            day.shop.name,
            day.date.format("%A %-d %B %Y"),
            speed
        );
        let headline = line();
        if moves {
            headline.set_message(format!("\n  {}\n", style(title).bold()));
        } else {
            eprintln!("{title}");
        }
        let length = u64::try_from((day.end - day.begin).num_seconds()).unwrap_or_default();
        let bar = ProgressStyle::with_template("  {msg} {bar:44.yellow/black.bright}")?
            .progress_chars("━━─");
        let clock = screen.add(ProgressBar::new(length).with_style(bar));
        let people = line();
        let shelf = day.shop.menu.iter().map(|_| line()).collect();
        let currency = Currency::try_from(day.shop.currency.to_owned())?;
        let tally = tally.clone();
        Ok(Self {
            moves,
            screen,
            _title: headline,
            clock,
            people,
            shelf,
            tally,
            currency,
            last_hour: None,
        })
    }

    /// Draws until the day is over.
    pub(super) async fn show(&mut self, bus: &Bus, day: &Day, over: &CancellationToken) {
        while !over.is_cancelled() {
            // A picture that cannot be had is left out; the day itself would say why.
            if let Ok(menu) = ask(&bus.client, &Menu { branch: day.branch.clone() }).await {
                self.draw(day, &menu.products);
            }
            tokio::time::sleep(Duration::from_millis(PICTURE_PAUSE_MS)).await;
        }
    }

    /// Takes the picture away; what stays is the report.
    pub(super) fn close(&self) {
        self.screen.clear().ok();
    }

    fn draw(&mut self, day: &Day, products: &[MenuEntry]) {
        let now = day.now().min(day.end);
        let local = now.with_timezone(&day.calendar.time_zone);
        if !self.moves {
            if self.last_hour.replace(local.hour()) != Some(local.hour()) {
                let free: i64 = products.iter().map(|product| product.available).sum();
                eprintln!("{}  {}, {free} on the shelf", local.format("%H:%M"), self.news());
            }
            return;
        }
        let passed = u64::try_from((now - day.begin).num_seconds()).unwrap_or_default();
        self.clock.set_position(passed);
        let state = state(day, now, products);
        self.clock.set_message(format!("{}  {state}", style(local.format("%H:%M")).bold()));
        self.people.set_message(format!("\n  {}\n", self.news()));
        for (line, product) in self.shelf.iter().zip(products) {
            line.set_message(row(product));
        }
    }

    fn news(&self) -> String {
        let count = |what: &AtomicU64| what.load(Ordering::Relaxed);
        let tally = &self.tally;
        let amount = i64::try_from(count(&tally.paid)).unwrap_or(i64::MAX);
        let paid = Money { amount, currency: self.currency.clone() };
        format!(
            "{} customers: {} bought for {paid}, {} found it sold out, {} had no money, {} came too \
             late; {} served",
            count(&tally.came),
            count(&tally.bought),
            count(&tally.sold_out),
            count(&tally.no_money),
            count(&tally.found_it_closed),
            count(&tally.served),
        )
    }
}

fn state(day: &Day, now: DateTime<Utc>, products: &[MenuEntry]) -> String {
    if now < day.open {
        style("closed, the ovens are hot").dim().to_string()
    } else if now >= day.close {
        style("closed                   ").dim().to_string()
    } else if products.iter().any(|product| product.discount.is_some()) {
        style("open, all at a discount  ").yellow().to_string()
    } else {
        style("open                     ").green().to_string()
    }
}

/// One product: how many are on the shelf, and what one costs.
fn row(product: &MenuEntry) -> String {
    let free = usize::try_from(product.available).unwrap_or_default();
    let dots = "●".repeat(free.min(DOTS_MAX));
    let dots = format!("{dots:<DOTS_MAX$}");
    let name = format!("{:<NAME_WIDTH$}", product.name);
    let price = match &product.discount {
        Some(discount) => format!(
            "{} {}",
            style(&product.price).yellow().bold(),
            style(format!("instead of {}", discount.full_price)).dim()
        ),
        None => product.price.to_string(),
    };
    if free == 0 {
        format!("  {} {dots} {}", style(name).dim(), style("   -").dim())
    } else {
        format!("  {name} {} {free:>4}  {price}", style(dots).yellow())
    }
}
