//! `bakery health URL`: asks a health endpoint, for container health checks.

use anyhow::{Context, Result, bail};
use std::time::Duration;

const TIMEOUT_S: u64 = 5;

pub(crate) async fn main(url: &str) -> Result<()> {
    let client = reqwest::Client::builder().timeout(Duration::from_secs(TIMEOUT_S)).build()?;
    let answer = client.get(url).send().await.with_context(|| format!("{url} is not reached"))?;
    let status = answer.status();
    if !status.is_success() {
        bail!("{url} answers {status}: {}", answer.text().await.unwrap_or_default());
    }
    Ok(())
}
