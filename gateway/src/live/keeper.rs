//! Whether those who look on still may: all sessions with live connections are asked for in one
//! statement, every second.
//!
//! While the database is away nobody is cut off: no connection outlives its token, which is minutes.

use super::cut::{Cut, Why};
use crate::auth::caller::Caller;
use crate::users::session;
use bakery_nats::Pool;
use bakery_nats::requests::gateway::Role;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// So long an ended session may go unnoticed.
const CHECK_PAUSE_MS: u64 = 1000;
/// Where nobody could be asked for so long, an operator has to know what that means.
const BLIND_S: u64 = 10;

/// Whose connections these are.
#[derive(Debug, Default)]
pub(crate) struct Keeper(Mutex<HashMap<u64, Kept>>);

#[derive(Debug)]
struct Kept {
    session_id: Uuid,
    needs: Needs,
    cut: Arc<Cut>,
}

/// What a caller must be allowed for a connection to go on.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Needs {
    /// To work on orders.
    Kitchen,
    /// To see the orders of this account.
    OrdersOf(Uuid),
}

/// A connection that is looked after, until this is dropped.
#[derive(Debug)]
pub(crate) struct Ward {
    keeper: Arc<Keeper>,
    connection: u64,
}

impl Needs {
    fn are_met_by(self, caller: &Caller) -> bool {
        match self {
            Self::Kitchen => caller.role >= Role::Kitchen,
            Self::OrdersOf(account_id) => caller.may_see_orders_of(account_id),
        }
    }
}

impl Keeper {
    /// Looks after a connection.
    pub(crate) fn keep(
        self: &Arc<Self>,
        connection: u64,
        session_id: Uuid,
        needs: Needs,
        cut: &Arc<Cut>,
    ) -> Ward {
        self.lock().insert(connection, Kept { session_id, needs, cut: cut.clone() });
        Ward { keeper: self.clone(), connection }
    }

    /// Looks after all of them until it is told to stop.
    pub(crate) async fn run(self: Arc<Self>, pool: Pool, stop: CancellationToken) {
        let mut timer = tokio::time::interval(Duration::from_millis(CHECK_PAUSE_MS));
        timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut blind: Option<Instant> = None;
        while stop.run_until_cancelled(timer.tick()).await.is_some() {
            if self.round(&pool).await {
                blind = None;
                continue;
            }
            let blind_s = blind.get_or_insert_with(Instant::now).elapsed().as_secs();
            if blind_s >= BLIND_S {
                tracing::error!(blind_s, "who looks on cannot be checked, and goes on to look");
            }
        }
    }

    /// Looks once; false where nobody could be asked.
    async fn round(&self, pool: &Pool) -> bool {
        let ids: BTreeSet<Uuid> = self.lock().values().map(|kept| kept.session_id).collect();
        if ids.is_empty() {
            return true;
        }
        let ids: Vec<Uuid> = ids.into_iter().collect();
        // Why is in the log already.
        let Ok(callers) = session::callers(pool, &ids).await else { return false };
        for kept in self.lock().values().filter(|kept| ids.binary_search(&kept.session_id).is_ok())
        {
            let caller = callers.get(&kept.session_id);
            if !caller.is_some_and(|caller| kept.needs.are_met_by(caller)) {
                kept.cut.end(Why::Session);
            }
        }
        true
    }

    /// No code panics while it holds the lock.
    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Ward {
    fn drop(&mut self) {
        self.keeper.lock().remove(&self.connection);
    }
}

#[cfg(test)]
mod tests {
    use super::{Keeper, Needs};
    use crate::MIGRATIONS;
    use crate::live::cut::Cut;
    use bakery_chassis::database::{DatabaseConfig, Purpose, pool};
    use bakery_testbed::database;
    use futures::FutureExt;
    use std::sync::Arc;
    use uuid::Uuid;

    #[tokio::test]
    async fn a_round_says_that_nobody_could_be_asked_and_cuts_nobody_off() {
        // A service's own, which does not wait for long.
        let url = database::fresh_url("gateway", MIGRATIONS).await;
        let pool = pool(&DatabaseConfig { url, pool_max: 1 }, Purpose::People).unwrap();
        let (keeper, cut) = (Arc::new(Keeper::default()), Arc::new(Cut::default()));
        let ward = keeper.keep(1, Uuid::now_v7(), Needs::Kitchen, &cut);
        let held = database::connection(&pool).await;
        assert!(!keeper.round(&pool).await);
        assert!(cut.ended().now_or_never().is_none());
        drop(held);
        assert!(keeper.round(&pool).await);
        assert!(cut.ended().now_or_never().is_some(), "there is no such session");
        drop(ward);
    }
}
