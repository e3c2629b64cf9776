//! What this process counts and times, as text for Prometheus. Whoever counts uses the macros of the
//! crate `metrics`; before [`start`], and in tests, that costs nothing and goes nowhere.

use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};
use std::sync::OnceLock;
use std::time::Duration;

/// Upper bounds of the classes that times fall into, in seconds.
const BUCKETS_S: [f64; 12] =
    [0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
/// How often times are sorted into their classes: until then each takes up room.
const UPKEEP_PAUSE_S: u64 = 5;
/// The text that [`text`] is (Prometheus exposition format).
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

static COUNTED: OnceLock<PrometheusHandle> = OnceLock::new();

/// Begins to count, for as long as the process lives. To be called once, on a running tokio.
///
/// # Errors
/// Something else counts in this process already.
pub fn start() -> Result<(), BuildError> {
    let counted = PrometheusBuilder::new().set_buckets(&BUCKETS_S)?.install_recorder()?;
    let handle = COUNTED.get_or_init(|| counted).clone();
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(Duration::from_secs(UPKEEP_PAUSE_S));
        loop {
            ticks.tick().await;
            handle.run_upkeep();
        }
    });
    Ok(())
}

/// Everything counted so far; empty where nothing counts.
pub fn text() -> String {
    COUNTED.get().map(PrometheusHandle::render).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #[tokio::test]
    async fn what_was_counted_is_told_by_name() {
        super::start().unwrap();
        metrics::counter!("loaves_total", "kind" => "rye").increment(3);
        metrics::histogram!("baking_seconds").record(0.004);
        let text = super::text();
        assert!(text.contains("loaves_total{kind=\"rye\"} 3"), "{text}");
        assert!(text.contains("baking_seconds_bucket{le=\"0.005\"} 1"), "{text}");
        assert!(super::start().is_err(), "it was counted twice");
    }
}
