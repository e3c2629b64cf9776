//! Leaves something alone for a moment after it failed; then one may try it for all others. So a
//! fault costs one request a second some time, and not every request.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// After a failure nobody tries for so long.
const PAUSE_MS: u64 = 1000;
/// Failures are told at most so often.
const WARNING_PAUSE_S: u64 = 30;

/// Open after a failure: current does not flow.
#[derive(Debug, Default)]
pub(crate) struct Circuit(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// The last failure, until something works again.
    failed: Option<Instant>,
    /// The last try since.
    tried: Option<Instant>,
    warned: Option<Instant>,
}

impl Circuit {
    /// Whether the caller may try.
    pub(crate) fn allows(&self, now: Instant) -> bool {
        let mut state = self.lock();
        let Some(last) = state.tried.max(state.failed) else { return true };
        if now < last + Duration::from_millis(PAUSE_MS) {
            return false;
        }
        // The others wait for what comes of this try.
        state.tried = Some(now);
        true
    }

    /// It worked. What was tried in spite of a failure a moment ago does not end the pause: others rely
    /// on it.
    pub(crate) fn succeed(&self, now: Instant) {
        let mut state = self.lock();
        let pause = Duration::from_millis(PAUSE_MS);
        if state.failed.is_some_and(|failed| now >= failed + pause) {
            (state.failed, state.tried) = (None, None);
        }
    }

    /// It failed. True when somebody should be told.
    pub(crate) fn fail(&self, now: Instant) -> bool {
        let mut state = self.lock();
        state.failed = Some(now);
        let pause = Duration::from_secs(WARNING_PAUSE_S);
        let tell = state.warned.is_none_or(|warned| now >= warned + pause);
        if tell {
            state.warned = Some(now);
        }
        tell
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{Circuit, PAUSE_MS, WARNING_PAUSE_S};
    use std::time::{Duration, Instant};

    #[test]
    fn after_a_failure_one_tries_for_all() {
        let (circuit, start) = (Circuit::default(), Instant::now());
        let pause = Duration::from_millis(PAUSE_MS);
        assert!(circuit.allows(start));
        circuit.fail(start);
        assert!(!circuit.allows(start + pause - Duration::from_millis(1)));
        assert!(circuit.allows(start + pause));
        assert!(!circuit.allows(start + pause), "two tried at once");
        circuit.succeed(start + pause);
        assert!(circuit.allows(start + pause));
        assert!(circuit.allows(start + pause));
    }

    #[test]
    fn what_works_in_the_pause_does_not_end_it() {
        let (circuit, start) = (Circuit::default(), Instant::now());
        let pause = Duration::from_millis(PAUSE_MS);
        circuit.fail(start);
        circuit.succeed(start + pause / 2);
        assert!(!circuit.allows(start + pause / 2));
        assert!(circuit.allows(start + pause));
    }

    #[test]
    fn failures_are_told_now_and_then() {
        let (circuit, start) = (Circuit::default(), Instant::now());
        let pause = Duration::from_secs(WARNING_PAUSE_S);
        assert!(circuit.fail(start));
        assert!(!circuit.fail(start + pause - Duration::from_millis(1)));
        assert!(circuit.fail(start + pause));
    }
}
