//! How the bank misbehaves just now, as everything in this process sees it: a snapshot of the
//! table `behaviour`, taken anew every second and at once when this process changes it.

mod rules;

use crate::behaviour;
use bakery_nats::Pool;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, watch};
use tokio_util::sync::CancellationToken;

pub use rules::Rules;

/// Another process's change is noticed after this long at the latest.
const REFRESH_PERIOD_MS: u64 = 1000;

/// The snapshot; clones share it. The default is a bank that behaves, and nobody refreshes it.
#[derive(Clone, Debug, Default)]
pub struct Manners {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    rules: watch::Sender<Arc<Rules>>,
    /// Held while the table is read, so that an older reading never replaces a newer one.
    refreshing: Mutex<()>,
}

impl Manners {
    /// What counts now.
    pub fn rules(&self) -> Arc<Rules> {
        self.shared.rules.borrow().clone()
    }

    /// Other rules count from now on, until the next refresh.
    pub fn set(&self, rules: Rules) {
        self.shared.rules.send_replace(Arc::new(rules));
    }

    /// What the table says counts from now on.
    pub async fn refresh(&self, pool: &Pool) -> Result<Arc<Rules>, String> {
        let turn = self.shared.refreshing.lock().await;
        let mut conn = pool.get().await.map_err(|error| error.to_string())?;
        let listed = behaviour::load(&mut conn).await.map_err(|error| error.to_string())?;
        self.set(listed.into_iter().collect());
        drop(turn);
        Ok(self.rules())
    }

    /// Refreshes once a second until it is told to stop.
    pub async fn follow(self, pool: Pool, stop: CancellationToken) {
        let mut timer = tokio::time::interval(Duration::from_millis(REFRESH_PERIOD_MS));
        timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while stop.run_until_cancelled(timer.tick()).await.is_some() {
            if let Err(error) = self.refresh(&pool).await {
                tracing::warn!(error, "the bank's behaviour stays as it was: it cannot be read");
            }
        }
    }
}
