//! A day of three branches in three time zones by a fast clock: two schedulers, each killed in
//! turn, customers all the while, and at the end a report that adds up to the unit.

use crate::processes::Processes;
use crate::shop::{Counter, Ground, answer, answer_once, order_id};
use bakery_chassis::clock::{Anchor, CLOCK_FILE};
use bakery_nats::ask::ask_patiently;
use bakery_nats::calendar::{Calendar, OpeningHours, Span};
use bakery_nats::connect::Bus;
use bakery_nats::messages::inventory::Production;
use bakery_nats::money::{Currency, Money};
use bakery_nats::requests::inventory::{ListProducts, NewProduct, PutBranch};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// An hour of the shop's is two seconds of ours.
const SPEED: u32 = 1800;
/// Clocks change in New York on this day: its night has an hour more.
const DATE: &str = "2026-11-01";
const DONUT_EVERY_S: i64 = 300;
const BREAD_EVERY_S: i64 = 1800;
/// From one round of customers to the next, from one kill to the next, and how long nobody says
/// ticks: this is what is done to the bakery, nothing waits for it.
const SHOPPING_PAUSE_MS: u64 = 40;
const KILL_PAUSE_MS: u64 = 2500;
const BOTH_DOWN_MS: u64 = 1500;
/// Even on a machine that has much else to do; a quiet one sees some hundreds.
const ORDERS_MIN: usize = 30;
/// Where nobody buys shortly before closing: from before the last loaves come until they are thrown out.
const LEFT_ALONE: &str = "tokyo";
const LEFT_ALONE_FOR: TimeDelta = TimeDelta::minutes(35);
/// Opening, discount, sweep, closing, and one for each of two products.
const JOBS_OF_A_BRANCH: usize = 6;
/// How long the last messages and orders may take.
const SETTLES_WITHIN_S: u64 = 40;

/// Branch, zone, opening, closing, currency.
const BRANCHES: [(&str, &str, &str, &str, &str); 3] = [
    ("tokyo", "Asia/Tokyo", "07:00", "18:00", "JPY"),
    ("berlin", "Europe/Berlin", "06:30", "18:30", "EUR"),
    ("brooklyn", "America/New_York", "00:00", "16:00", "USD"),
];

fn branch((id, zone, open, close, currency): (&str, &str, &str, &str, &str)) -> PutBranch {
    let span = Span { open: open.parse().unwrap(), close: close.parse().unwrap() };
    PutBranch {
        id: id.parse().unwrap(),
        name: format!("Bakery of {id}"),
        address: String::new(),
        time_zone: zone.parse().unwrap(),
        hours: OpeningHours::daily(span),
        currency: Currency::try_from(currency.to_owned()).unwrap(),
    }
}

fn menu(branch: &PutBranch) -> ListProducts {
    let product = |id: &str, every_s: i64, batch, shelf_life_s, discount_percent| NewProduct {
        id: id.parse().unwrap(),
        name: id.to_owned(),
        description: String::new(),
        price: Money { amount: 100, currency: branch.currency.clone() },
        image: String::new(),
        shelf_life_s,
        discount_percent,
        production: Some(Production { every_s: i32::try_from(every_s).unwrap(), batch }),
    };
    let products = vec![
        product("donut", DONUT_EVERY_S, 1, 1500, 50),
        product("bread", BREAD_EVERY_S, 5, 86_400, 30),
    ];
    ListProducts { branch: branch.id.clone(), products }
}

fn calendar(branch: &PutBranch) -> Calendar {
    Calendar { time_zone: branch.time_zone, hours: branch.hours }
}

/// Everything every branch sells.
async fn fill(bus: &Bus, branches: &[PutBranch]) {
    for branch in branches {
        ask_patiently(&bus.client, branch).await.expect("a branch");
        ask_patiently(&bus.client, &menu(branch)).await.expect("a menu");
    }
}

/// Customers at every branch until the clock shows `end`; the orders that were accepted.
async fn buy(
    counter: &Counter,
    branches: &[PutBranch],
    clock: impl Fn() -> DateTime<Utc>,
    end: DateTime<Utc>,
) -> Vec<Uuid> {
    let mut accepted = Vec::new();
    let mut turn = 0_u64;
    while clock() < end {
        turn += 1;
        for (n, branch) in (0..).zip(branches) {
            if stays_away(branch, clock()) {
                continue;
            }
            let product = if turn.is_multiple_of(3) { "donut" } else { "bread" };
            let wish = json!({
                "branch": branch.id,
                "customer": {"name": "Ada"},
                "items": [{"product_id": product, "quantity": 1 + (turn + n) % 3}],
            });
            let request = counter.post_as(n, "/orders").json(&wish);
            let request = request.header("Idempotency-Key", format!("order-{turn}-{n}"));
            let (status, body) = answer(request).await;
            match status {
                202 => accepted.push(order_id(&body)),
                409 => assert_eq!(body["code"], "branch_closed", "{body}"),
                _ => panic!("{status} {body}"),
            }
        }
        // Some think better of it; the kitchen may not have begun, so it is allowed.
        if let Some(order) =
            accepted.get(accepted.len().wrapping_sub(9)).filter(|_| turn.is_multiple_of(5))
        {
            let request = counter.post(&format!("/orders/{order}/cancel"));
            let (status, body) = answer(request).await;
            assert!(status == 200 || status == 202 || status == 409, "{status} {body}");
        }
        tokio::time::sleep(Duration::from_millis(SHOPPING_PAUSE_MS)).await;
    }
    accepted
}

/// Kills the two schedulers in turn, and both at once in the middle.
async fn kill_schedulers(processes: &mut Processes) -> u32 {
    let mut kills = 0;
    for round in 0..7 {
        tokio::time::sleep(Duration::from_millis(KILL_PAUSE_MS)).await;
        if round == 3 {
            processes.kill("scheduler");
            processes.kill("scheduler-2");
            kills += 2;
            tokio::time::sleep(Duration::from_millis(BOTH_DOWN_MS)).await;
            processes.revive("scheduler");
            processes.start_as("scheduler-2", "scheduler");
        } else {
            let name = if round % 2 == 0 { "scheduler" } else { "scheduler-2" };
            processes.kill(name);
            processes.start_as(name, "scheduler");
            kills += 1;
        }
    }
    kills
}

/// Waits until the scheduler has heard of everything. What it has in hand when it is killed comes again
/// after half a minute, which is most of the day.
async fn all_have_jobs(counter: &Counter, branches: &[PutBranch]) {
    let begin = Instant::now();
    for branch in branches {
        loop {
            let jobs = counter.read(&format!("/admin/jobs?branch={}", branch.id)).await;
            if jobs["jobs"].as_array().is_some_and(|jobs| jobs.len() == JOBS_OF_A_BRANCH) {
                break;
            }
            assert!(begin.elapsed() < Duration::from_secs(SETTLES_WITHIN_S), "{jobs:#}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// The report of a branch once it is closed and nothing is under way.
async fn report(counter: &Counter, branch: &PutBranch, date: NaiveDate) -> Value {
    let path = format!("/admin/reports/{}/{date}", branch.id);
    let begin = Instant::now();
    loop {
        let (status, report) = answer_once(counter.get(&path)).await;
        assert!(status == 200 || status == 503, "{status} {report}");
        let quiet = report["totals"]["reserved"] == 0 && report["orders"]["open"] == 0;
        if report["closed"] == true && quiet {
            return report;
        }
        assert!(begin.elapsed() < Duration::from_secs(SETTLES_WITHIN_S), "{report:#}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

fn line<'r>(report: &'r Value, product: &str) -> &'r Value {
    let lines = report["lines"].as_array().unwrap();
    lines.iter().find(|line| line["product_id"] == product).unwrap()
}

/// The customers of one branch stay away at the end of the day, so that its last loaves are thrown out however
/// fast the machine serves.
fn stays_away(branch: &PutBranch, now: DateTime<Utc>) -> bool {
    let calendar = calendar(branch);
    let Some(closing) = calendar.closing(calendar.local_date(now)) else { return false };
    branch.id.as_str() == LEFT_ALONE && (closing - LEFT_ALONE_FOR..closing).contains(&now)
}

/// Batches from opening to just before closing.
fn batches(branch: &PutBranch, date: NaiveDate, every_s: i64) -> i64 {
    let calendar = calendar(branch);
    let open_s = (calendar.closing(date).unwrap() - calendar.opening(date).unwrap()).num_seconds();
    (open_s + every_s - 1) / every_s
}

#[tokio::test(flavor = "multi_thread")]
async fn three_branches_two_schedulers_that_are_killed_and_every_unit_accounted_for() {
    let date: NaiveDate = DATE.parse().unwrap();
    let branches = BRANCHES.map(branch);
    let opening = branches.iter().filter_map(|b| calendar(b).opening(date)).min().unwrap();
    let closing = branches.iter().filter_map(|b| calendar(b).closing(date)).max().unwrap();
    // The services need a while to start.
    let (begin, end) = (opening - TimeDelta::hours(6), closing + TimeDelta::minutes(30));

    let ground = Ground::new().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("clock.json");
    // The services start on a clock that goes on at our speed, and are started again on the fast
    // one when the branches are there: everything they knew is in their databases.
    Anchor::now(begin - TimeDelta::hours(1), 1).store(&file).unwrap();
    let clock_file = file.to_str().unwrap().to_owned();
    let more = [(CLOCK_FILE, clock_file), ("TICK_PERIOD_MS", "20".to_owned())];
    let mut processes = Processes::start_with(&ground, &more).await;
    fill(&ground.bus().await, &branches).await;
    let purse = |branch: &PutBranch| Money { amount: 1_000_000, currency: branch.currency.clone() };
    let purses = (0..).zip(branches.iter().map(purse)).collect();
    let counter = Counter::with(processes.http, &ground.bus().await, purses).await;
    all_have_jobs(&counter, &branches).await;
    let anchor = Anchor::now(begin, SPEED);
    anchor.store(&file).unwrap();
    for role in crate::shop::roles() {
        processes.restart(role);
    }
    processes.start_as("scheduler-2", "scheduler");
    bakery::up::ready(&ground.site).await.expect("ready");

    let clock = anchor.clock();
    let (accepted, kills) =
        tokio::join!(buy(&counter, &branches, &*clock, end), kill_schedulers(&mut processes));
    ground.settle(&accepted).await;
    let mut thrown = 0;
    for branch in &branches {
        let report = report(&counter, branch, date).await;
        println!("{}: {}", branch.id, report["totals"]);
        assert_eq!(report["adds_up"], true, "{report:#}");
        let donuts = batches(branch, date, DONUT_EVERY_S);
        assert_eq!(line(&report, "donut")["baked"], donuts, "{}: {report:#}", branch.id);
        let breads = 5 * batches(branch, date, BREAD_EVERY_S);
        assert_eq!(line(&report, "bread")["baked"], breads, "{}: {report:#}", branch.id);
        let totals = &report["totals"];
        assert_eq!((&totals["free"], &totals["reserved"]), (&0.into(), &0.into()));
        thrown += totals["thrown"].as_i64().unwrap();
        for figure in ["sold_full", "takings"] {
            assert!(totals[figure].as_i64().unwrap() > 0, "no {figure} at {}", branch.id);
        }
    }
    println!("{} orders, {kills} schedulers killed", accepted.len());
    assert!(thrown > 0, "nothing was thrown out anywhere");
    assert!(accepted.len() >= ORDERS_MIN, "hardly anybody came");
}
