//! From the log to the connections. Nobody waits here: what does not fit into a connection's queue
//! ends that connection.

use super::cut::{Cut, Why};
use super::event::{Entry, News, Shown, Topic};
use super::ring::Ring;
use bakery_nats::slug::Slug;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc;

/// Who listens to what.
#[derive(Debug, Default)]
pub(crate) struct Hub(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    ring: Ring,
    /// There are no more of them than there are places for connections.
    listeners: HashMap<Topic, HashMap<u64, Ear>>,
    last_id: u64,
    /// Branches whose shelf has changed, of those that somebody looks at.
    shelves_changed: HashSet<Slug>,
}

#[derive(Debug)]
struct Ear {
    queue: mpsc::Sender<Said>,
    cut: Arc<Cut>,
}

/// Something for one connection.
#[derive(Clone, Debug)]
pub(crate) enum Said {
    /// A message of the log.
    Entry(Arc<Entry>),
    /// Something that was found out here.
    Shown(Arc<Shown>),
}

/// A connection's place among the listeners, given up when it is dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    hub: Arc<Hub>,
    topic: Topic,
    id: u64,
    /// What was said since; closed where something was missed by everybody.
    pub(crate) queue: mpsc::Receiver<Said>,
}

impl Hub {
    /// Up to where everything was heard.
    pub(crate) fn last(&self) -> u64 {
        self.lock().ring.last()
    }

    /// Whether everything that was said after this number is known.
    pub(crate) fn has_all_after(&self, number: u64) -> bool {
        self.lock().ring.after(number).is_some()
    }

    /// Listens from a number of the log on; gives what was said since then. `None` where something
    /// of it is not known any more.
    pub(crate) fn join(
        self: &Arc<Self>,
        topic: &Topic,
        after: u64,
        queue_max: usize,
        cut: &Arc<Cut>,
    ) -> Option<(Seat, Vec<Arc<Entry>>)> {
        let mut state = self.lock();
        let seen = |entry: &&Arc<Entry>| entry.shown(topic).is_some();
        let missed = state.ring.after(after)?.filter(seen).cloned().collect();
        Some((self.sit(&mut state, topic, queue_max, cut), missed))
    }

    /// Listens from now on.
    pub(crate) fn join_now(
        self: &Arc<Self>,
        topic: &Topic,
        queue_max: usize,
        cut: &Arc<Cut>,
    ) -> (Seat, u64) {
        let mut state = self.lock();
        let last = state.ring.last();
        (self.sit(&mut state, topic, queue_max, cut), last)
    }

    fn sit(
        self: &Arc<Self>,
        state: &mut State,
        topic: &Topic,
        queue_max: usize,
        cut: &Arc<Cut>,
    ) -> Seat {
        let (queue, receiver) = mpsc::channel(queue_max);
        state.last_id += 1;
        let (id, ear) = (state.last_id, Ear { queue, cut: cut.clone() });
        state.listeners.entry(topic.clone()).or_default().insert(id, ear);
        Seat { hub: self.clone(), topic: topic.clone(), id, queue: receiver }
    }

    /// The next message of the log.
    pub(crate) fn say(&self, entry: Entry) {
        let mut state = self.lock();
        let entry = Arc::new(entry);
        state.ring.push(entry.clone());
        if matches!(entry.news, News::Shelf) {
            let branch = entry.branch.clone();
            if state.listeners.contains_key(&Topic::Shelf(branch.clone())) {
                state.shelves_changed.insert(branch);
            }
        }
        for topic in entry.topics() {
            state.tell(&topic, &Said::Entry(entry.clone()));
        }
    }

    /// Something that was found out here.
    pub(crate) fn show(&self, topic: &Topic, shown: Shown) {
        self.lock().tell(topic, &Said::Shown(Arc::new(shown)));
    }

    /// Something of the log was missed: everybody has to look anew, and nobody can go on from before
    /// this number.
    pub(crate) fn restart(&self, floor: u64) {
        let mut state = self.lock();
        state.ring.restart(floor);
        state.listeners.clear();
    }

    /// The branches whose shelf is looked at, each with whether it has changed since the last time.
    pub(crate) fn shelves(&self) -> Vec<(Slug, bool)> {
        let mut state = self.lock();
        let changed = std::mem::take(&mut state.shelves_changed);
        let watched = state.listeners.keys().filter_map(|topic| match topic {
            Topic::Shelf(branch) => Some((branch.clone(), changed.contains(branch))),
            Topic::Order(_) | Topic::Kitchen(_) | Topic::Display(_) => None,
        });
        watched.collect()
    }

    /// No code panics while it holds the lock, and the maps are whole after every line.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn tell(&mut self, topic: &Topic, said: &Said) {
        let Some(ears) = self.listeners.get_mut(topic) else { return };
        ears.retain(|_, ear| {
            let told = ear.queue.try_send(said.clone()).is_ok();
            if !told {
                ear.cut.end(Why::Slow);
            }
            told
        });
        if ears.is_empty() {
            self.listeners.remove(topic);
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut state = self.hub.lock();
        let Some(ears) = state.listeners.get_mut(&self.topic) else { return };
        ears.remove(&self.id);
        if ears.is_empty() {
            state.listeners.remove(&self.topic);
        }
    }
}

#[cfg(test)]
mod tests;
