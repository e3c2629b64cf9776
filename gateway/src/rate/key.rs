//! Who is counted under which rule, as a fixed number of bytes: neither Redis nor this process keeps
//! names or addresses.

use super::Rule;
use sha2::{Digest, Sha256};
use std::fmt;

/// Enough that no two are ever the same.
const KEY_BYTES: usize = 16;

/// One counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key([u8; KEY_BYTES]);

impl Key {
    /// Of somebody under a rule.
    pub(super) fn of(rule: &Rule, who: &str) -> Self {
        Self::digest(rule, b"one", who)
    }

    /// Of all those under a rule for whom there is no room.
    pub(super) fn of_others(rule: &Rule) -> Self {
        Self::digest(rule, b"others", "")
    }

    /// Another window is another counter: what was counted for the old one does not fit into it.
    fn digest(rule: &Rule, kind: &[u8], who: &str) -> Self {
        let mut hash = Sha256::new();
        for part in [kind, rule.bucket.as_bytes(), &rule.window.as_nanos().to_be_bytes()] {
            hash.update(part);
            hash.update([0]);
        }
        hash.update(who);
        let digest: [u8; 32] = hash.finalize().into();
        let mut key = [0; KEY_BYTES];
        key.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        Self(key)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
