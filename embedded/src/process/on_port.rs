//! Starts a server on a port, again on another one where somebody was faster.

use super::Process;
use super::error::ProcessError;
use super::launch::Launch;
use crate::port::{PortChoice, is_free};
use crate::reaper::Reaper;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;

const PORT_ATTEMPTS_MAX: u32 = 5;
/// Long enough for an ending program to let go of a fixed port.
const PORT_PAUSE_MS: u64 = 100;

/// Starts what `launch` makes of a port, and returns the port too.
pub(crate) async fn start_on_port(
    name: &'static str,
    choice: &PortChoice,
    reaper: &Arc<Reaper>,
    mut launch: impl FnMut(u16) -> Result<Launch, ProcessError>,
) -> Result<(Process, u16), ProcessError> {
    let mut attempt = 1;
    loop {
        let port = choice.pick(attempt).map_err(|source| ProcessError::NoPort { name, source })?;
        let started = match choice.fixed.filter(|port| !is_free(*port)) {
            Some(port) => Err(ProcessError::PortTaken { name, port }),
            None => Process::start(launch(port)?, Arc::clone(reaper)).await,
        };
        match started {
            Err(error) if error.is_port_taken() && attempt < PORT_ATTEMPTS_MAX => attempt += 1,
            outcome => {
                let process = outcome?;
                choice.save(port);
                return Ok((process, port));
            }
        }
        sleep(Duration::from_millis(PORT_PAUSE_MS)).await;
    }
}
