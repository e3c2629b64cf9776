//! When each branch's shelf changed last, by the log.

use bakery_nats::slug::Slug;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Branches that are remembered; with more all are forgotten, and a menu may be as old as it is kept.
const BRANCHES_MAX: usize = 10_000;

/// The number of the last message about each shelf; 0 before the first.
#[derive(Default)]
pub(super) struct Shelves(Mutex<HashMap<Slug, u64>>);

impl Shelves {
    /// The last one was this.
    pub(super) fn changed(&self, branch: &Slug, number: u64) {
        let mut shelves = self.lock();
        if let Some(last) = shelves.get_mut(branch) {
            *last = number;
            return;
        }
        if shelves.len() >= BRANCHES_MAX {
            shelves.clear();
        }
        shelves.insert(branch.clone(), number);
    }

    /// Which was the last one.
    pub(super) fn last_change(&self, branch: &Slug) -> u64 {
        self.lock().get(branch).copied().unwrap_or_default()
    }

    /// No code panics while it holds the lock, and the map is whole after every line.
    fn lock(&self) -> MutexGuard<'_, HashMap<Slug, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{BRANCHES_MAX, Shelves};

    #[test]
    fn each_shelf_has_its_own_last_change_and_there_is_a_most_of_them() {
        let (shelves, main) = (Shelves::default(), "main".parse().unwrap());
        assert_eq!(shelves.last_change(&main), 0);
        shelves.changed(&main, 7);
        shelves.changed(&"harbour".parse().unwrap(), 9);
        assert_eq!(shelves.last_change(&main), 7);
        for n in 0..BRANCHES_MAX {
            shelves.changed(&format!("branch-{n}").parse().unwrap(), 10);
        }
        assert!(shelves.lock().len() <= BRANCHES_MAX);
    }
}
