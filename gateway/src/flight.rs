//! One question at a time about one thing: who asks while an answer is on its way waits for that
//! answer. So a thousand who come at once cost what one does.

use futures::future::{BoxFuture, FutureExt, Shared, WeakShared};
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

type Flight<V> = Shared<BoxFuture<'static, V>>;

/// The questions that are under way. Each lives as long as somebody waits for it, so there are never
/// more than requests.
pub(crate) struct Flights<K: Eq + Hash, V: Clone>(
    Mutex<HashMap<K, WeakShared<BoxFuture<'static, V>>>>,
);

/// Somebody who waits; the last one takes the question along.
struct Passenger<'f, K: Eq + Hash, V: Clone> {
    flights: &'f Flights<K, V>,
    key: K,
    flight: Option<Flight<V>>,
}

impl<K: Eq + Hash, V: Clone> Default for Flights<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash + Clone, V: Clone + Send + Sync> Flights<K, V> {
    /// The answer to a question that is under way, or else to this one.
    pub(crate) async fn join(&self, key: K, ask: impl FnOnce() -> BoxFuture<'static, V>) -> V {
        let flight = self.board(&key, ask);
        let passenger = Passenger { flights: self, key, flight: Some(flight.clone()) };
        let answer = flight.await;
        drop(passenger);
        answer
    }

    /// An answer that is already there is for those who waited for it: it may be old by now.
    fn board(&self, key: &K, ask: impl FnOnce() -> BoxFuture<'static, V>) -> Flight<V> {
        let mut flights = self.lock();
        let under_way = flights.get(key).and_then(WeakShared::upgrade);
        if let Some(flight) = under_way.filter(|flight| flight.peek().is_none()) {
            return flight;
        }
        let flight = ask().shared();
        if let Some(weak) = flight.downgrade() {
            flights.insert(key.clone(), weak);
        }
        flight
    }
}

impl<K: Eq + Hash, V: Clone> Flights<K, V> {
    /// From now on nobody waits for a question about this that was asked before.
    pub(crate) fn forget(&self, key: &K) {
        self.lock().remove(key);
    }

    /// From now on nobody waits for any question that was asked before.
    pub(crate) fn forget_all(&self) {
        self.lock().clear();
    }

    /// No code panics while it holds the lock, and the map is whole after every line.
    fn lock(&self) -> MutexGuard<'_, HashMap<K, WeakShared<BoxFuture<'static, V>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash, V: Clone> Drop for Passenger<'_, K, V> {
    fn drop(&mut self) {
        let mut flights = self.flights.lock();
        self.flight = None;
        // Nobody waits any more, or the answer is there. A younger question lives on.
        if flights
            .get(&self.key)
            .is_some_and(|weak| weak.upgrade().is_none_or(|flight| flight.peek().is_some()))
        {
            flights.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Flights;
    use futures::FutureExt;
    use futures::future::join_all;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use tokio::sync::Semaphore;

    struct Oven {
        flights: Flights<&'static str, u32>,
        asked: Arc<AtomicU32>,
        /// A permit lets one answer out.
        door: Arc<Semaphore>,
    }

    impl Oven {
        fn new() -> Self {
            let flights = Flights::default();
            Self { flights, asked: Arc::default(), door: Arc::new(Semaphore::new(0)) }
        }

        async fn ask(&self) -> u32 {
            let (asked, door) = (self.asked.clone(), self.door.clone());
            let answer = async move {
                let answer = asked.fetch_add(1, Ordering::Relaxed) + 1;
                door.acquire().await.unwrap().forget();
                answer
            };
            self.flights.join("bread", || answer.boxed()).await
        }
    }

    #[tokio::test]
    async fn who_comes_while_an_answer_is_on_its_way_gets_that_answer() {
        let oven = Oven::new();
        let all = join_all((0..100).map(|_| oven.ask()));
        let (answers, ()) = tokio::join!(all, async { oven.door.add_permits(1) });
        assert_eq!(answers, [1; 100]);
        oven.door.add_permits(1);
        assert_eq!(oven.ask().await, 2, "an old answer was given again");
        assert!(oven.flights.lock().is_empty(), "a question is kept");
    }

    #[tokio::test]
    async fn who_asks_after_a_change_does_not_get_an_answer_from_before_it() {
        let oven = Oven::new();
        let before = oven.ask();
        tokio::pin!(before);
        assert!(futures::poll!(before.as_mut()).is_pending());
        oven.flights.forget(&"bread");
        oven.door.add_permits(2);
        assert_eq!(oven.ask().await, 2);
        assert_eq!(before.await, 1);
    }

    #[tokio::test]
    async fn who_goes_away_takes_the_answer_from_nobody() {
        let oven = Oven::new();
        let (mut first, mut second) = (Box::pin(oven.ask()), Box::pin(oven.ask()));
        assert!(futures::poll!(first.as_mut()).is_pending());
        assert!(futures::poll!(second.as_mut()).is_pending());
        drop(first);
        oven.door.add_permits(1);
        assert_eq!(second.await, 1);
        let mut third = Box::pin(oven.ask());
        assert!(futures::poll!(third.as_mut()).is_pending());
        drop(third);
        assert!(oven.flights.lock().is_empty(), "a question nobody waits for is kept");
    }
}
