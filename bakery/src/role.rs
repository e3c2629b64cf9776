//! One service as one process, configured by the environment: what containers run.

use anyhow::Result;
use bakery_chassis::{ServiceConfig, clock};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Cancelled by the first Ctrl-C or SIGTERM; a second one ends the process at once.
pub(crate) fn stop_on_signal() -> Result<CancellationToken> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let stop = CancellationToken::new();
    let token = stop.clone();
    tokio::spawn(async move {
        for last in [false, true] {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if last {
                std::process::exit(130);
            }
            token.cancel();
        }
    });
    Ok(stop)
}

pub(crate) async fn gateway() -> Result<()> {
    let config = bakery_gateway::Config::from_env()?;
    Ok(bakery_gateway::run(config, stop_on_signal()?).await?)
}

pub(crate) async fn inventory() -> Result<()> {
    let config = ServiceConfig::from_env("inventory")?;
    Ok(bakery_inventory::run(config, clock::from_env()?, stop_on_signal()?).await?)
}

pub(crate) async fn orders() -> Result<()> {
    let config = bakery_orders::config::Config::from_env()?;
    Ok(bakery_orders::run(config, clock::from_env()?, stop_on_signal()?).await?)
}

pub(crate) async fn bank() -> Result<()> {
    let config = ServiceConfig::from_env("bank")?;
    Ok(bakery_bank::run(config, clock::from_env()?, stop_on_signal()?).await?)
}

pub(crate) async fn scheduler() -> Result<()> {
    let config = bakery_scheduler::config::Config::from_env()?;
    Ok(bakery_scheduler::run(config, clock::from_env()?, stop_on_signal()?).await?)
}
