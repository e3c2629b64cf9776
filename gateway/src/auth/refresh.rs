//! Refresh tokens: random numbers that say nothing, of which the database keeps a hash only.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::error::Unspecified;
use ring::rand::{SecureRandom, SystemRandom};
use std::fmt;

/// 256 bits: nobody guesses one.
const TOKEN_BYTES: usize = 32;

/// A new token: the text goes to the client, the hash into the database.
pub(crate) struct RefreshToken {
    /// What the client keeps.
    pub(crate) text: String,
    /// What we keep.
    pub(crate) hash: Vec<u8>,
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshToken")
    }
}

impl RefreshToken {
    /// A new one.
    ///
    /// # Errors
    /// The machine gives no random numbers.
    pub(crate) fn new() -> Result<Self, Unspecified> {
        let mut bytes = [0; TOKEN_BYTES];
        SystemRandom::new().fill(&mut bytes)?;
        Ok(Self { text: URL_SAFE_NO_PAD.encode(bytes), hash: hash(&bytes) })
    }
}

/// The hash of a token that came in; `None` for what cannot be one.
pub(crate) fn hash_of(text: &str) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    (bytes.len() == TOKEN_BYTES).then(|| hash(&bytes))
}

fn hash(bytes: &[u8]) -> Vec<u8> {
    digest(&SHA256, bytes).as_ref().to_vec()
}

/// What is known of a refresh token of a session that lives.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    /// It was used before.
    pub(crate) used: bool,
    /// That was a few seconds ago at the most.
    pub(crate) just_now: bool,
    /// The token it was replaced by was not used yet.
    pub(crate) next_is_unused: bool,
}

/// What becomes of a refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is replaced by a new one.
    Replace,
    /// The answer with its replacement was lost: that one is void, and another takes its place.
    Again,
    /// Two have it: the session ends.
    Reused,
}

/// Decides. A used token is one that two clients may have, and nobody can tell which is the thief. Only
/// a repeat within seconds, while the replacement lies unused, is taken for a lost answer.
pub(crate) fn judge(known: Known) -> Verdict {
    match known {
        Known { used: false, .. } => Verdict::Replace,
        Known { just_now: true, next_is_unused: true, .. } => Verdict::Again,
        Known { .. } => Verdict::Reused,
    }
}

#[cfg(test)]
mod tests {
    use super::{Known, RefreshToken, Verdict, hash_of, judge};

    #[test]
    fn a_token_is_found_by_its_hash_and_no_two_are_alike() {
        let (one, other) = (RefreshToken::new().unwrap(), RefreshToken::new().unwrap());
        assert_eq!(hash_of(&one.text), Some(one.hash.clone()));
        assert_ne!(one.hash, other.hash);
        assert_eq!(format!("{one:?}"), "RefreshToken");
        for bad in ["", "AAAA", &format!("{}A", one.text), "../../etc/passwd", "a b"] {
            assert_eq!(hash_of(bad), None, "{bad}");
        }
    }

    #[test]
    fn only_a_repeat_at_once_whose_answer_was_lost_is_forgiven() {
        let known = |used, just_now, next_is_unused| Known { used, just_now, next_is_unused };
        assert_eq!(judge(known(false, false, false)), Verdict::Replace);
        assert_eq!(judge(known(true, true, true)), Verdict::Again);
        assert_eq!(judge(known(true, false, true)), Verdict::Reused);
        assert_eq!(judge(known(true, true, false)), Verdict::Reused);
        assert_eq!(judge(known(true, false, false)), Verdict::Reused);
    }
}
