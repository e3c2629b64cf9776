//! Whether a session still lives. The database says; its answer is believed for a second, and after
//! a change made in this gateway not at all.

use crate::auth::caller::Caller;
use crate::flight::Flights;
use crate::users::session;
use bakery_nats::Pool;
use bakery_nats::refusal::Refusal;
use futures::FutureExt;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// So long another gateway's change may go unnoticed.
const BELIEVED_MS: u64 = 1000;
/// Sessions that are kept in mind; beyond them the database is asked.
const SESSIONS_MAX: usize = 10_000;

/// The sessions that were asked for just now.
#[derive(Default)]
pub(crate) struct Live {
    known: Arc<Mutex<Known>>,
    asked: Flights<Uuid, Result<Option<Caller>, Refusal>>,
}

#[derive(Debug, Default)]
struct Known {
    sessions: HashMap<Uuid, (Instant, Caller)>,
    /// Rises with each change, so that an answer from before it is not kept after it.
    changes: u64,
}

impl Live {
    /// Whose session it is, if it lives.
    ///
    /// # Errors
    /// 503 where the database does not answer: a session that may be revoked lets nobody in.
    pub(crate) async fn caller(&self, pool: &Pool, id: Uuid) -> Result<Option<Caller>, Refusal> {
        if let Some(caller) = lock(&self.known).get(id, Instant::now()) {
            return Ok(Some(caller));
        }
        let ask = || {
            let (known, pool) = (self.known.clone(), pool.clone());
            async move {
                let (changes, asked) = (lock(&known).changes, Instant::now());
                let found = session::caller(&pool, id).await?;
                if let Some(caller) = found {
                    lock(&known).keep(caller, changes, asked);
                }
                Ok(found)
            }
            .boxed()
        };
        self.asked.join(id, ask).await
    }

    /// Something about a user or a session has changed, and is in the database.
    pub(crate) fn forget(&self, changed: impl Fn(&Caller) -> bool) {
        let mut known = lock(&self.known);
        known.changes = known.changes.wrapping_add(1);
        known.sessions.retain(|_, (_, caller)| !changed(caller));
        self.asked.forget_all();
    }
}

impl Known {
    fn get(&self, id: Uuid, now: Instant) -> Option<Caller> {
        let (asked, caller) = self.sessions.get(&id)?;
        is_fresh(*asked, now).then_some(*caller)
    }

    /// Keeps what was answered to a question of that time, unless something has changed since.
    fn keep(&mut self, caller: Caller, changes: u64, asked: Instant) {
        if self.changes != changes {
            return;
        }
        if self.sessions.len() >= SESSIONS_MAX {
            self.sessions.retain(|_, (then, _)| is_fresh(*then, asked));
        }
        if self.sessions.len() < SESSIONS_MAX {
            self.sessions.insert(caller.session_id, (asked, caller));
        }
    }
}

/// No code panics while it holds the lock, and the map is whole after every line.
fn lock(known: &Mutex<Known>) -> MutexGuard<'_, Known> {
    known.lock().unwrap_or_else(PoisonError::into_inner)
}

fn is_fresh(asked: Instant, now: Instant) -> bool {
    now.saturating_duration_since(asked) < Duration::from_millis(BELIEVED_MS)
}

#[cfg(test)]
mod tests {
    use super::{BELIEVED_MS, Live, SESSIONS_MAX, lock};
    use crate::auth::caller::Caller;
    use bakery_nats::requests::gateway::Role;
    use std::time::{Duration, Instant};
    use uuid::Uuid;

    fn caller(n: usize) -> Caller {
        let id = Uuid::from_u128(n as u128);
        Caller { user_id: id, role: Role::Customer, account_id: id, session_id: id }
    }

    #[test]
    fn an_answer_is_believed_for_a_second() {
        let (live, start) = (Live::default(), Instant::now());
        lock(&live.known).keep(caller(1), 0, start);
        let last = start + Duration::from_millis(BELIEVED_MS - 1);
        assert_eq!(lock(&live.known).get(caller(1).session_id, last), Some(caller(1)));
        let after = start + Duration::from_millis(BELIEVED_MS);
        assert_eq!(lock(&live.known).get(caller(1).session_id, after), None);
    }

    #[test]
    fn a_change_counts_at_once_also_for_an_answer_that_is_on_its_way() {
        let (live, start) = (Live::default(), Instant::now());
        let before = lock(&live.known).changes;
        lock(&live.known).keep(caller(1), before, start);
        lock(&live.known).keep(caller(2), before, start);
        live.forget(|caller| caller.user_id == Uuid::from_u128(1));
        assert_eq!(lock(&live.known).get(caller(1).session_id, start), None);
        assert_eq!(lock(&live.known).get(caller(2).session_id, start), Some(caller(2)));
        lock(&live.known).keep(caller(1), before, start);
        assert_eq!(
            lock(&live.known).get(caller(1).session_id, start),
            None,
            "an old answer was kept"
        );
    }

    #[test]
    fn no_more_are_kept_than_there_is_room_for() {
        let (live, start) = (Live::default(), Instant::now());
        for n in 0..=SESSIONS_MAX {
            lock(&live.known).keep(caller(n), 0, start);
        }
        assert_eq!(lock(&live.known).sessions.len(), SESSIONS_MAX);
        let later = start + Duration::from_millis(BELIEVED_MS);
        lock(&live.known).keep(caller(SESSIONS_MAX), 0, later);
        assert_eq!(lock(&live.known).sessions.len(), 1, "old answers take up room");
    }
}
