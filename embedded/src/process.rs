//! One server process: started and ready, paused, killed, stopped, started again on the same port
//! and data.
//!
//! It uses the standard library's child, not tokio's, because a test's static servers outlive the
//! runtime that started them.

pub(crate) mod error;
pub(crate) mod launch;
pub(crate) mod log;
pub(crate) mod on_port;
pub(crate) mod ready;
pub(crate) mod signal;

use crate::reaper::Reaper;
use error::ProcessError;
use launch::{Launch, Launched};
use rustix::process::Signal;
use std::process::ExitStatus;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// Postgres may have to replay its log first.
const START_WAIT_S: u64 = 60;
/// Postgres writes everything out when it stops.
const STOP_WAIT_S: u64 = 10;
const KILL_WAIT_S: u64 = 5;
const POLL_PAUSE_MS: u64 = 5;
/// After a crash Postgres refuses to start until the last of its children has noticed.
const RESTART_ATTEMPTS_MAX: u32 = 10;
const RESTART_PAUSE_MS: u64 = 300;

/// One server process.
pub struct Process {
    launch: Launch,
    reaper: Arc<Reaper>,
    running: Mutex<Running>,
}

struct Running {
    launched: Launched,
    status: Option<ExitStatus>,
}

impl Process {
    /// Starts it and waits until it answers.
    pub(crate) async fn start(launch: Launch, reaper: Arc<Reaper>) -> Result<Self, ProcessError> {
        let running = Running { launched: launch.start(&reaper)?, status: None };
        let process = Self { launch, reaper, running: Mutex::new(running) };
        process.wait_ready().await?;
        Ok(process)
    }

    /// The server's name, such as `nats-server`.
    pub fn name(&self) -> &'static str {
        self.launch.name
    }

    /// The number of the process; another one after each restart.
    pub fn pid(&self) -> u32 {
        self.running().launched.child.id()
    }

    /// How it ended, or none while it runs.
    pub fn exited(&self) -> Option<ExitStatus> {
        let mut running = self.running();
        if running.status.is_none() {
            running.status = running.launched.child.try_wait().ok().flatten();
            if running.status.is_some() {
                self.reaper.forget(running.launched.child.id());
            }
        }
        running.status
    }

    /// Asks it to end, waits, and kills it where it does not. A server that does not run is fine.
    ///
    /// # Errors
    /// Not even SIGKILL ended it.
    pub async fn stop(&self) -> Result<(), ProcessError> {
        self.send(self.launch.stop_signal.signal());
        self.send_family(Signal::CONT);
        if self.ends_within(Duration::from_secs(STOP_WAIT_S)).await {
            return Ok(());
        }
        tracing::warn!(server = self.name(), "a server does not stop, it is killed");
        self.kill().await
    }

    /// SIGKILL, as in a crash, and the end is awaited. A server that does not run is fine.
    ///
    /// # Errors
    /// Not even SIGKILL ended it.
    pub async fn kill(&self) -> Result<(), ProcessError> {
        self.send_family(Signal::KILL);
        if self.ends_within(Duration::from_secs(KILL_WAIT_S)).await {
            return Ok(());
        }
        Err(ProcessError::Unkillable { name: self.name(), pid: self.pid(), wait_s: KILL_WAIT_S })
    }

    /// SIGSTOP: its connections stay open and nothing answers.
    ///
    /// # Errors
    /// The server does not run.
    pub fn pause(&self) -> Result<(), ProcessError> {
        self.running_or_error()?;
        // First the parent alone, so that it makes no child behind our back.
        self.send(Signal::STOP);
        self.send_family(Signal::STOP);
        Ok(())
    }

    /// SIGCONT: it goes on where it was.
    ///
    /// # Errors
    /// The server does not run.
    pub fn resume(&self) -> Result<(), ProcessError> {
        self.running_or_error()?;
        self.send_family(Signal::CONT);
        Ok(())
    }

    /// Stops it where it runs, starts it on the same port and data, waits until it answers.
    ///
    /// # Errors
    /// It does not end, or does not become ready.
    pub async fn restart(&self) -> Result<(), ProcessError> {
        self.stop().await?;
        let mut attempt = 1;
        loop {
            let launched = self.launch.start(&self.reaper)?;
            *self.running() = Running { launched, status: None };
            match self.wait_ready().await {
                Err(ProcessError::Ended { .. }) if attempt < RESTART_ATTEMPTS_MAX => attempt += 1,
                outcome => return outcome,
            }
            sleep(Duration::from_millis(RESTART_PAUSE_MS)).await;
        }
    }

    async fn wait_ready(&self) -> Result<(), ProcessError> {
        let deadline = Instant::now() + Duration::from_secs(START_WAIT_S);
        let pid = self.pid();
        while Instant::now() < deadline {
            if let Some(status) = self.exited() {
                let last_words = self.last_words();
                return Err(ProcessError::Ended { name: self.name(), status, last_words });
            }
            if self.launch.ready.check(pid).await {
                return Ok(());
            }
            sleep(Duration::from_millis(POLL_PAUSE_MS)).await;
        }
        let last_words = self.last_words();
        self.kill().await?;
        Err(ProcessError::NotReady { name: self.name(), wait_s: START_WAIT_S, last_words })
    }

    async fn ends_within(&self, limit: Duration) -> bool {
        let deadline = Instant::now() + limit;
        while Instant::now() < deadline {
            if self.exited().is_some() {
                return true;
            }
            sleep(Duration::from_millis(POLL_PAUSE_MS)).await;
        }
        false
    }

    fn send(&self, signal: Signal) {
        if self.exited().is_none() {
            signal::send(self.pid(), signal);
        }
    }

    fn send_family(&self, signal: Signal) {
        if self.exited().is_none() {
            signal::family(self.pid()).into_iter().for_each(|pid| signal::send(pid, signal));
        }
    }

    fn running_or_error(&self) -> Result<(), ProcessError> {
        match self.exited() {
            Some(_) => Err(ProcessError::NotRunning { name: self.name() }),
            None => Ok(()),
        }
    }

    fn last_words(&self) -> String {
        log::last_words(&self.launch.log, self.running().launched.log_begin)
    }

    fn running(&self) -> MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
