//! The room for connections. Where it is full, those that have been quiet for the longest make room:
//! connections that cost nothing to hold must not keep out those that want something. Where all have
//! a request in hand, a new one is closed at once: then its client knows, and can try elsewhere,
//! instead of waiting in a queue that nobody sees.

use super::seat::{Seat, Times};
use crate::client::{is_trusted, network};
use crate::config::Guard;
use ipnet::IpNet;
use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Connections from one address, if nothing else is said.
const PER_ADDRESS_MAX: usize = 256;
/// Looking for the quietest costs a moment, so this part of a full room is emptied at once.
const EMPTIED_PART: usize = 64;

/// Who may have how many connections.
#[derive(Clone, Debug)]
pub(super) struct Limits {
    /// All together.
    pub(super) max: usize,
    per_address_max: usize,
    /// This machine may have as many as there is room for.
    own_free: bool,
    /// And so may they: behind each are many clients.
    trusted: Vec<IpNet>,
}

/// The room.
#[derive(Debug)]
pub(super) struct Places {
    limits: Limits,
    times: Times,
    end: CancellationToken,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    last_id: u64,
    seats: HashMap<u64, Arc<Seat>>,
    per_network: HashMap<IpAddr, HashSet<u64>>,
}

/// A connection's place, free again when this is dropped.
#[derive(Debug)]
pub(super) struct Place {
    places: Arc<Places>,
    id: u64,
    /// What the connection is doing.
    pub(super) seat: Arc<Seat>,
}

impl Limits {
    /// By the configuration, in a process that may have so many connections open.
    pub(super) fn of(guard: &Guard, max: usize) -> Self {
        let per_address = guard.connections_per_address_max;
        Self {
            max,
            per_address_max: per_address.map_or(PER_ADDRESS_MAX, |max| max.get()),
            own_free: per_address.is_none(),
            trusted: guard.trusted_proxies.clone(),
        }
    }

    fn of_one(&self, address: IpAddr) -> usize {
        let own = self.own_free && address.to_canonical().is_loopback();
        if own || is_trusted(address, &self.trusted) { self.max } else { self.per_address_max }
    }
}

impl Places {
    /// An empty room; all connections end with the token.
    pub(super) fn new(limits: Limits, times: Times, end: CancellationToken) -> Self {
        Self { limits, times, end, taken: Mutex::default() }
    }

    /// A place for a new connection, if one is free or can be made free.
    pub(super) fn take(self: &Arc<Self>, address: IpAddr, now: Instant) -> Option<Place> {
        let network = network(address);
        let mut taken = self.lock();
        let own_max = self.limits.of_one(address);
        if taken.of(network) >= own_max && !taken.make_room(own_max, Some(network)) {
            return None;
        }
        let max = self.limits.max;
        if taken.seats.len() >= max && !taken.make_room(max, None) {
            return None;
        }
        let seat = Arc::new(Seat::new(network, self.end.child_token(), now));
        let id = taken.add(seat.clone());
        Some(Place { places: self.clone(), id, seat })
    }

    /// Cuts off those that have taken longer than they may.
    pub(super) fn sweep(&self, now: Instant) {
        let mut taken = self.lock();
        let overdue = taken.seats.iter().filter(|(_, seat)| seat.is_overdue(&self.times, now));
        let overdue: Vec<u64> = overdue.map(|(id, _)| *id).collect();
        overdue.into_iter().for_each(|id| taken.cut(id));
    }

    /// Frees some places, where the process has no more files.
    pub(super) fn shrink(&self) -> bool {
        let mut taken = self.lock();
        let now_taken = taken.seats.len();
        taken.make_room(now_taken, None)
    }

    /// No code panics while it holds the lock.
    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    fn of(&self, network: IpAddr) -> usize {
        self.per_network.get(&network).map_or(0, HashSet::len)
    }

    fn add(&mut self, seat: Arc<Seat>) -> u64 {
        self.last_id += 1;
        self.per_network.entry(seat.network).or_default().insert(self.last_id);
        self.seats.insert(self.last_id, seat);
        self.last_id
    }

    fn remove(&mut self, id: u64) -> Option<Arc<Seat>> {
        let seat = self.seats.remove(&id)?;
        if let Some(ids) = self.per_network.get_mut(&seat.network) {
            ids.remove(&id);
            if ids.is_empty() {
                self.per_network.remove(&seat.network);
            }
        }
        Some(seat)
    }

    /// The connection ends as soon as it is looked at; its place is free already.
    fn cut(&mut self, id: u64) {
        if let Some(seat) = self.remove(id) {
            seat.end.cancel();
        }
    }

    /// Cuts off those that have been quiet for the longest, of one network or of all. False where
    /// none is quiet.
    fn make_room(&mut self, max: usize, network: Option<IpAddr>) -> bool {
        let quiet = |id: &u64| Some((self.seats.get(id)?.quiet_since()?, *id));
        let mut quiet: Vec<(Instant, u64)> = match network {
            Some(network) => {
                self.per_network.get(&network).into_iter().flatten().filter_map(quiet).collect()
            }
            None => self.seats.keys().filter_map(quiet).collect(),
        };
        quiet.sort_unstable();
        let found = !quiet.is_empty();
        let at_once = max / EMPTIED_PART + 1;
        quiet.into_iter().take(at_once).for_each(|(_, id)| self.cut(id));
        found
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // Whoever was cut off has left already.
        drop(self.places.lock().remove(self.id));
    }
}

#[cfg(test)]
mod tests;
