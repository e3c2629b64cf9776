//! Log lines: coloured text on a terminal, plain text or JSON elsewhere. And what is counted.

use crate::env::{self, EnvError};
use crate::metrics;
use metrics_exporter_prometheus::BuildError;
use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;

/// What a service logs.
pub const FILTER: &str = "info,async_nats=warn,fred=error,tokio_postgres=warn";

/// Why logging cannot start.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// A variable is wrong.
    #[error(transparent)]
    Env(#[from] EnvError),
    /// Nothing can be counted.
    #[error("metrics cannot start")]
    Metrics(#[from] BuildError),
    /// The filter is wrong.
    #[error("the environment variable LOG is not a log filter")]
    Filter(#[from] ParseError),
}

/// Starts counting, and logging to standard error: `LOG` is the filter (`info`, `bakery_orders=debug`), where it
/// is not set `otherwise`; `LOG_FORMAT` is `text` or `json`.
pub fn start(otherwise: &str) -> Result<(), TelemetryError> {
    metrics::start()?;
    let filter = EnvFilter::try_new(env::text("LOG").as_deref().unwrap_or(otherwise))?;
    let terminal = std::io::stderr().is_terminal();
    let logger = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(terminal);
    match env::text("LOG_FORMAT").as_deref() {
        None | Some("text") => logger.compact().init(),
        Some("json") => logger.json().flatten_event(true).init(),
        Some(other) => {
            let reason = format!("{other:?} is neither text nor json");
            return Err(EnvError::Invalid { name: "LOG_FORMAT", reason }.into());
        }
    }
    Ok(())
}
