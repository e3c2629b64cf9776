//! The hub: who hears what, who is cut off, and what is left when they have gone.

use super::{Hub, Said};
use crate::live::cut::{Cut, Why};
use crate::live::event::{Entry, Shown, Topic};
use bakery_nats::messages::orders::{OrderChanged, Status};
use serde_json::json;
use std::sync::Arc;
use uuid::Uuid;

fn display() -> Topic {
    Topic::Display("main".parse().unwrap())
}

fn ready(sequence: u64) -> Entry {
    let changed: OrderChanged = serde_json::from_value(json!({
        "order_id": Uuid::from_u128(7), "number": "007", "status": Status::Ready, "version": 5,
        "account_id": Uuid::from_u128(9), "lines": [], "total": null, "currency": null,
        "reason": null,
    }))
    .unwrap();
    Entry::order(sequence, "main".parse().unwrap(), &changed, None)
}

fn sequence(said: Said) -> u64 {
    match said {
        Said::Entry(entry) => entry.sequence,
        Said::Shown(shown) => panic!("{shown:?}"),
    }
}

#[tokio::test]
async fn nothing_is_lost_or_doubled_between_what_was_missed_and_what_comes() {
    let hub = Arc::new(Hub::default());
    hub.restart(5);
    (6..9).for_each(|sequence| hub.say(ready(sequence)));
    let cut = Arc::new(Cut::default());
    let (mut seat, missed) = hub.join(&display(), 6, 4, &cut).unwrap();
    hub.say(ready(9));
    let missed: Vec<u64> = missed.iter().map(|entry| entry.sequence).collect();
    assert_eq!((missed.as_slice(), hub.last()), (&[7, 8][..], 9));
    assert_eq!(sequence(seat.queue.recv().await.unwrap()), 9);
    assert!(hub.join(&display(), 4, 4, &cut).is_none(), "what came after 4 is not known");
}

#[tokio::test]
async fn who_does_not_keep_up_is_cut_off_and_nobody_else() {
    let hub = Arc::new(Hub::default());
    let (slow, quick) = (Arc::new(Cut::default()), Arc::new(Cut::default()));
    let (_slow_seat, _) = hub.join_now(&display(), 2, &slow);
    let (mut quick_seat, _) = hub.join_now(&display(), 2, &quick);
    for sequence_of in 1..=5 {
        hub.say(ready(sequence_of));
        assert_eq!(sequence(quick_seat.queue.recv().await.unwrap()), sequence_of);
    }
    assert_eq!(slow.ended().await, Why::Slow);
    assert_eq!(hub.lock().listeners[&display()].len(), 1);
    drop(quick_seat);
    assert!(hub.lock().listeners.is_empty());
}

#[tokio::test]
async fn after_something_was_missed_everybody_has_to_look_anew() {
    let hub = Arc::new(Hub::default());
    let cut = Arc::new(Cut::default());
    let (mut seat, _) = hub.join_now(&display(), 2, &cut);
    hub.say(ready(1));
    hub.restart(9);
    assert_eq!(sequence(seat.queue.recv().await.unwrap()), 1);
    assert!(seat.queue.recv().await.is_none());
    assert!(hub.join(&display(), 1, 2, &cut).is_none());
    assert!(hub.join(&display(), 9, 2, &cut).is_some());
}

#[test]
fn only_shelves_that_are_looked_at_are_remembered() {
    let hub = Arc::new(Hub::default());
    hub.say(Entry::shelf(1, "main".parse().unwrap()));
    let shelf = Topic::Shelf("main".parse().unwrap());
    let (_seat, _) = hub.join_now(&shelf, 2, &Arc::new(Cut::default()));
    assert_eq!(hub.shelves(), [("main".parse().unwrap(), false)]);
    hub.say(Entry::shelf(2, "main".parse().unwrap()));
    hub.say(Entry::shelf(3, "north".parse().unwrap()));
    assert_eq!(hub.shelves(), [("main".parse().unwrap(), true)]);
    assert_eq!(hub.shelves(), [("main".parse().unwrap(), false)]);
    hub.show(&shelf, Shown::new(3, "product", "{}"));
}
