//! How a bakery is opened: where it listens, and by which clock it lives.

use anyhow::{Context, Result};
use bakery_chassis::clock::{self, Anchor};
use bakery_gateway::{Guard, Notifications};
use bakery_nats::request::Clock;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Where the data folder keeps the shop's clock, once it was not the machine's.
pub(super) const CLOCK: &str = "clock.json";

/// The scheduler looks for due jobs once in so much shop time, and not oftener than once in
/// [`TICK_PERIOD_MIN_MS`] of the machine's.
const TICK_PERIOD_MS: u64 = 500;
const TICK_PERIOD_MIN_MS: u64 = 20;

/// How a bakery is opened.
pub struct Opening {
    /// Where the HTTP interface listens.
    pub http: SocketAddr,
    /// The shop's clock.
    pub clock: Clock,
    /// How many times faster than the machine's clock it runs.
    pub speed: u32,
    /// The guard rails of the HTTP interface.
    pub guard: Guard,
    /// What people outside are told by.
    pub notify: Notifications,
    /// Where the clock is kept, if it is not the machine's.
    kept: Option<(PathBuf, Anchor)>,
}

impl Opening {
    /// By the machine's clock.
    pub fn at(http: SocketAddr) -> Self {
        Self::by(http, clock::wall(), 1)
    }

    /// By the clock of a data folder: where it was made to run faster it goes on from where it is.
    pub(super) fn resumed(data: &Path, http: SocketAddr, speed: u32) -> Result<Self> {
        let file = data.join(CLOCK);
        let anchor = match Anchor::load(&file) {
            Ok(anchor) => anchor.at_speed(speed),
            Err(error) if error.kind() == ErrorKind::NotFound && speed == 1 => {
                return Ok(Self::at(http));
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                Anchor::now(clock::wall()(), speed)
            }
            Err(error) => {
                return Err(error).with_context(|| format!("{} cannot be read", file.display()));
            }
        };
        anchor.store(&file).with_context(|| format!("{} cannot be written", file.display()))?;
        Ok(Self { kept: Some((file, anchor)), ..Self::by(http, anchor.clock(), speed) })
    }

    /// By a clock that nobody keeps, with the usual guard rails; nobody outside is told anything.
    pub(crate) fn by(http: SocketAddr, clock: Clock, speed: u32) -> Self {
        let (guard, notify) = (Guard::default(), Notifications::default());
        Self { http, clock, speed, guard, notify, kept: None }
    }

    /// While the bakery is closed its clock goes as fast as the machine's.
    pub(super) fn rest(&self) -> Result<()> {
        let Some((file, anchor)) = &self.kept else { return Ok(()) };
        let stored = anchor.at_speed(1).store(file);
        stored.with_context(|| format!("{} cannot be written", file.display()))
    }

    /// How often the scheduler looks for due jobs, by the machine's clock.
    pub(super) fn tick_period_ms(&self) -> u64 {
        (TICK_PERIOD_MS / u64::from(self.speed)).max(TICK_PERIOD_MIN_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::{Anchor, CLOCK, Opening};
    use bakery_chassis::clock::wall;
    use chrono::TimeDelta;

    #[test]
    fn a_clock_that_ran_fast_goes_on_from_where_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let http = "127.0.0.1:0".parse().unwrap();
        let open = |speed| Opening::resumed(folder.path(), http, speed).unwrap();
        open(1);
        assert!(!folder.path().join(CLOCK).exists(), "the machine's clock needs no file");
        let fast = open(100_000);
        let ahead = || (fast.clock)() - wall()();
        let begin = std::time::Instant::now();
        while ahead() < TimeDelta::minutes(10) {
            assert!(begin.elapsed().as_secs() < 10, "it does not run");
            std::thread::yield_now();
        }
        fast.rest().unwrap();
        assert_eq!(Anchor::load(&folder.path().join(CLOCK)).unwrap().speed(), 1);
        let slow = open(1);
        // Read in this order a pause in between cannot make it less.
        let now = wall()();
        assert!((slow.clock)() - now >= TimeDelta::minutes(10), "it jumped back");
    }
}
