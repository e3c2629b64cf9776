//! How many connections the process may have open: each is a file to the operating system.

use rustix::process::{Resource, getrlimit, setrlimit};

/// What else is open: connections to the servers behind us, logs, the listener, and connections that
/// were cut off and are not yet closed.
const OTHER_FILES: u64 = 512;

/// Asks for as many files as the connections need, and says how many connections there may be.
pub(crate) fn connections_max(wanted: usize) -> usize {
    let needed = u64::try_from(wanted).unwrap_or(u64::MAX).saturating_add(OTHER_FILES);
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current.is_some_and(|current| current < needed) {
        let most = limit.maximum.unwrap_or(needed).min(needed);
        let old = limit.current.replace(most);
        if let Err(error) = setrlimit(Resource::Nofile, limit) {
            tracing::debug!(%error, "the limit of open files stays as it is");
            limit.current = old;
        }
    }
    let possible = limit.current.unwrap_or(needed).saturating_sub(OTHER_FILES).max(OTHER_FILES / 2);
    let max = usize::try_from(possible).unwrap_or(usize::MAX).min(wanted);
    if max < wanted {
        tracing::warn!("there is room for {max} connections only: files are limited (ulimit -n)");
    }
    max
}
