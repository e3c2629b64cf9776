//! Every pair of state and event, against a table a person can read; and what must hold for all.

use super::{Ask, Event, State, Step};
use std::collections::{HashSet, VecDeque};
use std::fmt::Write;

const EVENTS: [Event; 13] = [
    Event::Reserved,
    Event::ReserveRefused,
    Event::Charged,
    Event::Declined,
    Event::Sold,
    Event::Released,
    Event::Refunded,
    Event::Restocked,
    Event::TimedOut,
    Event::Cancel,
    Event::Start,
    Event::Ready,
    Event::Serve,
];

/// The table as the code has it: one line a state, only what is not impossible.
fn table() -> String {
    let mut text = String::new();
    for state in State::ALL {
        writeln!(text, "{} ({})", state.as_str(), state.status()).unwrap();
        for event in EVENTS {
            match state.step(event) {
                Step::To(next) => writeln!(text, "    {event:?} -> {}", next.as_str()).unwrap(),
                Step::Late => writeln!(text, "    {event:?}: late").unwrap(),
                Step::Impossible => {}
            }
        }
    }
    text
}

#[test]
fn every_pair_of_state_and_event_is_as_written_in_the_table() {
    let expected = include_str!("table.txt");
    assert!(table() == expected, "the saga is now:\n{}", table());
}

#[test]
fn every_state_is_reached_and_stored_under_a_name_of_its_own() {
    let mut reached = HashSet::from([State::Placed]);
    let mut queue = VecDeque::from([State::Placed]);
    while let Some(state) = queue.pop_front() {
        for event in EVENTS {
            if let Step::To(next) = state.step(event)
                && reached.insert(next)
            {
                queue.push_back(next);
            }
        }
    }
    assert_eq!(reached, State::ALL.into_iter().collect());
    let names: HashSet<&str> = State::ALL.iter().map(|state| state.as_str()).collect();
    assert_eq!(names.len(), State::ALL.len());
    for state in State::ALL {
        assert_eq!(state.as_str().parse(), Ok(state));
    }
}

#[test]
fn nothing_leaves_a_final_state_and_every_other_waits_for_somebody() {
    for state in State::ALL {
        let is_final =
            matches!(state, State::Served | State::Rejected | State::Declined | State::Cancelled);
        let moves = EVENTS.iter().any(|event| matches!(state.step(*event), Step::To(_)));
        assert_eq!(moves, !is_final, "{state:?}");
        let waits_for_people = matches!(state, State::Confirmed | State::Preparing | State::Ready);
        assert_eq!(state.asks().is_empty(), is_final || waits_for_people, "{state:?}");
    }
}

/// R7: once the bank has taken the money, no path releases the units; and a path that gives up
/// always undoes both.
#[test]
fn after_the_charge_it_only_goes_forward() {
    let mut queue = VecDeque::from([State::Charged]);
    let mut seen = HashSet::new();
    while let Some(state) = queue.pop_front() {
        if !seen.insert(state) {
            continue;
        }
        assert!(!state.asks().contains(&Ask::Release), "{state:?} releases sold units");
        for event in EVENTS {
            if let Step::To(next) = state.step(event) {
                queue.push_back(next);
            }
        }
    }
    for start in [State::Placed, State::Reserved] {
        let Step::To(giving_up) = start.step(Event::TimedOut) else { panic!("{start:?} stays") };
        assert_eq!(giving_up.asks(), [Ask::Release, Ask::Refund]);
    }
}
