//! The counters of this process, of a bounded number of keys.

use super::key::Key;
use super::window::{Usage, Window};
use super::{Decision, Rule};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Keys that are counted each for itself.
const KEYS_MAX: usize = 16_384;
/// Looking for what can be forgotten costs a moment, so it is done at most so often.
const SWEEP_PAUSE_MS: u64 = 1000;

/// The counters. All moments are on one clock that never goes back.
#[derive(Default)]
pub(super) struct Local(Mutex<Counters>);

#[derive(Default)]
struct Counters {
    windows: HashMap<Key, Window>,
    swept: Duration,
}

impl Local {
    /// How much is used up; nothing is counted.
    pub(super) fn usage(&self, key: &Key, rule: &Rule, now: Duration) -> Usage {
        let counters = self.lock();
        let window = counters.windows.get(key);
        window.map_or(Usage::none(rule.window), |window| window.usage(now))
    }

    /// Counts what was allowed elsewhere; where there is no room for the key, elsewhere knows.
    pub(super) fn count(&self, key: &Key, rule: &Rule, now: Duration) {
        let mut counters = self.lock();
        if counters.has_room(key, now) {
            counters.window(*key, rule).count(now);
        }
    }

    /// Decides and counts alone. Those for whom there is no room share one limit.
    pub(super) fn take(&self, key: &Key, rule: &Rule, now: Duration) -> Decision {
        let mut counters = self.lock();
        let key = if counters.has_room(key, now) { *key } else { Key::of_others(rule) };
        let window = counters.window(key, rule);
        let allowed = window.usage(now).used < rule.limit;
        if allowed {
            window.count(now);
        }
        Decision { rule: *rule, usage: window.usage(now), allowed }
    }

    /// No code panics while it holds the lock, and the map is whole after every line.
    fn lock(&self) -> MutexGuard<'_, Counters> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counters {
    /// Whether the key has a counter, or may get one.
    fn has_room(&mut self, key: &Key, now: Duration) -> bool {
        let full = self.windows.len() >= KEYS_MAX;
        if full && now >= self.swept + Duration::from_millis(SWEEP_PAUSE_MS) {
            self.swept = now;
            self.windows.retain(|_, window| window.usage(now).used > 0);
        }
        self.windows.len() < KEYS_MAX || self.windows.contains_key(key)
    }

    fn window(&mut self, key: Key, rule: &Rule) -> &mut Window {
        self.windows.entry(key).or_insert_with(|| Window::new(rule.window))
    }
}

#[cfg(test)]
mod tests {
    use super::{KEYS_MAX, Local};
    use crate::rate::Rule;
    use crate::rate::key::Key;
    use std::time::Duration;

    const RULE: Rule = Rule { bucket: "test", limit: 2, window: Duration::from_secs(60) };

    fn s(s: u64) -> Duration {
        Duration::from_secs(s)
    }

    #[test]
    fn keys_are_counted_each_for_itself() {
        let (local, ada, bo) = (Local::default(), Key::of(&RULE, "ada"), Key::of(&RULE, "bo"));
        assert_ne!(ada, Key::of(&Rule { bucket: "other", ..RULE }, "ada"));
        let take = |key, at| local.take(key, &RULE, at).allowed;
        assert!(take(&ada, s(1)) && take(&ada, s(2)) && !take(&ada, s(3)));
        assert!(take(&bo, s(3)));
        assert_eq!(local.usage(&ada, &RULE, s(3)).used, 2);
        assert!(take(&ada, s(66)));
    }

    #[test]
    fn those_for_whom_there_is_no_room_share_one_limit() {
        let local = Local::default();
        let key = |n: usize| Key::of(&RULE, &n.to_string());
        let take = |n, at| local.take(&key(n), &RULE, at).allowed;
        assert!((0..KEYS_MAX).all(|n| take(n, s(1))));
        assert!(take(0, s(2)), "who has a counter keeps it");
        assert!(take(KEYS_MAX, s(2)) && take(KEYS_MAX + 1, s(2)));
        assert!(!take(KEYS_MAX + 2, s(2)), "without room there is no limit");
        local.count(&key(KEYS_MAX + 3), &RULE, s(2));
        assert!(local.lock().windows.len() <= KEYS_MAX + 1);
        // A window later all are forgotten, and there is room again.
        assert!((0..100).all(|n| take(KEYS_MAX + 10 + n, s(200))));
        assert!(local.lock().windows.len() <= 100);
    }
}
