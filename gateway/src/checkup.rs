//! How everything was a moment ago: asked once for all who ask within a second, so that nobody can
//! keep the database busy by asking how it is.

use crate::flight::Flights;
use futures::future::BoxFuture;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How old an answer may be.
const LIFE_MS: u64 = 1000;

/// The answer to one question.
pub(crate) struct Checkup<T: Clone> {
    last: Arc<Mutex<Option<(Instant, T)>>>,
    flights: Flights<(), T>,
}

impl<T: Clone> Default for Checkup<T> {
    fn default() -> Self {
        Self { last: Arc::default(), flights: Flights::default() }
    }
}

impl<T: Clone + Send + Sync + 'static> Checkup<T> {
    /// What was answered a moment ago, or else what is answered now.
    pub(crate) async fn get(&self, ask: impl FnOnce() -> BoxFuture<'static, T>) -> T {
        let fresh = |(at, _): &(Instant, T)| at.elapsed() < Duration::from_millis(LIFE_MS);
        if let Some((_, answer)) = lock(&self.last).clone().filter(fresh) {
            return answer;
        }
        let flight = || -> BoxFuture<'static, T> {
            let (last, asked) = (self.last.clone(), ask());
            Box::pin(async move {
                let answer = asked.await;
                *lock(&last) = Some((Instant::now(), answer.clone()));
                answer
            })
        };
        self.flights.join((), flight).await
    }
}

/// No code panics while it holds the lock.
fn lock<T>(last: &Mutex<T>) -> MutexGuard<'_, T> {
    last.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::Checkup;
    use futures::FutureExt;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[tokio::test]
    async fn a_thousand_questions_within_a_second_are_one() {
        let (checkup, asked) = (Checkup::default(), Arc::new(AtomicU32::new(0)));
        for _ in 0..1000 {
            let asked = asked.clone();
            let ask = || async move { asked.fetch_add(1, Ordering::Relaxed) }.boxed();
            checkup.get(ask).await;
        }
        // On a machine that stands still for a second it may be two.
        assert!(asked.load(Ordering::Relaxed) < 10);
    }
}
