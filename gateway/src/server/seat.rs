//! What one connection is doing, and for how long it may.

use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

const HANDSHAKE_TIMEOUT_S: u64 = 10;
const HEAD_TIMEOUT_S: u64 = 10;
/// Longer than proxies keep theirs open, so that they close first.
const IDLE_TIMEOUT_S: u64 = 75;
const WRITE_TIMEOUT_S: u64 = 10;
const CLOSING_TIMEOUT_S: u64 = 1;

/// How long a connection may take for what.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    /// For the TLS handshake.
    pub(super) handshake: Duration,
    /// For the head of a request after its first byte; for the first one, after the handshake.
    pub(super) head: Duration,
    /// Between two requests.
    pub(super) idle: Duration,
    /// While it takes nothing of what it has asked for.
    pub(super) write: Duration,
    /// After the last answer, while it may still be sending.
    pub(super) closing: Duration,
}

impl Default for Times {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(HANDSHAKE_TIMEOUT_S),
            head: Duration::from_secs(HEAD_TIMEOUT_S),
            idle: Duration::from_secs(IDLE_TIMEOUT_S),
            write: Duration::from_secs(WRITE_TIMEOUT_S),
            closing: Duration::from_secs(CLOSING_TIMEOUT_S),
        }
    }
}

/// One connection, as the accept loop sees it.
#[derive(Debug)]
pub(super) struct Seat {
    /// Those who are counted as one.
    pub(super) network: IpAddr,
    /// Cuts it off.
    pub(super) end: CancellationToken,
    state: Mutex<State>,
}

/// What a connection is doing since when.
#[derive(Clone, Copy, Debug)]
struct State {
    doing: Doing,
    since: Instant,
    /// The client takes nothing of what is written.
    stuck_since: Option<Instant>,
    /// The client may have sent what nobody has read.
    unread: bool,
}

/// What a connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doing {
    /// Agreeing on keys.
    Handshake,
    /// Sending the head of a request.
    Head,
    /// Sending the body, waiting for the answer, being sent the answer.
    Request,
    /// Nothing, after a request.
    Idle,
    /// Being closed.
    Closing,
    /// Speaks another protocol now, by that protocol's own limits.
    Upgraded,
}

impl Seat {
    /// A connection that was made just now.
    pub(super) fn new(network: IpAddr, end: CancellationToken, now: Instant) -> Self {
        let doing = Doing::Handshake;
        let state = State { doing, since: now, stuck_since: None, unread: false };
        Self { network, end, state: Mutex::new(state) }
    }

    /// From now on it does this.
    pub(super) fn turn(&self, doing: Doing) {
        let mut state = self.lock();
        (state.doing, state.since) = (doing, Instant::now());
    }

    /// A request has begun; with a body, some of it may never be read.
    pub(super) fn begin(&self, has_body: bool) {
        self.turn(Doing::Request);
        self.lock().unread = has_body;
    }

    /// The request cannot be read, and neither can what follows.
    pub(super) fn refuse(&self) {
        self.lock().unread = true;
    }

    /// The client may have sent what nobody has read.
    pub(super) fn is_unread(&self) -> bool {
        self.lock().unread
    }

    /// The client has sent something.
    pub(super) fn heard(&self) {
        if self.lock().doing == Doing::Idle {
            self.turn(Doing::Head);
        }
    }

    /// The client has taken something.
    pub(super) fn wrote(&self) {
        let mut state = self.lock();
        state.stuck_since = None;
        if state.doing == Doing::Idle {
            // The last of the answer is still on its way.
            state.since = Instant::now();
        }
    }

    /// The client takes nothing more just now.
    pub(super) fn stuck(&self) {
        self.lock().stuck_since.get_or_insert_with(Instant::now);
    }

    /// Since when nothing would be lost with it; none while there is a request in hand.
    pub(super) fn quiet_since(&self) -> Option<Instant> {
        let State { doing, since, .. } = *self.lock();
        match doing {
            Doing::Handshake | Doing::Head | Doing::Idle | Doing::Closing => Some(since),
            Doing::Request | Doing::Upgraded => None,
        }
    }

    /// Whether it has taken longer than it may.
    pub(super) fn is_overdue(&self, times: &Times, now: Instant) -> bool {
        is_overdue(&self.lock(), times, now)
    }

    /// No code panics while it holds the lock.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_overdue(state: &State, times: &Times, now: Instant) -> bool {
    let limit = match state.doing {
        Doing::Handshake => Some(times.handshake),
        Doing::Head => Some(times.head),
        Doing::Idle => Some(times.idle),
        Doing::Closing => Some(times.closing),
        // Requests have limits of their own.
        Doing::Request => None,
        Doing::Upgraded => return false,
    };
    let is_past = |since: Instant, limit| now >= since + limit;
    limit.is_some_and(|limit| is_past(state.since, limit))
        || state.stuck_since.is_some_and(|since| is_past(since, times.write))
}

#[cfg(test)]
mod tests {
    use super::{Doing, State, Times, is_overdue};
    use std::time::Duration;
    use tokio::time::Instant;

    #[test]
    fn each_thing_has_its_time() {
        let since = Instant::now();
        let late = |doing, stuck_since, after_s| {
            let state = State { doing, since, stuck_since, unread: false };
            is_overdue(&state, &Times::default(), since + Duration::from_secs(after_s))
        };
        for (doing, limit_s) in
            [(Doing::Handshake, 10), (Doing::Head, 10), (Doing::Idle, 75), (Doing::Closing, 1)]
        {
            assert!(!late(doing, None, limit_s - 1), "{doing:?}");
            assert!(late(doing, None, limit_s), "{doing:?}");
        }
        for doing in [Doing::Request, Doing::Upgraded] {
            assert!(!late(doing, None, 1_000_000), "{doing:?}");
        }
        assert!(!late(Doing::Request, Some(since), 9));
        assert!(late(Doing::Request, Some(since), 10), "whoever reads nothing is served for ever");
        assert!(!late(Doing::Upgraded, Some(since), 1_000_000));
    }
}
