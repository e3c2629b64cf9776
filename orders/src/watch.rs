//! How long the clock has been looking at the deadlines without a gap.

use std::time::{Duration, Instant};

/// Looks that are further apart have a gap between them: the process, its database or the bus was away, and
/// answers may lie unread.
pub(crate) const GAP_MAX: Duration = Duration::from_secs(5);

/// Since when somebody looks, and when for the last time.
pub(crate) struct Watch {
    since: Instant,
    looked_at: Instant,
}

impl Watch {
    /// Nobody has looked before `now`.
    pub(crate) fn begun(now: Instant) -> Self {
        Self { since: now, looked_at: now }
    }

    /// How long the watch has lasted at a look; after a gap it begins anew.
    pub(crate) fn lasts(&mut self, now: Instant) -> Duration {
        if now.duration_since(self.looked_at) > GAP_MAX {
            *self = Self::begun(now);
        }
        now.duration_since(self.since)
    }

    /// A look that succeeded began at `now`.
    pub(crate) fn looked(&mut self, now: Instant) {
        self.looked_at = now;
    }
}

#[cfg(test)]
mod tests {
    use super::{GAP_MAX, Watch};
    use std::time::{Duration, Instant};

    #[test]
    fn a_watch_lasts_until_nobody_has_looked_for_a_while() {
        let (begin, step) = (Instant::now(), Duration::from_millis(500));
        let mut watch = Watch::begun(begin);
        let mut now = begin;
        for _ in 0..100 {
            assert_eq!(watch.lasts(now), now - begin);
            watch.looked(now);
            now += step;
        }
        // Looks that fail are none, but for a moment that does no harm.
        let failed = now + GAP_MAX - step;
        assert_eq!(watch.lasts(failed), failed - begin);
        let again = failed + step;
        assert_eq!(watch.lasts(again), Duration::ZERO, "the gap was not noticed");
        watch.looked(again);
        assert_eq!(watch.lasts(again + step), step);
    }
}
