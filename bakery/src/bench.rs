//! `bakery bench`: how long the HTTP interface takes to answer under a steady load, on a bakery of its
//! own. Requests come at their times whether or not those before them are answered, and waiting for a
//! free connection counts: a stall is not hidden by the load waiting for it.

mod ground;
mod load;
mod mix;
mod report;

use crate::role::stop_on_signal;
use crate::site::{Secrets, Site};
use crate::up::{Bakery, Opening};
use anyhow::{Result, bail};
use bakery_embedded::{Servers, Temporary};
use clap::Args;
use indicatif::ProgressBar;
use load::Load;
use std::time::Duration;

const PICTURE_PAUSE_MS: u64 = 120;

/// How the load is made.
#[derive(Clone, Debug, Args)]
pub(crate) struct BenchArgs {
    /// Requests a second.
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    rate: u32,
    /// Connections that they come over.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=1024))]
    connections: u32,
    /// How long it is measured, in seconds, after a warm-up.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=600))]
    seconds: u32,
    /// Print the figures as JSON.
    #[arg(long)]
    json: bool,
}

/// Opens a bakery, asks it, prints how long it took; an error where an answer was not as it should be.
pub(crate) async fn main(args: BenchArgs) -> Result<()> {
    let stop = stop_on_signal()?;
    let progress = ProgressBar::new_spinner().with_message("opening a bakery");
    progress.enable_steady_tick(Duration::from_millis(PICTURE_PAUSE_MS));
    let secrets = Secrets::random();
    let wanted = Temporary { nats: Some(secrets.nats()), postgres: true, redis: true };
    let started = stop.run_until_cancelled(Servers::temporary(wanted)).await;
    let Some(servers) = started else { return Ok(()) };
    let servers = servers?;
    let site = Site::of(&servers, ground::purse()?, secrets);
    let measured = stop.run_until_cancelled(measure(&args, &site, &progress)).await;
    servers.stop().await?;
    match measured.transpose()? {
        None => bail!("the measurement was broken off"),
        Some(0) => Ok(()),
        Some(odd) => bail!("{odd} answers were not as they should be"),
    }
}

/// How many answers were not as they should be.
async fn measure(args: &BenchArgs, site: &Site, progress: &ProgressBar) -> Result<usize> {
    let opening = Opening::at(([127, 0, 0, 1], 0).into());
    let bakery = Bakery::open(site, &opening).await?;
    let load = Load { rate: args.rate, connections: args.connections, seconds: args.seconds };
    progress.set_message("filling the shelf, letting customers in");
    let counter = ground::prepare(site, bakery.addr, &load).await?;
    let figures = load.run(&counter, progress).await;
    progress.finish_and_clear();
    bakery.close().await;
    report::print(&figures, &load, args.json)?;
    Ok(figures.values().map(|times| times.odd).sum())
}
