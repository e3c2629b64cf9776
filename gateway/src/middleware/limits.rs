//! How much the gateway takes on: requests at once, time for each, and no panic goes further.

use crate::client::ClientAddress;
use crate::config::Guard;
use crate::problem::Problem;
use axum::extract::{Request, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use std::collections::HashMap;
use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Requests at the same time; more are refused at once.
const REQUESTS_MAX: usize = 1024;
/// So many of them from one address, if nothing else is said: a request whose body does not come, or that
/// waits for an order, holds its place for seconds.
const PER_ADDRESS_MAX: usize = 64;
/// Longer than the longest wait for an order with its last reading.
const REQUEST_TIMEOUT_S: u64 = 30;

/// The room for requests.
#[derive(Debug)]
pub(crate) struct Room {
    max: usize,
    per_address_max: usize,
    /// This machine may have all.
    own_free: bool,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    per_address: HashMap<IpAddr, usize>,
}

/// A request's place, free again when this is dropped.
struct Place<'r> {
    room: &'r Room,
    address: IpAddr,
}

impl Room {
    /// By the configuration.
    pub(crate) fn new(guard: &Guard) -> Self {
        Self::of(REQUESTS_MAX, guard)
    }

    fn of(max: usize, guard: &Guard) -> Self {
        let per_address = guard.requests_per_address_max;
        Self {
            max,
            per_address_max: per_address.map_or(PER_ADDRESS_MAX, NonZeroUsize::get),
            own_free: per_address.is_none(),
            taken: Mutex::default(),
        }
    }

    fn take(&self, client: ClientAddress) -> Result<Place<'_>, Problem> {
        let mut taken = self.lock();
        if taken.all >= self.max {
            let detail = "the gateway has too much to do; try again";
            return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "overloaded", detail));
        }
        let address = client.network();
        let of_one = taken.per_address.entry(address).or_default();
        if *of_one >= self.per_address_max && !(self.own_free && client.is_own) {
            let max = self.per_address_max;
            let detail = format!("your address has {max} requests under way; wait for an answer");
            let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_at_once", detail);
            return Err(problem.with(RETRY_AFTER, HeaderValue::from_static("1")));
        }
        *of_one += 1;
        taken.all += 1;
        Ok(Place { room: self, address })
    }

    /// No code panics while it holds the lock.
    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut taken = self.room.lock();
        taken.all -= 1;
        let left = taken.per_address.get_mut(&self.address).map(|of_one| {
            *of_one -= 1;
            *of_one
        });
        if left == Some(0) {
            taken.per_address.remove(&self.address);
        }
    }
}

/// Bounds one request.
pub(crate) async fn limits(
    State(room): State<Arc<Room>>,
    request: Request,
    next: Next,
) -> Response {
    let client = request.extensions().get().copied().unwrap_or(ClientAddress::UNKNOWN);
    let _place = match room.take(client) {
        Ok(place) => place,
        Err(problem) => return problem.into_response(),
    };
    // What requests share are locks, and whoever takes one copes with a panic under it.
    let answer = AssertUnwindSafe(next.run(request)).catch_unwind();
    match tokio::time::timeout(Duration::from_secs(REQUEST_TIMEOUT_S), answer).await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => {
            tracing::error!("a request panicked; the panic is above");
            Problem::internal().into_response()
        }
        Err(_) => {
            let detail = format!("there was no answer within {REQUEST_TIMEOUT_S} s; try again");
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "timeout", detail).into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{PER_ADDRESS_MAX, REQUEST_TIMEOUT_S, Room, limits};
    use crate::client::ClientAddress;
    use crate::config::Guard;
    use axum::body::Body;
    use axum::http::{HeaderMap, Request};
    use axum::middleware::from_fn_with_state;
    use axum::response::Response;
    use axum::{Router, routing::get};
    use std::num::NonZeroUsize;
    use std::sync::Arc;
    use std::time::Duration;
    use tower::ServiceExt;

    async fn ask(router: &Router, path: &str) -> Response {
        let request = Request::get(path).body(Body::empty()).unwrap();
        router.clone().oneshot(request).await.unwrap()
    }

    fn room(max: usize, per_address: Option<usize>) -> Room {
        let requests_per_address_max = per_address.and_then(NonZeroUsize::new);
        Room::of(max, &Guard { requests_per_address_max, ..Guard::default() })
    }

    fn router(room: usize) -> Router {
        let slow = async || tokio::time::sleep(Duration::from_secs(REQUEST_TIMEOUT_S * 2)).await;
        let broken = async || -> () { panic!("on purpose") };
        Router::new()
            .route("/slow", get(slow))
            .route("/broken", get(broken))
            .layer(from_fn_with_state(Arc::new(self::room(room, None)), limits))
    }

    fn assert_problem(response: &Response, status: u16) {
        assert_eq!(response.status(), status);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
    }

    #[tokio::test(start_paused = true)]
    async fn slowness_and_panics_end_as_problems() {
        let router = router(1);
        assert_problem(&ask(&router, "/slow").await, 503);
        assert_problem(&ask(&router, "/broken").await, 500);
        assert_problem(&ask(&router, "/broken").await, 500);
    }

    #[test]
    fn one_address_takes_no_more_than_its_part_and_leaves_nothing_behind() {
        let room = room(4, Some(2));
        let client = |ip: &str| ClientAddress::of(ip.parse().unwrap(), &HeaderMap::new(), &[]);
        let take = |ip: &str| room.take(client(ip)).map_err(|problem| problem.status().as_u16());
        let places = [take("192.0.2.7").unwrap(), take("192.0.2.7").unwrap()];
        assert_eq!(take("192.0.2.7").err(), Some(429));
        let others = [take("2001:db8::1").unwrap(), take("2001:db8::2").unwrap()];
        assert_eq!(take("198.51.100.1").err(), Some(503));
        drop(others);
        assert_eq!(take("192.0.2.7").err(), Some(429), "the places of others are not its own");
        drop(places);
        assert_eq!(room.lock().all, 0);
        assert!(room.lock().per_address.is_empty());
    }

    #[test]
    fn this_machine_may_have_all_unless_it_is_told_how_many() {
        let own = ClientAddress::of([127, 0, 0, 1].into(), &HeaderMap::new(), &[]);
        let (unset, set) = (room(PER_ADDRESS_MAX + 1, None), room(9, Some(1)));
        let all: Vec<_> = (0..=PER_ADDRESS_MAX).map(|_| unset.take(own).unwrap()).collect();
        assert_eq!(unset.take(own).err().map(|problem| problem.status().as_u16()), Some(503));
        let one = set.take(own).unwrap();
        assert_eq!(set.take(own).err().map(|problem| problem.status().as_u16()), Some(429));
        drop((all, one));
    }

    #[tokio::test(start_paused = true)]
    async fn too_many_at_once_are_refused_at_once() {
        let router = router(1);
        let second = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            tokio::time::timeout(Duration::from_millis(1), ask(&router, "/slow")).await.unwrap()
        };
        let (_, refused) = tokio::join!(ask(&router, "/slow"), second);
        assert_problem(&refused, 503);
        assert_eq!(refused.headers()["retry-after"], "1");
    }
}
