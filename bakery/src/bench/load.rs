//! A steady load: request `n` is due at its time, whatever became of those before it.

use super::mix::{Counter, Operation};
use futures::StreamExt;
use indicatif::ProgressBar;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

/// Asked before it is measured: connections are made, plans are cached, orders are under way.
pub(super) const WARM_UP_S: u32 = 3;
/// How often a person is told how far it is.
const TELL_EVERY: u32 = 100;

/// How much is asked.
pub(super) struct Load {
    /// Requests a second.
    pub(super) rate: u32,
    /// At the same time, at the most.
    pub(super) connections: u32,
    /// Measured, after the warm-up.
    pub(super) seconds: u32,
}

/// What was seen of one kind of request.
#[derive(Default)]
pub(super) struct Times {
    /// From the moment it was due to the last byte of its answer.
    pub(super) took: Vec<Duration>,
    /// Answers that were not as they should be.
    pub(super) odd: usize,
}

/// By kind of request.
pub(super) type Figures = BTreeMap<Operation, Times>;

impl Load {
    /// Asks, and takes the times.
    pub(super) async fn run(&self, counter: &Counter, progress: &ProgressBar) -> Figures {
        let start = Instant::now();
        let (before, all) = (self.rate * WARM_UP_S, self.rate * (self.seconds + WARM_UP_S));
        let connections = usize::try_from(self.connections).unwrap_or(1);
        let asked = futures::stream::iter(0..all).map(|n| async move {
            let due = start + Duration::from_secs(1) * n / self.rate;
            tokio::time::sleep_until(due).await;
            if n.is_multiple_of(TELL_EVERY) {
                progress.set_message(format!("{n} of {all} requests"));
            }
            let operation = Operation::of(n);
            let good = counter.ask(operation, n).await?;
            Some((n, operation, good, due.elapsed()))
        });
        let mut figures = Figures::new();
        let mut answers = asked.buffer_unordered(connections);
        while let Some(answer) = answers.next().await {
            let Some((n, operation, good, took)) = answer else { continue };
            let times = figures.entry(operation).or_default();
            times.odd += usize::from(!good);
            if n >= before {
                times.took.push(took);
            }
        }
        figures
    }
}
