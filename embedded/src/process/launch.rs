//! How one server is started, the first time and again.

use super::error::ProcessError;
use super::log;
use super::ready::Ready;
use super::signal::StopSignal;
use crate::postgres::account::Account;
use crate::reaper::Reaper;
use std::ffi::OsString;
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// The server waits for our word until the reaper knows its number. If we are killed before that,
/// the word never comes and nothing starts.
const GATE: &str = r#"read -r word && [ "$word" = go ] && exec "$@" </dev/null"#;

/// One server's program, arguments and files.
pub(crate) struct Launch {
    /// The program's name, for people.
    pub(crate) name: &'static str,
    /// The program.
    pub(crate) program: PathBuf,
    /// Its arguments.
    pub(crate) arguments: Vec<OsString>,
    /// Its whole environment: nothing of ours leaks in.
    pub(crate) environment: Vec<(String, String)>,
    /// Whom it runs as, where not as us.
    pub(crate) account: Option<Account>,
    /// Where its output goes.
    pub(crate) log: PathBuf,
    /// What asks it to stop.
    pub(crate) stop_signal: StopSignal,
    /// When it is ready.
    pub(crate) ready: Ready,
}

/// A child and where its part of the log begins.
pub(crate) struct Launched {
    /// The server: the shell of the gate has become it.
    pub(crate) child: Child,
    /// The size of the log before it.
    pub(crate) log_begin: u64,
}

impl Launch {
    /// Starts the server under the reaper's eyes, in a process group of its own: Ctrl-C in the
    /// terminal is for us, and we stop the servers after their users.
    pub(crate) fn start(&self, reaper: &Reaper) -> Result<Launched, ProcessError> {
        let file = |source| ProcessError::File { path: self.log.clone(), source };
        let spawn = |source| ProcessError::Spawn { name: self.name, source };

        let (log, log_begin) = log::open(&self.log).map_err(file)?;
        let mut command = Command::new("/bin/sh");
        command.args(["-c", GATE, self.name]).arg(&self.program).args(&self.arguments);
        command.env_clear().envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.current_dir("/").process_group(0).stdin(Stdio::piped());
        command.stdout(log.try_clone().map_err(file)?).stderr(log);
        if let Some(account) = &self.account {
            command.uid(account.uid).gid(account.gid);
        }
        let mut child = command.spawn().map_err(spawn)?;

        // Where a step fails, the dropped pipe ends the gate.
        let gate = child.stdin.take();
        reaper
            .watch(child.id(), self.stop_signal)
            .map_err(|source| ProcessError::Unguarded { name: self.name, source })?;
        gate.ok_or_else(|| io::ErrorKind::BrokenPipe.into())
            .and_then(|mut gate| gate.write_all(b"go\n"))
            .map_err(spawn)?;
        Ok(Launched { child, log_begin })
    }
}
