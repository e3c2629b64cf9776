//! `bakery day`: one day of a bakery at full speed, on servers of its own, with customers that buy
//! and a kitchen that serves. It is the whole system by a faster clock: nothing is skipped.

mod board;
mod counter;
mod kitchen;
mod prepare;
mod report;
mod town;

use crate::demo::catalogue::{SHOPS, Shop};
use crate::role::stop_on_signal;
use crate::site::{Secrets, Site};
use crate::up::{Bakery, Opening};
use anyhow::{Context, Result, bail};
use bakery_chassis::clock::{Anchor, held, wall};
use bakery_embedded::{Servers, Temporary};
use bakery_nats::calendar::Calendar;
use bakery_nats::request::Clock;
use bakery_nats::slug::Slug;
use board::Board;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use clap::Args;
use indicatif::ProgressBar;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use town::Town;

/// The day begins so long before opening and ends so long after closing.
const MARGIN_MIN: i64 = 10;
/// How often a waiting customer looks at the clock.
const LOOK_AGAIN_MS: u64 = 5;
/// Hours of the branch in this play: the demo's own never closes.
const HOURS: (&str, &str) = ("07:00", "18:00");

/// How a day is played.
#[derive(Clone, Debug, Args)]
pub(crate) struct DayArgs {
    /// Customers that come in.
    #[arg(long, default_value_t = 800, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    customers: u32,
    /// How long the day takes, in seconds.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(10..=3600))]
    seconds: u32,
    /// Who comes when and buys what: the same seed is the same town.
    #[arg(long)]
    seed: Option<u64>,
    /// Print the report as JSON.
    #[arg(long)]
    json: bool,
}

/// The day that is played, and by which clock.
struct Day {
    shop: Shop,
    branch: Slug,
    calendar: Calendar,
    date: NaiveDate,
    begin: DateTime<Utc>,
    open: DateTime<Utc>,
    close: DateTime<Utc>,
    end: DateTime<Utc>,
    clock: Clock,
}

/// Plays the day; an error where its report does not add up.
pub(crate) async fn main(args: DayArgs) -> Result<()> {
    let stop = stop_on_signal()?;
    let waiting = board::waiting();
    let secrets = Secrets::random();
    let wanted = Temporary { nats: Some(secrets.nats()), postgres: true, redis: true };
    let started = stop.run_until_cancelled(Servers::temporary(wanted)).await;
    let Some(servers) = started else { return Ok(()) };
    let servers = servers?;
    // Everybody comes with a purse of their own.
    let nothing = format!("0 {}", SHOPS[0].currency).parse()?;
    let site = Site::of(&servers, nothing, secrets);
    let played = stop.run_until_cancelled(play(&args, &site, &waiting)).await;
    servers.stop().await?;
    match played.transpose()? {
        None => bail!("the day was broken off"),
        Some(true) => Ok(()),
        Some(false) => bail!("the report of the day does not add up"),
    }
}

async fn play(args: &DayArgs, site: &Site, waiting: &ProgressBar) -> Result<bool> {
    let seed = args.seed.unwrap_or_else(|| fastrand::u64(0..1_000_000));
    let go = Arc::new(OnceLock::new());
    let day = Day::today(&go)?;
    let speed = day.speed(args.seconds);
    let opening = Opening::by(([127, 0, 0, 1], 0).into(), day.clock.clone(), speed);
    let bakery = Bakery::open(site, &opening).await?;
    let town = Town::of(seed, args.customers, &day);
    let (bus, counter) = prepare::prepare(site, &day, &town, bakery.addr).await?;

    if go.set(Anchor::now(day.begin, speed)).is_err() {
        bail!("the clock runs already");
    }
    waiting.finish_and_clear();
    let over = CancellationToken::new();
    let mut board = Board::of(&day, seed, speed, &counter.tally)?;
    let customers = async {
        town.visit(&day, &counter).await;
        day.wait_for(day.end).await;
        over.cancel();
    };
    tokio::join!(customers, kitchen::work(&counter, &day, &over), board.show(&bus, &day, &over),);
    let report = report::wait_for(&counter, &day).await?;
    board.close();
    bakery.close().await;
    report::print(&report, args.json)
}

impl Day {
    /// The branch's today. Its clock stands shortly before opening until it is let go.
    fn today(go: &Arc<OnceLock<Anchor>>) -> Result<Self> {
        let [main, ..] = SHOPS;
        let shop = Shop { hours: HOURS, ..main };
        let branch = crate::demo::branch(&shop)?;
        let calendar = Calendar { time_zone: branch.time_zone, hours: branch.hours };
        let date = calendar.local_date(wall()());
        let opens = "today has no hours";
        let (open, close) =
            (calendar.opening(date).context(opens)?, calendar.closing(date).context(opens)?);
        let margin = TimeDelta::minutes(MARGIN_MIN);
        let begin = open - margin;
        let clock = held(begin, go.clone());
        let branch = branch.id;
        Ok(Self { shop, branch, calendar, date, begin, open, close, end: close + margin, clock })
    }

    /// How many times faster than the machine's the clock runs, so that the day takes so long.
    fn speed(&self, seconds: u32) -> u32 {
        let length_s = (self.end - self.begin).num_seconds();
        u32::try_from(length_s / i64::from(seconds)).unwrap_or(1).max(1)
    }

    fn now(&self) -> DateTime<Utc> {
        (self.clock)()
    }

    /// Waits until the shop's clock shows a moment.
    async fn wait_for(&self, moment: DateTime<Utc>) {
        while self.now() < moment {
            tokio::time::sleep(Duration::from_millis(LOOK_AGAIN_MS)).await;
        }
    }
}
