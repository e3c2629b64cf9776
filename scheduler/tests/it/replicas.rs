//! Any number of schedulers that die and come back: a model of their rounds over one job, against
//! the plain list of its ticks.

use crate::calendars::{calendars, whens};
use crate::reference;
use crate::ticks::gate;
use bakery_nats::requests::scheduler::Misfire;
use bakery_scheduler::schedule::{Due, Rhythm, Timing, due};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeSet;

const REPLICAS: usize = 3;

/// What one of the schedulers does.
#[derive(Clone, Copy, Debug)]
enum Act {
    /// It looks what is due.
    Look,
    /// It publishes what it saw.
    Publish,
    /// It moves the job on, if nobody else has.
    Move,
    /// It dies, and knows nothing when it is back.
    Die,
}

/// One of the schedulers, how much later than the act before, and what it does.
fn acts() -> impl Strategy<Value = Vec<(usize, f64, Act)>> {
    let act = prop_oneof![
        4 => Just(Act::Look), 4 => Just(Act::Publish), 4 => Just(Act::Move), 1 => Just(Act::Die),
    ];
    vec((0..REPLICAS, 0.0..0.1, act), 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..Default::default() })]

    #[test]
    fn every_tick_is_fired_once_whoever_dies_and_whoever_is_slow(
        when in whens(), (calendar, begin) in calendars(), open_only: bool,
        acts in acts(),
    ) {
        let timing = Timing::read(&when).unwrap();
        let rhythm = Rhythm { timing: &timing, calendar: &calendar, gate: gate(open_only) };
        let (all, end) = reference::some((&when, &calendar, open_only), begin);
        let look = |from, now| due(&rhythm, Misfire::All, from, now);
        let mut row = rhythm.next_after(begin);
        let mut seen: [Option<(DateTime<Utc>, Due, bool)>; REPLICAS] = Default::default();
        // By its id, as the stream and its consumers know it.
        let mut stream = BTreeSet::new();
        let mut now = begin;
        for (replica, later, act) in acts {
            let mine = &mut seen[replica];
            let ms = (end - begin).num_milliseconds();
            #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a place")]
            let later = TimeDelta::milliseconds((ms as f64 * later) as i64);
            now = end.min(now + later);
            match (act, mine.as_mut()) {
                (Act::Look, _) => *mine = row.map(|from| (from, look(from, now), false)),
                (Act::Publish, Some((_, due, published))) => {
                    stream.extend(due.ticks.iter().copied());
                    *published = true;
                }
                (Act::Move, Some((from, due, true))) => {
                    if row == Some(*from) {
                        row = due.next_at;
                    }
                    *mine = None;
                }
                (Act::Die, _) => *mine = None,
                (Act::Publish | Act::Move, _) => {}
            }
        }
        if let Some(from) = row {
            stream.extend(look(from, end).ticks);
        }
        prop_assert_eq!(stream.into_iter().collect::<Vec<_>>(), all);
    }
}
