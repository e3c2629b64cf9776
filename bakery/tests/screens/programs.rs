//! Chromium and its driver: found, or installed where we are root.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// Debian's packages.
const PACKAGES: [&str; 2] = ["chromium", "chromium-driver"];
const UPDATE_WITHIN_S: u32 = 120;
const INSTALL_WITHIN_S: u32 = 300;
/// Somebody else's apt-get, such as the nightly one.
const LOCK_OPTION: &str = "DPkg::Lock::Timeout=120";

/// Where they are.
#[derive(Clone)]
pub(crate) struct Programs {
    pub(crate) chromium: PathBuf,
    pub(crate) chromedriver: PathBuf,
}

/// Looked for once; the reason where there are none.
pub(crate) fn programs() -> Result<Programs, String> {
    static FOUND: OnceLock<Result<Programs, String>> = OnceLock::new();
    FOUND.get_or_init(|| find().map_or_else(install, Ok)).clone()
}

fn find() -> Option<Programs> {
    let on_path = |name: &str| {
        let found = run("sh", &["-c", &format!("command -v {name}")]).ok()?;
        Some(Path::new(found.trim()).to_owned())
    };
    Some(Programs { chromium: on_path("chromium")?, chromedriver: on_path("chromedriver")? })
}

fn install() -> Result<Programs, String> {
    let names = PACKAGES.join(" ");
    if !rustix::process::geteuid().is_root() {
        return Err(format!("no Chromium; sudo apt-get install -y {names}"));
    }
    println!("packages are missing; apt-get installs {names} now, which may take a minute");
    // Old lists are often good enough, so the verdict is the installation's.
    apt_get(UPDATE_WITHIN_S, &["update"]).ok();
    let install = [&["install", "-y", "--no-install-recommends"], &PACKAGES[..]].concat();
    apt_get(INSTALL_WITHIN_S, &install)?;
    find().ok_or_else(|| format!("{names} are installed, and not to be found"))
}

fn apt_get(within_s: u32, arguments: &[&str]) -> Result<String, String> {
    let within = within_s.to_string();
    let before =
        ["DEBIAN_FRONTEND=noninteractive", "timeout", &within, "apt-get", "-o", LOCK_OPTION];
    run("env", &[&before[..], arguments].concat())
}

/// Runs a program to its end; what it said, or its last words where it failed.
pub(crate) fn run(program: &str, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("{program}: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    let last = said.lines().last().unwrap_or_default();
    if !output.status.success() {
        return Err(format!("{program} {}: {last}", arguments.join(" ")));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
