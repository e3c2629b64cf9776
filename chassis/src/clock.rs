//! The shop's clock: the one place that reads the wall clock. Services read it at their edges and
//! pass it on; handlers get their time with the message.
//!
//! Where `CLOCK_FILE` names an anchor, the clock runs from that moment at that speed, in every
//! process that reads the file.

use crate::env::{self, EnvError};
use bakery_nats::request::Clock;
use chrono::{DateTime, SubsecRound, Utc};
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// The fastest clock: a day in less than a second.
pub const SPEED_MAX: u32 = 100_000;

/// The variable that names the file of an anchor.
pub const CLOCK_FILE: &str = "CLOCK_FILE";

/// The time of the machine, in whole microseconds: what Postgres keeps.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the wall clock")]
fn wall_time() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}

/// The shop's time is the time of the machine.
pub fn wall() -> Clock {
    Arc::new(wall_time)
}

/// A clock that shows `from` until the anchor is set, and runs from it then.
pub fn held(from: DateTime<Utc>, anchor: Arc<OnceLock<Anchor>>) -> Clock {
    Arc::new(move || anchor.get().map_or(from, |anchor| anchor.shop_time(wall_time())))
}

/// The clock of a service in a process of its own: by `CLOCK_FILE`, or the machine's.
///
/// # Errors
/// The file cannot be read.
pub fn from_env() -> Result<Clock, EnvError> {
    let Some(file) = env::text(CLOCK_FILE) else { return Ok(wall()) };
    let anchor = Anchor::load(file.as_ref())
        .map_err(|error| EnvError::Invalid { name: CLOCK_FILE, reason: error.to_string() })?;
    Ok(anchor.clock())
}

/// A moment that two clocks agree on, and how many times faster the shop's runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    shop_at: DateTime<Utc>,
    wall_at: DateTime<Utc>,
    speed: u32,
}

impl Anchor {
    /// The shop's clock shows `shop_at` now.
    pub fn now(shop_at: DateTime<Utc>, speed: u32) -> Self {
        Self { shop_at, wall_at: wall_time(), speed }
    }

    /// The shop's time goes on from now at another speed.
    #[must_use]
    pub fn at_speed(&self, speed: u32) -> Self {
        let now = wall_time();
        Self { shop_at: self.shop_time(now), wall_at: now, speed }
    }

    /// How many times faster than the machine's clock it runs.
    pub fn speed(&self) -> u32 {
        self.speed
    }

    /// What the shop's clock shows when the machine's shows `wall`.
    pub fn shop_time(&self, wall: DateTime<Utc>) -> DateTime<Utc> {
        let speed = i32::try_from(self.speed).unwrap_or(i32::MAX);
        let passed = (wall - self.wall_at).checked_mul(speed).unwrap_or_default();
        (self.shop_at.checked_add_signed(passed).unwrap_or(self.shop_at)).trunc_subsecs(6)
    }

    /// The clock.
    pub fn clock(self) -> Clock {
        Arc::new(move || self.shop_time(wall_time()))
    }

    /// Reads the file.
    ///
    /// # Errors
    /// It is not there or is not an anchor of at most [`SPEED_MAX`].
    pub fn load(file: &Path) -> std::io::Result<Self> {
        let anchor: Self = serde_json::from_slice(&std::fs::read(file)?)?;
        if (1..=SPEED_MAX).contains(&anchor.speed) {
            Ok(anchor)
        } else {
            Err(std::io::Error::other(format!("its speed is not 1 to {SPEED_MAX}")))
        }
    }

    /// Writes the file.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn store(&self, file: &Path) -> std::io::Result<()> {
        std::fs::write(file, serde_json::to_vec(self)?)
    }
}

#[cfg(test)]
mod tests {
    use super::{Anchor, SPEED_MAX, held, wall_time};
    use chrono::{DateTime, TimeDelta, Utc};
    use std::sync::{Arc, OnceLock};

    fn time(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn anchor(speed: u32) -> Anchor {
        let (shop_at, wall_at) = (time("2026-11-24T06:00:00Z"), time("2026-11-25T20:00:00Z"));
        Anchor { shop_at, wall_at, speed }
    }

    #[test]
    fn sixty_times_faster_a_second_is_a_minute() {
        let wall = time("2026-11-25T20:00:01.5Z");
        assert_eq!(anchor(60).shop_time(wall), time("2026-11-24T06:01:30Z"));
        assert_eq!(anchor(1).shop_time(wall), time("2026-11-24T06:00:01.5Z"));
        assert_eq!(
            anchor(60).shop_time(time("2026-11-25T19:59:59Z")),
            time("2026-11-24T05:59:00Z")
        );
    }

    #[test]
    fn another_speed_goes_on_from_the_same_moment() {
        let (fast, before) = (Anchor::now(time("2026-11-24T06:00:00Z"), 1000), wall_time());
        let slow = fast.at_speed(1);
        assert!(slow.shop_at >= fast.shop_time(before), "the shop's clock went back");
        assert_eq!(slow.shop_time(slow.wall_at), fast.shop_time(slow.wall_at));
        assert_eq!(slow.speed(), 1);
    }

    #[test]
    fn a_file_that_is_no_anchor_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("clock.json");
        assert!(Anchor::load(&file).is_err());
        for speed in [0, SPEED_MAX + 1] {
            anchor(speed).store(&file).unwrap();
            assert!(Anchor::load(&file).is_err(), "{speed}");
        }
        anchor(SPEED_MAX).store(&file).unwrap();
        assert_eq!(Anchor::load(&file).unwrap(), anchor(SPEED_MAX));
    }

    #[test]
    fn a_held_clock_stands_until_it_is_let_go() {
        let from = time("2026-11-24T06:00:00Z");
        let go = Arc::new(OnceLock::new());
        let clock = held(from, go.clone());
        assert_eq!((clock(), clock()), (from, from));
        go.set(Anchor::now(from, SPEED_MAX)).unwrap();
        let begin = std::time::Instant::now();
        while clock() < from + TimeDelta::hours(1) {
            assert!(begin.elapsed().as_secs() < 10, "it does not run");
            std::thread::yield_now();
        }
    }
}
