//! Why a live connection ends, and the knife.

use std::sync::OnceLock;
use tokio_util::sync::CancellationToken;

/// After so long a client connects anew, and up to [`RETRY_SPREAD_MS`] later: they must not all come
/// at once.
const RETRY_MS: u64 = 1000;
const RETRY_SPREAD_MS: u64 = 2000;
/// Numbers of connections are spread by this prime.
const SPREAD_STEP_MS: u64 = 787;

/// Why a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// The gateway closes.
    Closing,
    /// The client did not keep up.
    Slow,
    /// The session ended, or may no longer.
    Session,
    /// The token's time is over.
    Expired,
    /// It has lived long enough.
    Old,
    /// The client said something.
    Spoke,
    /// The client gives no sign of life.
    Silent,
    /// How things stand cannot be found out just now.
    Unavailable,
}

impl Why {
    /// For programs, and short enough for the reason of a WebSocket's end.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Closing => "closing",
            Self::Slow => "too_slow",
            Self::Session => "session_ended",
            Self::Expired => "token_expired",
            Self::Old => "life_over",
            Self::Spoke => "unexpected_message",
            Self::Silent => "no_sign_of_life",
            Self::Unavailable => "unavailable",
        }
    }

    /// The code of a WebSocket's end, from the registry of RFC 6455.
    pub(crate) fn code(self) -> u16 {
        match self {
            // Service restart: come again.
            Self::Closing | Self::Old => 1012,
            // Policy violation.
            Self::Spoke => 1008,
            // Unauthorized: come again with another token.
            Self::Session | Self::Expired => 3000,
            // Try again later.
            Self::Slow | Self::Silent | Self::Unavailable => 1013,
        }
    }
}

/// When the client of the n-th connection shall come again.
pub(crate) fn retry_ms(connection: u64) -> u64 {
    RETRY_MS + connection.wrapping_mul(SPREAD_STEP_MS) % RETRY_SPREAD_MS
}

/// Cuts a connection from outside, with a reason. The first one counts.
#[derive(Debug, Default)]
pub(crate) struct Cut {
    token: CancellationToken,
    why: OnceLock<Why>,
}

impl Cut {
    /// From now on it is over.
    pub(crate) fn end(&self, why: Why) {
        self.why.get_or_init(|| why);
        self.token.cancel();
    }

    /// Waits for the end.
    pub(crate) async fn ended(&self) -> Why {
        self.token.cancelled().await;
        self.why.get().copied().unwrap_or(Why::Closing)
    }
}

#[cfg(test)]
mod tests {
    use super::{RETRY_MS, RETRY_SPREAD_MS, retry_ms};
    use std::collections::BTreeSet;

    #[test]
    fn clients_do_not_come_back_all_at_once() {
        let pauses: BTreeSet<u64> = (0..RETRY_SPREAD_MS).map(retry_ms).collect();
        assert_eq!(pauses.len(), usize::try_from(RETRY_SPREAD_MS).unwrap());
        assert!(pauses.iter().all(|ms| (RETRY_MS..RETRY_MS + RETRY_SPREAD_MS).contains(ms)));
    }
}
