//! The recent events, so that who was away for a moment misses nothing. Bounded in number and bytes.

use super::event::Entry;
use std::collections::VecDeque;
use std::sync::Arc;

/// Events that are kept.
pub(crate) const RING_EVENTS_MAX: usize = 8192;
/// What they take up together, about.
const RING_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Every event of interest behind `floor`, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Ring {
    entries: VecDeque<Arc<Entry>>,
    bytes: usize,
    /// Up to here events may be missing.
    floor: u64,
    /// Up to here everything was heard.
    last: u64,
}

impl Ring {
    /// Up to where everything was heard.
    pub(crate) fn last(&self) -> u64 {
        self.last
    }

    /// Forgets everything: up to here events may be missing.
    pub(crate) fn restart(&mut self, floor: u64) {
        *self = Self { floor, last: floor, ..Self::default() };
    }

    /// The newest event.
    pub(crate) fn push(&mut self, entry: Arc<Entry>) {
        self.last = entry.sequence;
        self.bytes += entry.bytes;
        self.entries.push_back(entry);
        while self.entries.len() > RING_EVENTS_MAX || self.bytes > RING_BYTES_MAX {
            let Some(oldest) = self.entries.pop_front() else { break };
            self.bytes = self.bytes.saturating_sub(oldest.bytes);
            self.floor = oldest.sequence;
        }
    }

    /// What came after this number; `None` where something of it may be missing, or where the number
    /// is one that nobody here has heard of.
    pub(crate) fn after(&self, sequence: u64) -> Option<impl Iterator<Item = &Arc<Entry>>> {
        let known = (self.floor..=self.last).contains(&sequence);
        let first = self.entries.partition_point(|entry| entry.sequence <= sequence);
        known.then(|| self.entries.range(first..))
    }
}

#[cfg(test)]
mod tests {
    use super::{RING_BYTES_MAX, RING_EVENTS_MAX, Ring};
    use crate::live::event::Entry;
    use std::sync::Arc;

    fn entry(sequence: u64, bytes: usize) -> Arc<Entry> {
        Arc::new(Entry { bytes, ..Entry::shelf(sequence, "main".parse().unwrap()) })
    }

    fn after(ring: &Ring, sequence: u64) -> Option<Vec<u64>> {
        Some(ring.after(sequence)?.map(|entry| entry.sequence).collect())
    }

    #[test]
    fn what_came_after_a_number_is_given_whole_or_not_at_all() {
        let mut ring = Ring::default();
        ring.restart(10);
        assert_eq!(after(&ring, 10), Some(vec![]));
        assert_eq!(after(&ring, 9), None);
        assert_eq!(after(&ring, 11), None, "of the future");
        for sequence in [12, 15, 20] {
            ring.push(entry(sequence, 0));
        }
        for (from, expected) in [
            (10, vec![12, 15, 20]),
            (11, vec![12, 15, 20]),
            (12, vec![15, 20]),
            (14, vec![15, 20]),
            (20, vec![]),
        ] {
            assert_eq!(after(&ring, from), Some(expected), "{from}");
        }
        assert_eq!((after(&ring, 9), after(&ring, 21)), (None, None));
        ring.restart(30);
        assert_eq!((after(&ring, 20), after(&ring, 30)), (None, Some(vec![])));
    }

    #[test]
    fn it_keeps_so_many_and_so_much() {
        let mut ring = Ring::default();
        let many = u64::try_from(RING_EVENTS_MAX).unwrap();
        for sequence in 1..=many + 5 {
            ring.push(entry(sequence, 1));
        }
        assert_eq!((after(&ring, 4), after(&ring, 5).unwrap().len()), (None, RING_EVENTS_MAX));
        ring.push(entry(many + 6, RING_BYTES_MAX));
        assert_eq!(after(&ring, many + 5), Some(vec![many + 6]));
        assert_eq!(after(&ring, many + 4), None);
        ring.push(entry(many + 7, RING_BYTES_MAX + 1));
        assert_eq!(after(&ring, many + 6), None, "one that is too large is not kept at all");
        assert_eq!(after(&ring, many + 7), Some(vec![]));
    }
}
