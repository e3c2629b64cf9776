//! Runs a program to its end, within a time limit. It blocks.

use crate::process::log::last_lines;
use crate::process::signal::{self, StopSignal};
use crate::reaper::{Reaper, ReaperError};
use rustix::process::{Pid, Signal, kill_process_group};
use std::fs::File;
use std::io::{self, Read, Seek};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

const POLL_PAUSE_MS: u64 = 5;
/// From the polite signal to SIGKILL: apt-get should not be cut in the middle.
const STOP_WAIT_S: u64 = 20;

/// Why a program did not do its work.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// It cannot be started, or its output cannot be read.
    #[error("{program} cannot be run")]
    Start {
        /// The program.
        program: String,
        /// Why.
        source: io::Error,
    },
    /// It could not be guarded.
    #[error("{program} is not run, because it could be left behind")]
    Unguarded {
        /// The program.
        program: String,
        /// Why.
        source: ReaperError,
    },
    /// It failed.
    #[error("{program} failed ({status}); its last words are:\n{last_words}")]
    Failed {
        /// The program.
        program: String,
        /// How it ended.
        status: ExitStatus,
        /// The end of its output.
        last_words: String,
    },
    /// It took too long.
    #[error("{program} was not done within {limit_s} s; its last words are:\n{last_words}")]
    TooSlow {
        /// The program.
        program: String,
        /// How long it had.
        limit_s: u64,
        /// The end of its output.
        last_words: String,
    },
}

/// Runs the command and returns what it said. The reaper ends it with us, where there is one.
pub(crate) fn run(
    command: &mut Command,
    limit_s: u64,
    reaper: Option<&Reaper>,
) -> Result<String, RunError> {
    let program = command.get_program().to_string_lossy().into_owned();
    let start = |source| RunError::Start { program: program.clone(), source };

    let mut output = tempfile::tempfile().map_err(start)?;
    let mut child = spawn(command, &output).map_err(start)?;
    let guarded = reaper.map_or(Ok(()), |it| it.watch(child.id(), StopSignal::Terminate));
    if let Err(source) = guarded {
        stop(&mut child).map_err(start)?;
        return Err(RunError::Unguarded { program, source });
    }
    let ended = wait(&mut child, Duration::from_secs(limit_s)).map_err(start)?;
    if ended.is_none() {
        stop(&mut child).map_err(start)?;
    }
    if let Some(reaper) = reaper {
        reaper.forget(child.id());
    }

    let text = read(&mut output).map_err(start)?;
    match ended {
        Some(status) if status.success() => Ok(text),
        Some(status) => Err(RunError::Failed { program, status, last_words: last_lines(&text) }),
        None => Err(RunError::TooSlow { program, limit_s, last_words: last_lines(&text) }),
    }
}

fn spawn(command: &mut Command, output: &File) -> io::Result<Child> {
    command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output.try_clone()?);
    command.process_group(0).spawn()
}

fn wait(child: &mut Child, limit: Duration) -> io::Result<Option<ExitStatus>> {
    let deadline = Instant::now() + limit;
    while Instant::now() < deadline {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        sleep(Duration::from_millis(POLL_PAUSE_MS));
    }
    Ok(None)
}

/// Ends the whole group: the helpers of apt-get and pip too.
fn stop(child: &mut Child) -> io::Result<()> {
    signal::send(child.id(), Signal::TERM);
    if wait(child, Duration::from_secs(STOP_WAIT_S))?.is_none() {
        if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
            kill_process_group(group, Signal::KILL)?;
        }
        child.wait()?;
    }
    Ok(())
}

fn read(output: &mut File) -> io::Result<String> {
    output.rewind()?;
    let mut bytes = Vec::new();
    output.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, limit_s: u64) -> Result<String, RunError> {
        run(Command::new("/bin/sh").args(["-c", script]), limit_s, None)
    }

    #[test]
    fn a_failure_says_why() {
        assert_eq!(shell("echo out; echo err >&2", 10).unwrap(), "out\nerr\n");
        let error = shell("echo no space; exit 3", 10).unwrap_err().to_string();
        assert!(error.contains("exit status: 3") && error.ends_with("no space"), "{error}");
    }

    #[test]
    fn a_program_that_hangs_is_ended() {
        let error = shell("echo so far; exec sleep 60", 5).unwrap_err().to_string();
        assert!(error.contains("not done within 5 s") && error.ends_with("so far"), "{error}");
    }
}
