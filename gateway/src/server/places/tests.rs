//! Who gets a place, and who makes room for whom.

use super::{Limits, Place, Places};
use crate::config::Guard;
use crate::server::seat::{Doing, Times};
use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn places(max: usize, guard: &Guard) -> Arc<Places> {
    let (limits, end) = (Limits::of(guard, max), CancellationToken::new());
    Arc::new(Places::new(limits, Times::default(), end))
}

fn per_address(max: usize) -> Guard {
    Guard { connections_per_address_max: NonZeroUsize::new(max), ..Guard::default() }
}

fn take(places: &Arc<Places>, address: &str, after_s: u64) -> Option<Place> {
    places.take(ip(address), Instant::now() + Duration::from_secs(after_s))
}

fn busy(places: &Arc<Places>, address: &str) -> Place {
    let place = take(places, address, 0).unwrap();
    place.seat.begin(false);
    place
}

#[test]
fn the_quietest_makes_room_for_a_new_one() {
    let places = places(3, &Guard::default());
    let working = busy(&places, "192.0.2.1");
    let older = take(&places, "192.0.2.2", 1).unwrap();
    let younger = take(&places, "192.0.2.3", 2).unwrap();
    let new = take(&places, "192.0.2.4", 3).unwrap();
    let cut = [&working, &older, &younger, &new].map(|place| place.seat.end.is_cancelled());
    assert_eq!(cut, [false, true, false, false]);
    drop(older);
    assert_eq!(places.lock().seats.len(), 3, "a place was given back twice");
}

#[test]
fn where_all_have_a_request_in_hand_a_new_one_is_turned_away() {
    let places = places(2, &Guard::default());
    let (first, second) = (busy(&places, "192.0.2.1"), busy(&places, "192.0.2.2"));
    assert!(take(&places, "192.0.2.3", 0).is_none());
    second.seat.turn(Doing::Upgraded);
    assert!(take(&places, "192.0.2.3", 0).is_none());
    drop(first);
    assert!(take(&places, "192.0.2.3", 0).is_some());
}

#[test]
fn one_address_takes_no_more_than_its_part() {
    let places = places(100, &per_address(2));
    let kept = [busy(&places, "192.0.2.1"), busy(&places, "192.0.2.1")];
    assert!(take(&places, "192.0.2.1", 0).is_none());
    assert!(take(&places, "::ffff:192.0.2.1", 0).is_none(), "the same address in other words");
    let other = busy(&places, "192.0.2.2");
    kept[0].seat.turn(Doing::Idle);
    assert!(take(&places, "192.0.2.1", 0).is_some());
    assert!(kept[0].seat.end.is_cancelled() && !other.seat.end.is_cancelled());
    let v6 = [busy(&places, "2001:db8::1"), busy(&places, "2001:db8::2")];
    assert!(take(&places, "2001:db8::3", 0).is_none(), "a new address in the same network");
    drop(v6);
    assert_eq!(places.lock().per_network.len(), 2);
}

#[test]
fn this_machine_and_the_proxies_are_many_clients() {
    let trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
    let counted = |guard: &Guard, address: &str| {
        let places = places(300, guard);
        let room = || take(&places, address, 0).inspect(|place| place.seat.begin(false));
        let held: Vec<Place> = std::iter::from_fn(room).collect();
        held.len()
    };
    let unset = Guard { trusted_proxies, ..Guard::default() };
    assert_eq!(counted(&unset, "192.0.2.1"), 256);
    assert_eq!(counted(&unset, "10.1.2.3"), 300);
    assert_eq!(counted(&unset, "127.0.0.1"), 300);
    let set = Guard { trusted_proxies: unset.trusted_proxies, ..per_address(5) };
    assert_eq!(counted(&set, "127.0.0.1"), 5, "what is set holds for this machine as well");
    assert_eq!(counted(&set, "10.1.2.3"), 300);
}

#[test]
fn where_the_process_has_no_more_files_the_quietest_make_room() {
    let places = places(1000, &Guard::default());
    let working = busy(&places, "192.0.2.1");
    assert!(!places.shrink());
    let quiet: Vec<Place> = (0..127).map(|n| take(&places, "127.0.0.1", n).unwrap()).collect();
    assert!(places.shrink());
    let cut: Vec<bool> = quiet.iter().map(|place| place.seat.end.is_cancelled()).collect();
    assert_eq!(cut.iter().filter(|cut| **cut).count(), 3, "a part of them, and no more");
    assert!(cut[..3].iter().all(|cut| *cut), "the quietest first");
    assert!(!working.seat.end.is_cancelled());
}

#[test]
fn a_sweep_cuts_off_those_who_take_too_long() {
    let places = places(10, &Guard::default());
    let (slow, working) = (take(&places, "192.0.2.1", 0).unwrap(), busy(&places, "192.0.2.2"));
    let now = Instant::now();
    places.sweep(now + Duration::from_secs(9));
    assert!(!slow.seat.end.is_cancelled());
    places.sweep(now + Duration::from_secs(60));
    assert!(slow.seat.end.is_cancelled() && !working.seat.end.is_cancelled());
    assert_eq!(places.lock().seats.len(), 1);
}
