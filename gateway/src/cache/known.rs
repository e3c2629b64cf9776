//! Which orders this gateway keeps in Redis, so that news of all the others costs nothing.

use super::GONE_MS;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Orders that are kept at the same time; beyond them the owner is asked.
const ORDERS_MAX: usize = 10_000;

/// The orders, and when they were asked for last.
#[derive(Default)]
pub(super) struct Known(Mutex<HashMap<Uuid, Instant>>);

impl Known {
    /// Adds an order; false where there is no room, and it must not be kept.
    pub(super) fn add(&self, id: Uuid, now: Instant) -> bool {
        let mut orders = self.lock();
        if orders.len() >= ORDERS_MAX && !orders.contains_key(&id) {
            orders.retain(|_, asked| may_be_kept(*asked, now));
        }
        let room = orders.len() < ORDERS_MAX || orders.contains_key(&id);
        if room {
            orders.insert(id, now);
        }
        room
    }

    /// Whether it may be in Redis.
    pub(super) fn contains(&self, id: Uuid, now: Instant) -> bool {
        self.lock().get(&id).is_some_and(|asked| may_be_kept(*asked, now))
    }

    /// No code panics while it holds the lock, and the map is whole after every line.
    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn may_be_kept(asked: Instant, now: Instant) -> bool {
    let life = Duration::from_millis(GONE_MS.unsigned_abs());
    now.saturating_duration_since(asked) <= life
}

#[cfg(test)]
mod tests {
    use super::{Known, ORDERS_MAX};
    use crate::cache::GONE_MS;
    use std::time::{Duration, Instant};
    use uuid::Uuid;

    #[test]
    fn an_order_is_known_for_as_long_as_redis_may_have_it() {
        let (known, start, id) = (Known::default(), Instant::now(), Uuid::from_u128(1));
        assert!(!known.contains(id, start));
        assert!(known.add(id, start));
        let last = start + Duration::from_millis(GONE_MS.unsigned_abs());
        assert!(known.contains(id, last));
        assert!(!known.contains(id, last + Duration::from_millis(1)));
    }

    #[test]
    fn where_there_is_no_room_nothing_is_kept_until_old_ones_go() {
        let (known, start) = (Known::default(), Instant::now());
        for n in 0..ORDERS_MAX {
            assert!(known.add(Uuid::from_u128(n as u128), start));
        }
        let one_more = Uuid::from_u128(ORDERS_MAX as u128);
        assert!(!known.add(one_more, start) && !known.contains(one_more, start));
        assert!(known.add(Uuid::from_u128(0), start), "one that is there has room");
        let later = start + Duration::from_secs(60);
        assert!(known.add(one_more, later) && known.contains(one_more, later));
    }
}
