//! What is asked by those who look at the pipeline as a whole, as the frozen files show it.

use crate::samples::{at, main};
use bakery_nats::requests::dead::{Retried, RetryOutcome};
use bakery_nats::requests::pipeline::{InFlight, Waiting};

pub(crate) fn retried() -> Retried {
    Retried { outcome: RetryOutcome::AlreadyDone, messages: 1 }
}

pub(crate) fn in_flight() -> InFlight {
    let waiting = |state: &str, open, asked_again, attempt_max| Waiting {
        branch: main(),
        state: state.to_owned(),
        open,
        asked_again,
        attempt_max,
        due_at: at("2026-11-24T10:00:12Z"),
    };
    InFlight {
        measured_at: at("2026-11-24T10:00:00Z"),
        orders: vec![waiting("placed", 3, 1, 4)],
        refunds: vec![waiting("asked", 1, 0, 1)],
    }
}
