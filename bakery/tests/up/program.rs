//! The program as a process, and what it prints.

use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};

/// A running bakery; dropped, it is killed.
pub(crate) struct Program {
    child: Child,
    pub(crate) addr: SocketAddr,
    banner: String,
    /// Of the guest that the banner's commands were tried as.
    token: String,
}

fn command(data: &Path, http: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bakery"));
    command.arg("--data").arg(data).arg("--http").arg(http).stdin(Stdio::null());
    for name in ["NATS_URL", "NATS_PASSWORD", "DATABASE_URL", "REDIS_URL", "HTTP_ADDR"] {
        command.env_remove(name);
    }
    command
}

/// Runs one that is expected to end by itself; what it said on standard error.
pub(crate) fn run_to_end(data: &Path, http: &str) -> (ExitStatus, String) {
    let output = command(data, http).output().expect("a process");
    (output.status, String::from_utf8_lossy(&output.stderr).into_owned())
}

/// Runs a tool of the program to its end.
pub(crate) fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bakery")).args(arguments).output().expect("a process")
}

impl Program {
    /// Starts it and reads the banner: it is open then.
    pub(crate) fn start(data: &Path, more: &[&str]) -> Self {
        let mut child = command(data, "127.0.0.1:0")
            .args(more)
            .env("LOG", "warn")
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process");
        let mut banner = String::new();
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        while !banner.contains("Ctrl-C closes") {
            let line = lines.next().unwrap_or_else(|| panic!("it ended: {banner}"));
            banner += &format!("{}\n", line.expect("text"));
        }
        let addr = banner.split("http://").nth(1).and_then(|rest| rest.split(' ').next());
        let addr = addr.and_then(|addr| addr.parse().ok()).expect("an address in the banner");
        let mut program = Self { child, addr, banner, token: String::new() };
        let guest = program.json_in_banner("/api/v1/guests");
        let (status, welcome) = program.curl(&["--json", &guest], "/api/v1/guests");
        assert_eq!(status, 201, "{welcome}");
        program.token = welcome["access_token"].as_str().expect("a token").to_owned();
        program
    }

    /// The body that the banner shows for a path.
    fn json_in_banner(&self, path: &str) -> String {
        let command = self.banner.split(path).nth(1).expect("a command");
        let body = command.split("--json '").nth(1).and_then(|rest| rest.split('\'').next());
        body.expect("a body").to_owned()
    }

    /// The order that the banner shows, sent as it stands there.
    pub(crate) fn order_as_the_banner_says(&self) -> (u16, Value) {
        let body = self.json_in_banner("/api/v1/orders");
        self.curl(&["-H", "Prefer: wait=20", "--json", &body], "/api/v1/orders")
    }

    /// The same bakery after a restart, for who was there before.
    pub(crate) fn who_was_here(self, token: &str) -> Self {
        let mut known = self;
        token.clone_into(&mut known.token);
        known
    }

    /// What the guest of this program shows.
    pub(crate) fn token(&self) -> String {
        self.token.clone()
    }

    pub(crate) fn get(&self, path: &str) -> (u16, Value) {
        self.curl(&[], path)
    }

    /// What a person types.
    fn curl(&self, arguments: &[&str], path: &str) -> (u16, Value) {
        let output = Command::new("curl")
            .args(["--silent", "--max-time", "30", "--write-out", "\n%{http_code}"])
            .args(arguments)
            .args(["-H", &format!("Authorization: Bearer {}", self.token)])
            .arg(format!("http://{}{path}", self.addr))
            .output()
            .expect("curl");
        let text = String::from_utf8_lossy(&output.stdout);
        let (body, status) = text.rsplit_once('\n').expect("a status");
        (status.parse().expect("a number"), serde_json::from_str(body).expect("JSON"))
    }

    /// Ctrl-C.
    pub(crate) fn interrupt(mut self) -> ExitStatus {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("a signal");
        self.child.wait().expect("an end")
    }

    /// SIGKILL.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("reaped");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Ended already in the good case.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The servers that run on this data folder.
pub(crate) fn pids_of_servers(data: &Path) -> Vec<u32> {
    let data = data.to_string_lossy().into_owned();
    let programs = ["nats-server", "postgres", "redis-server"];
    let mut pids = Vec::new();
    for entry in std::fs::read_dir("/proc").expect("/proc").flatten() {
        let Ok(pid) = entry.file_name().to_string_lossy().parse::<u32>() else { continue };
        let mut line = String::new();
        let file = std::fs::File::open(entry.path().join("cmdline"));
        // A process may end while we look.
        if file.and_then(|mut file| file.read_to_string(&mut line)).is_err() {
            continue;
        }
        let program = line.split('\0').next().unwrap_or_default().rsplit('/').next();
        let folder = std::fs::read_link(entry.path().join("cwd")).unwrap_or_default();
        let is_ours = line.contains(&data) || folder.to_string_lossy().contains(&data);
        let is_server = program.is_some_and(|p| programs.iter().any(|name| p.starts_with(name)));
        if is_ours && is_server && !is_forked(pid, &data) {
            pids.push(pid);
        }
    }
    pids
}

/// Postgres' own children share its folder; only the first of the family counts.
fn is_forked(pid: u32, data: &str) -> bool {
    // One that ended while we looked is no server any more.
    let Ok(status) = std::fs::read_to_string(format!("/proc/{pid}/status")) else { return true };
    let parent = status.lines().find_map(|line| line.strip_prefix("PPid:")).unwrap_or_default();
    let line = std::fs::read_to_string(format!("/proc/{}/cmdline", parent.trim()));
    line.unwrap_or_default().contains(&format!("{data}/postgres"))
}
