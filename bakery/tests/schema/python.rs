//! The tools that are written in Python, in an environment of their own that is kept in `target`.

use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

/// Newer ones may find more: it is changed by hand, and what it finds is mended with it.
const SCHEMATHESIS: &str = "4.32.5";

/// Where the tools are.
#[derive(Clone)]
pub(crate) struct Venv(PathBuf);

/// Made once; the reason where it cannot be.
pub(crate) fn venv() -> Result<Venv, String> {
    static VENV: OnceLock<Result<Venv, String>> = OnceLock::new();
    VENV.get_or_init(make).clone()
}

fn make() -> Result<Venv, String> {
    let folder = format!("schemathesis-{SCHEMATHESIS}");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
    let done = folder.join("complete");
    if !done.exists() {
        // What is left of one that was not finished is in the way.
        std::fs::remove_dir_all(&folder).ok();
        run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
        let package = format!("schemathesis=={SCHEMATHESIS}");
        let pip = folder.join("bin/pip");
        run(Command::new(pip).args([
            "install",
            "--quiet",
            "--timeout",
            "20",
            "--retries",
            "1",
            &package,
        ]))?;
        std::fs::write(&done, "").map_err(|error| error.to_string())?;
    }
    Ok(Venv(folder))
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("{command:?}: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    let last = said.lines().last().unwrap_or_default();
    if output.status.success() { Ok(()) } else { Err(format!("{command:?}: {last}")) }
}

impl Venv {
    /// One of its programs.
    pub(crate) fn program(&self, name: &str) -> Command {
        Command::new(self.0.join("bin").join(name))
    }

    /// Holds answers against their schemas.
    pub(crate) fn check(&self, document: &Value, exchanges: &[Value]) {
        let script = include_str!("check.py");
        let mut python = self.program("python");
        python.args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = python.spawn().expect("python");
        let given = json!({ "document": document, "exchanges": exchanges }).to_string();
        let mut input = child.stdin.take().expect("its input");
        input.write_all(given.as_bytes()).expect("it reads");
        drop(input);
        let Output { status, stdout, .. } = child.wait_with_output().expect("it ends");
        let said = String::from_utf8_lossy(&stdout);
        println!("{said}");
        assert!(status.success(), "answers are not as the document says:\n{said}");
    }
}
