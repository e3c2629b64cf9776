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

/// Whose connection it is, and where it comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Client {
    /// Who has shown a token.
    user: Option<Uuid>,
    /// What counts as one address.
    address: IpAddr,
    /// It is this machine.
    is_own: bool,
}

/// Who is counted as one. A connection counts in two ways: users can be many at one address, and
/// one user can come from many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Party {
    /// Who has shown a token, wherever from.
    User(Uuid),
    /// Those at one address who have shown none.
    Strangers(IpAddr),
    /// All at one address.
    Address(IpAddr),
}

/// The room.
#[derive(Debug)]
pub(crate) struct Rooms {
    max: usize,
    per_user_max: usize,
    per_strangers_max: usize,
    per_address_max: usize,
    /// This machine may have as many as there is room for, unless connections are counted there too.
    own_free: bool,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    per_party: HashMap<Party, usize>,
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
        Self { user, address: address.network(), is_own: address.is_own }
    }

    fn parties(self) -> [Party; 2] {
        let own = self.user.map_or(Party::Strangers(self.address), Party::User);
        [own, Party::Address(self.address)]
    }
}

impl Rooms {
    /// Empty ones.
    pub(crate) fn new(bounds: &Bounds, guard: &Guard) -> Self {
        Self {
            max: bounds.connections_max,
            per_user_max: bounds.per_user_max,
            per_strangers_max: bounds.per_strangers_max,
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
        for party in client.parties() {
            let (max, whose) = self.of_one(party, client.is_own);
            if taken.per_party.get(&party).is_some_and(|count| *count >= max) {
                let detail = format!("{whose} {max} live connections, and cannot have more");
                let status = StatusCode::TOO_MANY_REQUESTS;
                return Err(Problem::new(status, "too_many_live_connections", detail));
            }
        }
        taken.all += 1;
        taken.count += 1;
        for party in client.parties() {
            *taken.per_party.entry(party).or_default() += 1;
        }
        Ok(Place { rooms: self.clone(), client, number: taken.count })
    }

    /// How many there are.
    #[cfg(test)]
    pub(crate) fn taken(&self) -> usize {
        self.lock().all
    }

    /// How many, and in which words it is said.
    fn of_one(&self, party: Party, is_own: bool) -> (usize, &'static str) {
        match party {
            Party::User(_) => (self.per_user_max, "you have"),
            Party::Strangers(_) | Party::Address(_) if self.own_free && is_own => {
                (self.max, "this machine has")
            }
            Party::Strangers(_) => (self.per_strangers_max, "your address has, without a token,"),
            Party::Address(_) => (self.per_address_max, "your address has"),
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
        for party in self.client.parties() {
            let Some(count) = taken.per_party.get_mut(&party) else { continue };
            *count = count.saturating_sub(1);
            if *count == 0 {
                taken.per_party.remove(&party);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Client, Place, Rooms};
    use crate::config::Guard;
    use crate::live::Bounds;
    use std::num::NonZero;
    use std::sync::Arc;
    use uuid::Uuid;

    const OWN: &str = "127.0.0.1";

    fn rooms(guard: &Guard) -> Arc<Rooms> {
        let bounds = Bounds {
            connections_max: 7,
            per_user_max: 2,
            per_strangers_max: 3,
            per_address_max: 5,
            ..Bounds::default()
        };
        Arc::new(Rooms::new(&bounds, guard))
    }

    fn client(user: Option<u128>, address: &str) -> Client {
        let is_own = address == OWN;
        Client { user: user.map(Uuid::from_u128), address: address.parse().unwrap(), is_own }
    }

    fn take(rooms: &Arc<Rooms>, user: Option<u128>, address: &str) -> Result<Place, u16> {
        rooms.take(client(user, address)).map_err(|problem| problem.status().as_u16())
    }

    #[test]
    fn nobody_takes_more_than_their_part_and_all_no_more_than_there_is() {
        let rooms = rooms(&Guard::default());
        let (here, there) = ("192.0.2.7", "198.51.100.1");
        let mut places: Vec<_> = (0..2).map(|_| take(&rooms, Some(1), here).unwrap()).collect();
        assert_eq!(take(&rooms, Some(1), there).unwrap_err(), 429, "one user, wherever from");
        places.extend((0..3).map(|_| take(&rooms, None, here).unwrap()));
        assert_eq!(take(&rooms, Some(2), here).unwrap_err(), 429, "many users at one address");
        places.extend((0..2).map(|_| take(&rooms, Some(2), there).unwrap()));
        assert_eq!(take(&rooms, Some(3), there).unwrap_err(), 503);
        places.remove(0);
        places.push(take(&rooms, Some(1), there).unwrap());
        drop(places);
        assert_eq!(rooms.taken(), 0);
        assert!(rooms.lock().per_party.is_empty());
    }

    #[test]
    fn strangers_at_one_address_leave_room_for_users_there() {
        let rooms = rooms(&Guard::default());
        let _places: Vec<_> = (0..3).map(|_| take(&rooms, None, "192.0.2.7").unwrap()).collect();
        assert_eq!(take(&rooms, None, "192.0.2.7").unwrap_err(), 429);
        assert!(take(&rooms, Some(1), "192.0.2.7").is_ok());
    }

    #[test]
    fn this_machine_may_have_all_unless_its_connections_are_counted() {
        let unset = rooms(&Guard::default());
        let all: Vec<_> = (0..7).map(|_| take(&unset, None, OWN).unwrap()).collect();
        assert_eq!(all.len(), 7);
        let set =
            rooms(&Guard { connections_per_address_max: NonZero::new(9), ..Guard::default() });
        let some: Vec<_> = (0..3).map(|_| take(&set, None, OWN).unwrap()).collect();
        assert_eq!((some.len(), take(&set, None, OWN).unwrap_err()), (3, 429));
    }
}
