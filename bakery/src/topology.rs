//! `bakery nats apply`: the streams and consumers, made by the one user who may.

use anyhow::{Context, Result};
use bakery_chassis::service::bus_from_env;
use bakery_nats::connect::connect;
use bakery_nats::topology::{CONSUMERS, STREAMS, apply};

pub(crate) async fn main(replicas: usize) -> Result<()> {
    let bus = connect(&bus_from_env("deploy")?).await?;
    apply(&bus.context, replicas).await.context("the streams and consumers are not complete")?;
    tracing::info!(streams = STREAMS.len(), consumers = CONSUMERS.len(), replicas, "in place");
    Ok(())
}
