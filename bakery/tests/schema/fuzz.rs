//! Requests made from the document, good and bad ones: by nobody, by a customer, by the operator.

use crate::demo::Demo;
use crate::python::{self, Venv};
use std::process::Stdio;
use std::time::{Duration, Instant};

/// Says how many examples are made for an operation; `SCHEMATHESIS_EXAMPLES=200` is thorough.
const EXAMPLES: &str = "SCHEMATHESIS_EXAMPLES";
const EXAMPLES_DEFAULT: &str = "10";
/// Says which ones: the same number makes the same requests, and any other makes others.
const SEED: &str = "SCHEMATHESIS_SEED";
const SEED_DEFAULT: &str = "1";
/// One: Python 3.11 loses count of its own depth where two threads read source code at once.
const WORKERS: &str = "1";
/// The longest that one user's run may take for each example.
const RUN_PER_EXAMPLE_S: u64 = 4;
/// What the requests that are always made may take.
const RUN_TIMEOUT_S: u64 = 300;
/// It would end the session that the rest is asked with; nobody and the examples try it.
const SIGN_OUT: &str = "delete-sessions-current";
/// What has no end cannot be read to it; the gateway's own tests look on (`router/tests/live`).
const LIVE: &str = "Live";
/// Lines of the end of its output: findings stand before the summary.
const SHOWN_LINES_MAX: usize = 400;

#[tokio::test(flavor = "multi_thread")]
async fn requests_made_from_the_document_find_nothing_that_it_does_not_say() {
    let venv = match python::venv() {
        Ok(venv) => venv,
        Err(reason) => {
            println!("skipped: {reason}");
            return;
        }
    };
    let (examples, seed) = (asked_for(EXAMPLES, EXAMPLES_DEFAULT), asked_for(SEED, SEED_DEFAULT));
    println!("{examples} examples an operation; {EXAMPLES}=200 is thorough");
    println!("the seed is {seed}; another {SEED} makes other requests");
    // Webhooks are off, so that no address that is made up is ever called.
    let demo = Demo::start(&[]);
    let users = [
        ("nobody", None),
        ("a customer", Some(demo.guest().await)),
        ("the operator", Some(demo.staff("operator").await)),
    ];
    let mut wrong = Vec::new();
    for (user, token) in users {
        if !run(&venv, &demo, (user, token.as_deref()), (&examples, &seed)).await {
            wrong.push(user);
        }
    }
    assert!(wrong.is_empty(), "findings as {wrong:?}");
}

#[expect(clippy::disallowed_methods, reason = "a test is asked for more by its environment")]
fn asked_for(name: &str, usual: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| usual.to_owned())
}

/// Whether a run as this user, of so many examples by this seed, found nothing.
async fn run(
    venv: &Venv,
    demo: &Demo,
    (user, token): (&str, Option<&str>),
    (examples, seed): (&str, &str),
) -> bool {
    let folder = tempfile::tempdir().expect("a folder");
    let config = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/schema/schemathesis.toml");
    let mut program = venv.program("st");
    program.args(["--config-file", config, "run"]).arg(format!("{}/openapi.json", demo.origin));
    program.args(["--max-examples", examples, "--workers", WORKERS, "--continue-on-failure"]);
    program.args(["--seed", seed, "--no-color", "--warnings", "off", "--exclude-tag", LIVE]);
    if let Some(token) = token {
        program.args(["--exclude-operation-id", SIGN_OUT]);
        program.args(["--header", &format!("Authorization: Bearer {token}")]);
    }
    let output = folder.path().join("output");
    let file = std::fs::File::create(&output).expect("a file");
    program.current_dir(folder.path()).stdin(Stdio::null()).stdout(file).stderr(Stdio::null());
    let (begin, mut child) = (Instant::now(), program.spawn().expect("it starts"));
    let count: u64 = examples.parse().expect("a number of examples");
    let limit = Duration::from_secs(RUN_TIMEOUT_S + count * RUN_PER_EXAMPLE_S);
    let status = loop {
        match child.try_wait().expect("a process") {
            Some(status) => break status,
            None if begin.elapsed() > limit => {
                child.kill().expect("it ends");
                child.wait().expect("it is gone");
                panic!("as {user} it took longer than {} s", limit.as_secs());
            }
            None => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    };
    let said = String::from_utf8_lossy(&std::fs::read(&output).expect("its output")).into_owned();
    let lines: Vec<&str> = said.lines().collect();
    let from = if status.success() {
        lines.iter().position(|line| line.contains(" SUMMARY ")).unwrap_or_default()
    } else {
        lines.len().saturating_sub(SHOWN_LINES_MAX)
    };
    println!("as {user}, {:.0} s:\n{}", begin.elapsed().as_secs_f64(), lines[from..].join("\n"));
    status.success()
}
