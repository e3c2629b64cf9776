//! Passwords: hashed with Argon2id, few at a time, so that neither memory nor both cores go to those
//! who guess.

use crate::problem::internal;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use bakery_nats::refusal::Refusal;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How long a password is, in characters.
pub(crate) const LENGTH: RangeInclusive<usize> = 8..=128;
/// One hash takes so much memory (19 MiB), is made in two passes, by one thread: OWASP's first choice.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Hashes that are made at the same time: 76 MiB at the most.
const HASHES_AT_ONCE_MAX: usize = 4;
/// Callers that wait for their turn; more are refused at once.
const WAITING_MAX: usize = 64;
const WAIT_TIMEOUT_MS: u64 = 3000;

/// The hash of no password that anybody knows. Who has no hash is compared with this one, and takes
/// as long as who has one.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGhhcyB0aGlzLi4$\
                      bm9ib2R5IGtub3dzIGEgcGFzc3dvcmQgb2YgdGhpcy4";

/// Makes and compares hashes.
#[derive(Debug)]
pub(crate) struct Passwords {
    waiting: Semaphore,
    room: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            waiting: Semaphore::new(WAITING_MAX),
            room: Arc::new(Semaphore::new(HASHES_AT_ONCE_MAX)),
        }
    }
}

impl Passwords {
    /// The hash that is kept, as a PHC string.
    ///
    /// # Errors
    /// 503 where too many wait, or for too long.
    pub(crate) async fn hash(&self, password: String) -> Result<String, Refusal> {
        let hash = move || {
            let hash: PasswordHash = argon2()?.hash_password(password.as_bytes())?;
            Ok(hash.to_string())
        };
        self.work(hash).await?.map_err(|error: argon2::password_hash::Error| {
            tracing::error!(%error, "a password cannot be hashed");
            internal()
        })
    }

    /// Whether the password is the one behind the hash. Without a hash it takes as long, and is not.
    ///
    /// # Errors
    /// 503 where too many wait, or for too long.
    pub(crate) async fn fits(
        &self,
        password: String,
        hash: Option<String>,
    ) -> Result<bool, Refusal> {
        let compare = move || {
            let known = PasswordHash::new(hash.as_deref().unwrap_or(NOBODY));
            let (Ok(known), Ok(argon2)) = (known, argon2()) else { return false };
            argon2.verify_password(password.as_bytes(), &known).is_ok() && hash.is_some()
        };
        self.work(compare).await
    }

    /// Works aside, when there is room. The room is taken for as long as the work takes, also where
    /// the caller has gone away.
    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Refusal> {
        let place = self.place().await?;
        let work = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(place);
            done
        });
        work.await.map_err(|error| {
            tracing::error!(%error, "the hashing of a password broke off");
            internal()
        })
    }

    async fn place(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        let _waiting = self.waiting.try_acquire().map_err(|_| overloaded())?;
        let limit = Duration::from_millis(WAIT_TIMEOUT_MS);
        let place = tokio::time::timeout(limit, self.room.clone().acquire_owned()).await;
        place.ok().and_then(Result::ok).ok_or_else(overloaded)
    }
}

/// Why a password was not hashed.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// It is too short or too long.
    #[error("a password must be {} to {} characters", LENGTH.start(), LENGTH.end())]
    Length,
    /// There is nothing to make a salt of.
    #[error("the password cannot be hashed: {0}")]
    Hash(argon2::password_hash::Error),
}

/// The hash of a new password, for who adds users over the bus: what the gateway itself would keep.
/// It takes some 30 ms of a core.
pub fn hash_password(password: &str) -> Result<String, HashError> {
    if !LENGTH.contains(&password.chars().count()) {
        return Err(HashError::Length);
    }
    let hash = argon2().and_then(|argon2| argon2.hash_password(password.as_bytes()));
    hash.map(|hash: PasswordHash| hash.to_string()).map_err(HashError::Hash)
}

/// Whether it is a hash that costs no less than ours, and not much more.
pub(crate) fn is_hash(text: &str) -> bool {
    let Ok(hash) = PasswordHash::new(text) else { return false };
    let Ok(params) = Params::try_from(&hash) else { return false };
    let costs = (params.m_cost(), params.t_cost(), params.p_cost());
    hash.algorithm == Algorithm::Argon2id.ident()
        && costs == (MEMORY_KIB, PASSES, LANES)
        && hash.salt.is_some()
        && hash.hash.is_some()
}

fn argon2() -> argon2::password_hash::Result<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn overloaded() -> Refusal {
    Refusal::new(503, "overloaded", "too many people sign in just now; try again")
}

#[cfg(test)]
mod tests {
    use super::{HASHES_AT_ONCE_MAX, NOBODY, Passwords, WAITING_MAX, hash_password, is_hash};
    use std::sync::Arc;

    #[tokio::test]
    async fn a_hash_fits_its_password_and_no_other() {
        let passwords = Passwords::default();
        let hash = passwords.hash("correct horse".to_owned()).await.unwrap();
        let other = passwords.hash("correct horse".to_owned()).await.unwrap();
        assert_ne!(hash, other, "the salt is not random");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        let fits = async |password: &str, hash: Option<&str>| {
            let hash = hash.map(str::to_owned);
            passwords.fits(password.to_owned(), hash).await.unwrap()
        };
        assert!(fits("correct horse", Some(&hash)).await);
        for wrong in ["correct horsf", "", "correct horse "] {
            assert!(!fits(wrong, Some(&hash)).await);
        }
        assert!(!fits("correct horse", None).await);
        assert!(!fits("correct horse", Some("damaged")).await);
    }

    #[test]
    fn only_a_hash_like_ours_is_taken_from_others() {
        let ours = hash_password("a long password").unwrap();
        assert!(is_hash(&ours) && is_hash(NOBODY));
        let other = [
            "",
            "a long password",
            "$argon2id$v=19$m=19456,t=2,p=1",
            &ours.replace("m=19456", "m=8"),
            &ours.replace("t=2", "t=1"),
            &ours.replace("m=19456", "m=4000000"),
            &ours.replace("argon2id", "argon2i"),
        ];
        for other in other {
            assert!(!is_hash(other), "{other}");
        }
        assert!(hash_password("short").is_err() && hash_password(&"x".repeat(129)).is_err());
    }

    #[test]
    fn the_hash_of_nobody_costs_what_a_hash_costs() {
        let nobody = argon2::password_hash::phc::PasswordHash::new(NOBODY).unwrap();
        assert!(NOBODY.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert_eq!(nobody.hash.unwrap().len(), 32);
        assert!(nobody.salt.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_too_long_and_who_comes_too_late_is_refused() {
        let passwords = Arc::new(Passwords::default());
        let hashes = u32::try_from(HASHES_AT_ONCE_MAX).unwrap();
        let _all = passwords.room.clone().acquire_many_owned(hashes).await.unwrap();
        let wait = |passwords: Arc<Passwords>| async move {
            passwords.hash("a long password".to_owned()).await.unwrap_err()
        };
        let waiting: Vec<_> =
            (0..WAITING_MAX).map(|_| tokio::spawn(wait(passwords.clone()))).collect();
        while passwords.waiting.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let start = tokio::time::Instant::now();
        let refusal = wait(passwords.clone()).await;
        assert_eq!((refusal.status, refusal.code.as_str()), (503, "overloaded"));
        assert!(start.elapsed().is_zero(), "it waited");
        for waited in waiting {
            assert_eq!(waited.await.unwrap().status, 503);
        }
    }
}
