//! The program as a person starts it: it opens, keeps its data, refuses what cannot be, and leaves
//! nothing behind.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test ends where it goes wrong"
)]

mod program;

use program::{Program, pids_of_servers, run, run_to_end};
use serde_json::Value;
use std::time::{Duration, Instant};

/// The longest a stop may take: less than the 10 s after which a server is killed that does not end.
const STOPS_WITHIN_S: u64 = 9;

#[test]
fn it_opens_keeps_its_orders_over_a_restart_and_starts_over_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let first = Program::start(&data, &[]);
    let (status, order) = first.order_as_the_banner_says();
    assert_eq!(status, 200, "{order}");
    assert_eq!(order["status"], "confirmed");
    let path = format!("/api/v1/orders/{}", order["id"].as_str().unwrap());
    let (ada, servers) = (first.token(), pids_of_servers(&data));
    assert_eq!(servers.len(), 3, "{servers:?}");

    let begin = Instant::now();
    assert!(first.interrupt().success(), "a stop is no failure");
    assert!(begin.elapsed() < Duration::from_secs(STOPS_WITHIN_S), "{:?}", begin.elapsed());
    assert!(pids_of_servers(&data).is_empty(), "a server was left behind");

    let stranger = Program::start(&data, &[]);
    assert_eq!(stranger.get(&path).0, 404, "anybody sees it");
    let second = stranger.who_was_here(&ada);
    assert_eq!(second.get(&path).0, 200, "the order is gone after a restart");
    assert!(second.interrupt().success());
    let third = Program::start(&data, &["--fresh"]);
    assert_eq!(third.get(&path).0, 404, "the order survived --fresh");
    let third = third.who_was_here(&ada);
    assert_eq!(third.get(&path).0, 401, "the key survived --fresh");
    assert!(third.interrupt().success());
}

#[test]
fn a_second_one_on_the_same_data_and_a_port_in_use_are_one_clear_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let first = Program::start(&data, &[]);
    let (status, said) = run_to_end(&data, "127.0.0.1:0");
    assert!(!status.success());
    assert!(said.contains("another bakery runs with the data folder"), "{said}");

    let other = folder.path().join("other");
    let (status, said) = run_to_end(&other, &first.addr.to_string());
    assert!(!status.success());
    let expected = format!("bakery: cannot listen on {}: Address already in use", first.addr);
    assert!(said.contains(&expected), "{said}");
    assert!(pids_of_servers(&other).is_empty(), "a server was left behind");
    assert!(first.interrupt().success());
}

#[test]
fn a_data_folder_that_is_not_complete_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir_all(data.join("postgres")).unwrap();
    std::fs::write(data.join("postgres/half"), "made").unwrap();
    let (status, said) = run_to_end(&data, "127.0.0.1:0");
    assert!(!status.success());
    assert!(said.contains("is not a complete Postgres data folder; start with --fresh"), "{said}");
}

/// SIGKILL gives no time for a goodbye; the servers end all the same.
#[test]
fn killed_it_leaves_no_server_behind_and_the_next_one_opens() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    Program::start(&data, &[]).kill();
    let next = Program::start(&data, &[]);
    assert_eq!(next.get("/api/v1/menu").0, 200);
    assert_eq!(pids_of_servers(&data).len(), 3);
    assert!(next.interrupt().success());
    assert!(pids_of_servers(&data).is_empty());
}

/// A whole day, faster than anybody would watch it. What is sold depends on the machine; what is
/// baked, and that it adds up, does not, for as long as the ticker is not held up for 200 donuts: 12 s.
#[test]
fn a_day_is_played_to_its_end_and_its_report_adds_up() {
    let played = run(&["day", "--seconds", "40", "--customers", "200", "--seed", "7", "--json"]);
    let said = String::from_utf8_lossy(&played.stderr);
    assert!(played.status.success(), "{said}");
    let report: Value = serde_json::from_slice(&played.stdout).expect("JSON and nothing else");
    assert_eq!((&report["adds_up"], &report["closed"]), (&true.into(), &true.into()), "{report:#}");
    // Eleven hours: a donut a minute, five loaves every half hour, two cheesecakes.
    let lines = report["lines"].as_array().unwrap();
    let baked = |id: &str| {
        lines
            .iter()
            .find(|line| line["product_id"] == id)
            .map_or(Value::Null, |l| l["baked"].clone())
    };
    assert_eq!(["donut", "sourdough", "cheesecake"].map(baked), [660, 110, 2].map(Value::from));
    let totals = &report["totals"];
    assert!(totals["sold_full"].as_i64().unwrap() > 0, "nothing was sold: {totals}");
    let news = said.lines().filter(|line| line.contains(" customers: ")).count();
    assert!(news >= 3, "hardly any news of the day:\n{said}");
}

#[test]
fn a_speed_or_a_number_of_customers_that_cannot_be_is_named() {
    for (arguments, named) in [
        (["up", "--speed", "0"], "0 is not in 1..=100000"),
        (["up", "--speed", "fast"], "invalid value 'fast' for '--speed"),
        (["day", "--customers", "0"], "0 is not in 1..=20000"),
        (["day", "--seconds", "1"], "1 is not in 10..=3600"),
    ] {
        let refused = run(&arguments);
        let said = String::from_utf8_lossy(&refused.stderr);
        assert_eq!(refused.status.code(), Some(2), "{said}");
        assert!(said.contains(named), "{said}");
    }
}
