//! A whole day, minute by minute, at three branches of different zones, two of whose clocks are
//! changed on it: by one scheduler that dies, by two in turn, and by two at once. Each tick of the
//! plain list is in the stream once.

use crate::stream::{Shop, Stream, Tick, ids, tick};
use crate::{
    MIGRATIONS, bake, branch, branch_changed, cron, daily, hear, job, jobs, put_at, reference,
    time, with_misfire,
};
use bakery_nats::branch::Branch;
use bakery_nats::requests::scheduler::{Job, JobAction, Misfire, When};
use bakery_testbed::database;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeSet;

/// Berlin's clocks go back in this night; the other two stand for summer and winter.
const BEGIN: &str = "2026-10-24T16:00:00Z";
const MINUTES: i64 = 26 * 60;

fn branches() -> [Branch; 3] {
    [
        branch("berlin", "Europe/Berlin", daily("01:00", "24:00")),
        branch("howe", "Australia/Lord_Howe", daily("06:30", "18:00")),
        branch("york", "America/New_York", daily("07:00", "20:15")),
    ]
}

/// What a branch does besides its usual day.
fn more_jobs(of: &Branch) -> Vec<Job> {
    let bun = || bake("bun", "", 3).action;
    [
        job("buns", When::EveryS(1500), bun()),
        job("night", cron("0 30 2 * * *"), bun()),
        job("often", cron("0 */7 * * * *"), bun()),
        job("dough", When::OpeningS(-5400), JobAction::Sweep {}),
        job("clean", When::ClosingS(600), JobAction::Sweep {}),
    ]
    .map(|job| Job { branch: of.id.clone(), ..job })
    .to_vec()
}

/// Three branches whose jobs make up for all that is missed.
async fn shop() -> Shop {
    let pool = database::fresh("scheduler", MIGRATIONS).await;
    for (branch, version) in branches().into_iter().zip(1..) {
        hear(&pool, &branch_changed(version, branch), time(BEGIN)).await;
    }
    let usual = jobs(&pool).await.into_iter().map(|state| state.job);
    let more = branches().iter().flat_map(more_jobs).collect::<Vec<_>>();
    let all: Vec<Job> = usual.chain(more).map(|job| with_misfire(Misfire::All, job)).collect();
    put_at(&pool, &all, time(BEGIN)).await.unwrap();
    Shop::new(pool)
}

/// Every tick of the day, by branch, job and time.
async fn expected(shop: &Shop) -> BTreeSet<Tick> {
    let end = minute(MINUTES);
    let branches = branches();
    let mut ticks = BTreeSet::new();
    for state in jobs(&shop.pool).await {
        let Job { branch, name, when, action, .. } = state.job;
        let calendar = branches.iter().find(|of| of.id == branch).unwrap().calendar();
        let open_only = matches!(action, JobAction::Bake { .. });
        for at in reference::ticks((&when, &calendar, open_only), time(BEGIN), end) {
            ticks.insert((branch.to_string(), name.to_string(), at));
        }
    }
    ticks
}

fn minute(minute: i64) -> DateTime<Utc> {
    time(BEGIN) + TimeDelta::minutes(minute)
}

/// What is in the stream is the day, each tick under an id of its own; gives how often one of them
/// came again.
async fn assert_the_day(shop: &Shop) -> usize {
    let expected = expected(shop).await;
    assert!(expected.len() > 400, "{} ticks are no day", expected.len());
    let log = shop.stream.log.lock().unwrap();
    let found: BTreeSet<Tick> = log.iter().map(tick).collect();
    assert_eq!(found, expected);
    assert_eq!(ids(&log).len(), expected.len());
    let bytes: BTreeSet<_> = log.iter().map(|wire| (wire.message_id(), &wire.payload)).collect();
    assert_eq!(bytes.len(), expected.len(), "a tick that comes again is the same bytes");
    log.len() - expected.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scheduler_that_dies_in_the_middle_of_the_day_loses_and_doubles_nothing() {
    let shop = shop().await;
    let mut ticker = shop.ticker();
    for n in 1..=MINUTES {
        shop.set(minute(n));
        match n {
            // It has published, dies before the jobs move, and is back after half an hour.
            702 => {
                let log = shop.stream.log.clone();
                let dying = Stream { log, unsure: true, ..Stream::default() };
                assert!(shop.ticker_on(dying).round().await.is_err());
            }
            703..730 => {}
            730 => ticker = shop.ticker(),
            _ => {
                ticker.round().await.unwrap();
            }
        }
    }
    let again = assert_the_day(&shop).await;
    assert!(again > 0, "what was published before it died came again");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_schedulers_in_turn_fire_each_tick_once() {
    let shop = shop().await;
    let tickers = [shop.ticker(), shop.ticker()];
    for n in 1..=MINUTES {
        shop.set(minute(n));
        tickers[usize::try_from(n % 2).unwrap()].round().await.unwrap();
    }
    assert_eq!(assert_the_day(&shop).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_schedulers_at_once_fire_each_tick_under_one_id() {
    let shop = shop().await;
    let (one, other) = (shop.ticker(), shop.ticker());
    for n in 1..=MINUTES {
        shop.set(minute(n));
        let (first, second) = tokio::join!(one.round(), other.round());
        assert!(first.is_ok() && second.is_ok());
    }
    assert_the_day(&shop).await;
}
