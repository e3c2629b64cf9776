//! The saga on a bus that doubles, delays, shuffles and loses, with the real handlers on real
//! databases. Every run prints its seed; the same seed is the same run.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test ends where it goes wrong, and says what it measured"
)]

mod refunds;
mod world;

use bakery_nats::requests::orders::Action;
use bakery_testbed::bus::Faults;
use world::World;

/// Seeds a kind of fault is tried with.
const SEEDS: u64 = 10;
/// Orders of a run.
const ORDERS: u64 = 12;

/// Runs orders through a faulty bus, then lets it heal, and checks that everything adds up.
async fn run(faults: Faults, cancels: bool) -> (usize, usize) {
    let mut world = World::new().await;
    let mut hurt = (0, 0);
    for seed in 0..SEEDS {
        world.begin(seed, faults);
        for n in 0..ORDERS {
            world.place(seed * ORDERS + n).await;
        }
        for _ in 0..ORDERS {
            world.deliver_some().await;
            if cancels {
                world.somebody(Action::Cancel).await;
            }
            world.redrive().await;
        }
        world.bus.heal();
        world.settle().await;
        world.check(&format!("seed {seed} with {faults:?}, cancels: {cancels}")).await;
        hurt = (hurt.0 + world.bus.hurt.0, hurt.1 + world.bus.hurt.1);
    }
    assert!(world.outcomes().await >= 3, "the runs did not see sold, refused and declined orders");
    hurt
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_in_any_order_do_no_harm() {
    run(Faults { shuffled: true, ..Faults::default() }, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_second_message_doubled_and_late_does_no_harm() {
    let (_, doubled) =
        run(Faults { doubled: 50, shuffled: true, ..Faults::default() }, false).await;
    assert!(doubled > 200, "only {doubled} messages were doubled");
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_messages_are_healed_by_asking_again() {
    let (lost, _) = run(Faults { lost: 30, shuffled: true, ..Faults::default() }, false).await;
    assert!(lost > 100, "only {lost} messages were lost");
}

#[tokio::test(flavor = "multi_thread")]
async fn cancels_at_any_moment_on_a_bad_bus_leave_neither_goods_nor_money_behind() {
    run(Faults { lost: 20, doubled: 30, shuffled: true }, true).await;
}

/// A run that went wrong can be looked at again, whatever the databases did beside it.
#[tokio::test(flavor = "multi_thread")]
async fn the_same_seed_is_the_same_run() {
    let mut logs = Vec::new();
    for vacuumed in [false, true] {
        let mut world = World::new().await;
        world.begin(0, Faults { lost: 20, doubled: 30, shuffled: true });
        for n in 0..ORDERS {
            world.place(n).await;
        }
        for round in 0..2 * ORDERS {
            world.deliver_some().await;
            world.somebody(Action::Cancel).await;
            if vacuumed && round.is_multiple_of(6) {
                world.vacuum().await;
            }
            world.redrive().await;
        }
        let ids: Vec<_> = world.bus.log.iter().map(|wire| wire.message_id().to_owned()).collect();
        logs.push(ids);
    }
    assert!(logs[0].len() > 100, "only {} messages", logs[0].len());
    assert_eq!(logs[0], logs[1]);
}

/// What was delivered once is delivered again when everything is over, in one go.
#[tokio::test(flavor = "multi_thread")]
async fn the_whole_log_played_again_changes_nothing() {
    let mut world = World::new().await;
    world.begin(0, Faults::default());
    for n in 0..ORDERS {
        world.place(n).await;
    }
    world.settle().await;
    world.check("first").await;
    let before = world.fingerprint().await;
    let log = world.bus.log.clone();
    world.bus.send(log);
    world.settle().await;
    world.check("again").await;
    assert_eq!(world.fingerprint().await, before);
}

/// Orders that give up while the answer is still out: the undo comes before what it undoes.
#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_gives_up_leaves_tombstones_for_what_comes_late() {
    let mut world = World::new().await;
    world.begin(0, Faults::default());
    for (n, late) in (0..).zip(["reserve", "charge"]) {
        world.place(n).await;
        let mut held = world.hold_back(late);
        while held.is_empty() {
            assert!(world.deliver_some().await, "no {late} was sent");
            held = world.hold_back(late);
        }
        world.time_is_over().await;
        world.redrive().await;
        world.settle().await;
        world.check(&format!("before the late {late}")).await;
        world.bus.send(held);
        world.settle().await;
        world.check(&format!("after the late {late}")).await;
    }
    assert_eq!(world.count("cancelled").await, 2);
}
