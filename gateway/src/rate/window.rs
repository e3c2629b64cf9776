//! A sliding window in slots. The oldest slot counts as a whole until its youngest moment is out of
//! the window, so there are never more than the limit in any window, wherever it begins.

use std::time::Duration;

/// The window has one slot less; the youngest is still open.
pub(super) const SLOTS: usize = 13;

/// What was counted in the last slots.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Window {
    slot: Duration,
    /// The number of the youngest slot, counted from the clock's zero.
    youngest: u64,
    /// From the youngest to the oldest.
    counts: [u32; SLOTS],
}

/// How much of a limit is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Usage {
    /// So many count now.
    pub(super) used: u32,
    /// Until then none of them is forgotten.
    pub(super) freed_in: Duration,
}

/// How long one slot of a window is: whole milliseconds, rather too many.
pub(super) fn slot(window: Duration) -> Duration {
    const PARTS: u128 = SLOTS as u128 - 1;
    let ms = u64::try_from(window.as_millis().div_ceil(PARTS)).unwrap_or(u64::MAX);
    Duration::from_millis(ms.max(1))
}

impl Usage {
    /// Nothing counts yet.
    pub(super) fn none(window: Duration) -> Self {
        Self { used: 0, freed_in: window }
    }
}

impl Window {
    /// An empty one.
    pub(super) fn new(window: Duration) -> Self {
        Self { slot: slot(window), ..Self::default() }
    }

    /// What counts at this moment.
    pub(super) fn usage(&self, now: Duration) -> Usage {
        let at = self.at(now);
        let used = at.counts.iter().fold(0_u32, |sum, count| sum.saturating_add(*count));
        let oldest = at.counts.iter().rposition(|count| *count > 0).unwrap_or(0);
        let lasts = u64::try_from(SLOTS - oldest).unwrap_or(0);
        let freed_at = nanos(self.slot).saturating_mul(at.youngest.saturating_add(lasts));
        let freed_in = Duration::from_nanos(freed_at).saturating_sub(now);
        Usage { used, freed_in }
    }

    /// One more.
    pub(super) fn count(&mut self, now: Duration) {
        *self = self.at(now);
        if let Some(count) = self.counts.first_mut() {
            *count = count.saturating_add(1);
        }
    }

    /// The same window at a later moment. A clock that goes back stands still here.
    fn at(&self, now: Duration) -> Self {
        let youngest = (nanos(now) / nanos(self.slot).max(1)).max(self.youngest);
        let passed = usize::try_from(youngest - self.youngest).unwrap_or(SLOTS).min(SLOTS);
        let mut counts = [0; SLOTS];
        counts.iter_mut().skip(passed).zip(self.counts).for_each(|(to, from)| *to = from);
        Self { slot: self.slot, youngest, counts }
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::{SLOTS, Usage, Window};
    use std::time::Duration;

    const WINDOW: Duration = Duration::from_secs(60);

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn what_was_counted_is_forgotten_after_the_window_and_at_most_a_slot_more() {
        let mut window = Window::new(WINDOW);
        window.count(ms(7_000));
        window.count(ms(12_000));
        let usage = |at| window.usage(ms(at));
        assert_eq!(usage(12_000), Usage { used: 2, freed_in: ms(58_000) });
        assert_eq!(usage(69_999), Usage { used: 2, freed_in: ms(1) });
        assert_eq!(usage(70_000), Usage { used: 1, freed_in: ms(5_000) });
        assert_eq!(usage(74_999).used, 1);
        assert_eq!(usage(75_000).used, 0);
        assert_eq!(usage(10_000_000).used, 0);
    }

    #[test]
    fn a_clock_that_goes_back_forgets_nothing() {
        let mut window = Window::new(WINDOW);
        window.count(ms(100_000));
        window.count(ms(1_000));
        assert_eq!(window.usage(ms(100_000)).used, 2);
    }

    /// The whole point: no window of that length, wherever it begins, has more than the limit.
    #[test]
    fn there_are_never_more_than_the_limit_in_any_window() {
        for seed in 0..200_u64 {
            let mut random = seed * 2 + 1;
            let (limit, mut window, mut now) = (5, Window::new(WINDOW), 0_u64);
            let mut taken: Vec<u64> = Vec::new();
            for _ in 0..500 {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(seed);
                now += (random >> 33) % 20_000;
                let usage = window.usage(ms(now));
                if usage.used < limit {
                    window.count(ms(now));
                    taken.push(now);
                } else {
                    assert!(usage.freed_in <= WINDOW + WINDOW / (SLOTS as u32 - 1));
                    assert!(window.usage(ms(now) + usage.freed_in).used < limit);
                }
            }
            let crowd = taken.windows(6).find(|six| six[5] - six[0] < 60_000);
            assert_eq!(crowd, None, "seed {seed}");
        }
    }
}
