//! Signals to a server and, for Postgres, to its children.

use rustix::process::{Pid, Signal, kill_process};
use std::fs;

/// What asks a server to stop.
#[derive(Clone, Copy, Debug)]
pub(crate) enum StopSignal {
    /// SIGTERM: nats-server and Redis.
    Terminate,
    /// SIGINT: the "fast shutdown" of Postgres, which does not wait for its clients.
    Interrupt,
}

impl StopSignal {
    /// The name for `kill -s`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Terminate => "TERM",
            Self::Interrupt => "INT",
        }
    }

    /// The signal itself.
    pub(crate) fn signal(self) -> Signal {
        match self {
            Self::Terminate => Signal::TERM,
            Self::Interrupt => Signal::INT,
        }
    }
}

/// The process and its children. Postgres makes each child a group of its own, so a signal to the
/// group would not reach them.
pub(crate) fn family(pid: u32) -> Vec<u32> {
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
    let children = children.unwrap_or_default();
    std::iter::once(pid).chain(children.split_whitespace().flat_map(str::parse)).collect()
}

/// Sends a signal; a process that is gone has ended, which is never a fault here.
pub(crate) fn send(pid: u32, signal: Signal) {
    let Some(target) = i32::try_from(pid).ok().and_then(Pid::from_raw) else { return };
    if let Err(error) = kill_process(target, signal) {
        tracing::debug!(%error, pid, ?signal, "a signal has not arrived");
    }
}
