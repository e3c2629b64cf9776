//! The clock's loop: look for due jobs, publish their ticks, move the jobs on.
//!
//! A job moves only when its ticks are in the stream. Whatever dies in between, the same ticks go
//! out again under the same ids, and their consumers know them.

use crate::plan::{Plan, plan};
use crate::row::JobRow;
use bakery_nats::Pool;
use bakery_nats::error::HandlerError;
use bakery_nats::publish::Outlet;
use bakery_nats::request::Clock;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

/// Pause after a passing fault: the database or the stream does not answer.
const FAULT_PAUSE_MS: u64 = 2000;
/// Jobs looked at in one round; those that are due longest come first.
const DUE_JOBS_MAX: usize = 500;

/// The loop and what it works with.
pub struct Ticker<O> {
    /// The database of the service.
    pub pool: Pool,
    /// Where ticks go.
    pub outlet: Arc<O>,
    /// The shop's clock.
    pub clock: Clock,
}

/// What became of one look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// How many ticks were fired.
    pub ticks: usize,
    /// True where there may be more that is due: a round is bounded.
    pub more: bool,
}

impl<O: Outlet> Ticker<O> {
    /// Looks every so many milliseconds until it is told to stop. A round may be cut off anywhere:
    /// the next one repeats it.
    pub async fn run(self, period_ms: u64, stop: CancellationToken) {
        let mut timer = interval(Duration::from_millis(period_ms));
        timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let rounds = async {
            loop {
                timer.tick().await;
                match self.round().await {
                    Ok(Round { ticks, more }) => {
                        if ticks > 0 {
                            tracing::debug!(ticks, "fired");
                        }
                        // What is on time must not be missed while others are caught up.
                        if more {
                            timer.reset_immediately();
                        }
                    }
                    Err(error) => {
                        tracing::warn!(error = error.chain(), "ticks must wait");
                        timer.reset_after(Duration::from_millis(FAULT_PAUSE_MS));
                    }
                }
            }
        };
        stop.run_until_cancelled(rounds).await;
    }

    /// Fires what is due.
    ///
    /// # Errors
    /// A passing fault: the ticks may be in the stream, and the jobs have not moved.
    pub async fn round(&self) -> Result<Round, HandlerError> {
        let now = (self.clock)();
        let mut conn = self.pool.get().await.map_err(passing)?;
        let rows = JobRow::due(&mut conn, now, DUE_JOBS_MAX).await?;
        // Publishing may take long: others need the connection.
        drop(conn);
        let jobs = rows.iter().filter_map(|(job, branch)| job.read().zip(branch.read()));
        let Plan { wires, moves, full } = plan(jobs, now);
        if moves.is_empty() {
            return Ok(Round::default());
        }
        let round = Round { ticks: wires.len(), more: full || rows.len() == DUE_JOBS_MAX };
        self.outlet.publish(wires).await.map_err(passing)?;
        let mut conn = self.pool.get().await.map_err(passing)?;
        JobRow::move_on(&mut conn, &moves, now).await?;
        Ok(round)
    }
}

fn passing(error: impl std::error::Error + Send + Sync + 'static) -> HandlerError {
    HandlerError::Passing(Box::new(error))
}
