//! Good jobs of every kind, and every way to get one wrong.

use super::JobsBody;
use crate::input::{parse, tests};
use bakery_nats::refusal::Refusal;
use bakery_nats::requests::scheduler::PutJobs;
use serde_json::{Value, json};

fn job() -> Value {
    json!({
        "branch": "main",
        "name": "bake-donut",
        "when": {"every_s": 1200},
        "action": {"bake": {"product_id": "donut", "quantity": 12}},
    })
}

/// The good job with one field set (or, where it is null, taken out).
fn with(name: &str, value: Value) -> Value {
    tests::with(job(), &format!("/{name}"), value)
}

fn read(jobs: &Value) -> Result<PutJobs, Refusal> {
    let body = json!({"jobs": jobs});
    parse::<JobsBody>(body.to_string().as_bytes())?.read()
}

fn wrong_fields(jobs: &Value) -> Vec<String> {
    tests::wrong_fields(read(jobs))
}

#[test]
fn jobs_of_every_kind_are_read() {
    let mut jobs = Vec::new();
    for when in [
        json!({"cron": "0 */15 * * * *"}),
        json!({"every_s": 86_400}),
        json!({"opening_s": -900}),
        json!({"closing_s": 0}),
    ] {
        jobs.push(with("when", when));
    }
    for name in ["sweep", "open", "discount", "close"] {
        jobs.push(with("action", json!({name: {}})));
    }
    for misfire in ["once", "all", "skip"] {
        jobs.push(with("misfire", json!(misfire)));
    }
    jobs.push(with("paused", json!(true)));
    for job in &mut jobs {
        if job.get("paused").is_none() {
            job["paused"] = json!(false);
        }
    }
    let put = read(&json!(jobs)).unwrap();
    assert_eq!(serde_json::to_value(put).unwrap(), json!({"jobs": jobs}));
    assert!(read(&json!([job()])).unwrap().jobs[0].misfire.is_none());
    // The scheduler knows better what is wrong with these.
    assert!(read(&json!([])).is_ok() && read(&json!([job(), job()])).is_ok());
    assert!(read(&json!([with("when", json!({"cron": "never"}))])).is_ok());
}

#[test]
fn a_wrong_field_is_named() {
    let bake = |name: &str, value: Value| with(&format!("action/bake/{name}"), value);
    let cases = [
        (json!(["main", "sweep"]), "jobs[1]"),
        (with("branch", json!("Main")), "jobs[1].branch"),
        (with("name", json!(null)), "jobs[1].name"),
        (with("when", json!(null)), "jobs[1].when"),
        (with("when", json!({})), "jobs[1].when"),
        (with("when", json!("daily")), "jobs[1].when"),
        (with("when", json!({"cron": "* * * * * *", "every_s": 5})), "jobs[1].when"),
        (with("when", json!({"hourly": 1})), "jobs[1].when.hourly"),
        (with("when", json!({"cron": 5})), "jobs[1].when.cron"),
        (with("when", json!({"every_s": 0})), "jobs[1].when.every_s"),
        (with("when", json!({"every_s": 86_401})), "jobs[1].when.every_s"),
        (with("when", json!({"opening_s": 0.5})), "jobs[1].when.opening_s"),
        (with("when", json!({"closing_s": 2_147_483_648_i64})), "jobs[1].when.closing_s"),
        (with("action", json!(null)), "jobs[1].action"),
        (with("action", json!({})), "jobs[1].action"),
        (with("action", json!("sweep")), "jobs[1].action"),
        (with("action", json!({"sweep": {}, "open": {}})), "jobs[1].action"),
        (with("action", json!({"bake": {}, "open": {}})), "jobs[1].action"),
        (with("action", json!({"sweep": []})), "jobs[1].action.sweep"),
        (with("action", json!({"sweep": {"all": true}})), "jobs[1].action.sweep.all"),
        (with("action", json!({"fry": {}})), "jobs[1].action.fry"),
        (with("action", json!({"bake": ["donut", 1]})), "jobs[1].action.bake"),
        (bake("product_id", json!("Donut")), "jobs[1].action.bake.product_id"),
        (bake("quantity", json!(0)), "jobs[1].action.bake.quantity"),
        (bake("quantity", json!(10_001)), "jobs[1].action.bake.quantity"),
        (with("misfire", json!("twice")), "jobs[1].misfire"),
        (with("paused", json!("no")), "jobs[1].paused"),
        (with("cron", json!("* * * * * *")), "jobs[1].cron"),
    ];
    for (wrong, field) in cases {
        assert_eq!(wrong_fields(&json!([job(), wrong])), [field], "{wrong}");
    }
}

#[test]
fn one_answer_names_everything() {
    let jobs = json!([
        {},
        {"branch": "-", "name": "a", "when": {"every_s": -1}, "misfire": "",
            "action": {"bake": {}}},
    ]);
    let fields = [
        "jobs[0].branch",
        "jobs[0].name",
        "jobs[0].when",
        "jobs[0].action",
        "jobs[1].branch",
        "jobs[1].when.every_s",
        "jobs[1].action.bake.product_id",
        "jobs[1].action.bake.quantity",
        "jobs[1].misfire",
    ];
    assert_eq!(wrong_fields(&jobs), fields);
}
