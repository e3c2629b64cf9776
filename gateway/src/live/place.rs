//! Room for live connections: in all, for one user, and from one address.

use super::Bounds;
use crate::client::ClientAddress;
use crate::config::Guard;
use crate::problem::Problem;
use axum::http::StatusCode;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use uuid::Uuid;

/// Who is counted as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Client {
    /// Who has shown a token, wherever from.
    User(Uuid),
    /// Everybody else, by what counts as one address.
    Address(IpAddr),
}

/// The room.
#[derive(Debug)]
pub(crate) struct Rooms {
    max: usize,
    per_user_max: usize,
    per_address_max: usize,
    /// This machine may have as many as there is room for, unless connections are counted there too.
    own_free: bool,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    per_client: HashMap<Client, usize>,
    /// How many there ever were.
    count: u64,
}

/// A connection's place, free again when this is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    rooms: Arc<Rooms>,
    client: Client,
    /// The connection's number.
    pub(crate) number: u64,
}

impl Client {
    /// Who has this token, or comes from this address.
    pub(crate) fn of(user: Option<Uuid>, address: ClientAddress) -> Self {
        user.map_or(Self::Address(address.network()), Self::User)
    }
}

impl Rooms {
    /// Empty ones.
    pub(crate) fn new(bounds: &Bounds, guard: &Guard) -> Self {
        Self {
            max: bounds.connections_max,
            per_user_max: bounds.per_user_max,
            per_address_max: bounds.per_address_max,
            own_free: guard.connections_per_address_max.is_none(),
            taken: Mutex::default(),
        }
    }

    /// Takes a place.
    ///
    /// # Errors
    /// 503 where there is none, 429 where this client has its part already.
    pub(crate) fn take(self: &Arc<Self>, client: Client) -> Result<Place, Problem> {
        let mut taken = self.lock();
        if taken.all >= self.max {
            let detail = "there are too many live connections; try again";
            return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "overloaded", detail));
        }
        let max = self.of_one(client);
        if taken.per_client.get(&client).is_some_and(|count| *count >= max) {
            let detail = format!("you have {max} live connections, and cannot have more");
            let status = StatusCode::TOO_MANY_REQUESTS;
            return Err(Problem::new(status, "too_many_live_connections", detail));
        }
        taken.all += 1;
        taken.count += 1;
        *taken.per_client.entry(client).or_default() += 1;
        Ok(Place { rooms: self.clone(), client, number: taken.count })
    }

    /// How many there are.
    #[cfg(test)]
    pub(crate) fn taken(&self) -> usize {
        self.lock().all
    }

    fn of_one(&self, client: Client) -> usize {
        match client {
            Client::User(_) => self.per_user_max,
            Client::Address(address) if self.own_free && address.is_loopback() => self.max,
            Client::Address(_) => self.per_address_max,
        }
    }

    /// No code panics while it holds the lock.
    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.rooms.lock();
        taken.all = taken.all.saturating_sub(1);
        let Some(count) = taken.per_client.get_mut(&self.client) else { return };
        *count = count.saturating_sub(1);
        if *count == 0 {
            taken.per_client.remove(&self.client);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Client, Rooms};
    use crate::config::Guard;
    use crate::live::Bounds;
    use std::sync::Arc;
    use uuid::Uuid;

    fn rooms(guard: &Guard) -> Arc<Rooms> {
        let bounds =
            Bounds { connections_max: 5, per_user_max: 2, per_address_max: 3, ..Bounds::default() };
        Arc::new(Rooms::new(&bounds, guard))
    }

    fn from(address: &str) -> Client {
        Client::Address(address.parse().unwrap())
    }

    #[test]
    fn nobody_takes_more_than_their_part_and_all_no_more_than_there_is() {
        let rooms = rooms(&Guard::default());
        let user = Client::User(Uuid::from_u128(1));
        let mut places = vec![rooms.take(user).unwrap(), rooms.take(user).unwrap()];
        assert_eq!(rooms.take(user).unwrap_err().status(), 429);
        places.extend((0..3).map(|_| rooms.take(from("192.0.2.7")).unwrap()));
        let full = rooms.take(Client::User(Uuid::from_u128(2))).unwrap_err();
        assert_eq!(full.status(), 503);
        places.remove(0);
        assert_eq!(rooms.take(from("192.0.2.7")).unwrap_err().status(), 429);
        places.push(rooms.take(user).unwrap());
        drop(places);
        assert_eq!(rooms.taken(), 0);
        assert!(rooms.lock().per_client.is_empty());
    }

    #[test]
    fn this_machine_may_have_all_unless_its_connections_are_counted() {
        let unset = rooms(&Guard::default());
        let all: Vec<_> = (0..5).map(|_| unset.take(from("127.0.0.1")).unwrap()).collect();
        assert_eq!(all.len(), 5);
        let set =
            Guard { connections_per_address_max: std::num::NonZero::new(9), ..Guard::default() };
        let set = rooms(&set);
        let some: Vec<_> = (0..3).map(|_| set.take(from("127.0.0.1")).unwrap()).collect();
        assert_eq!(
            (some.len(), set.take(from("127.0.0.1")).unwrap_err().status().as_u16()),
            (3, 429)
        );
    }
}
