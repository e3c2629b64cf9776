//! Reads the versions that programs state.

use semver::Version;

/// Of `nats-server: v2.15.1`.
pub(crate) fn nats(output: &str) -> Option<Version> {
    Version::parse(output.trim().strip_prefix("nats-server: v")?).ok()
}

/// The major version of `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
pub(crate) fn postgres_major(output: &str) -> Option<u32> {
    let version = output.trim().strip_prefix("postgres (PostgreSQL) ")?;
    let digits = version.split(|sign: char| !sign.is_ascii_digit()).next()?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nats_states_its_version() {
        assert_eq!(nats("nats-server: v2.15.1\n"), Some(Version::new(2, 15, 1)));
        assert!(nats("nats-server: v2.14.0-RC.1\n").unwrap() < Version::new(2, 14, 0));
        assert_eq!(nats("nats-server: version 2.9.10"), None);
        assert_eq!(nats(""), None);
    }

    #[test]
    fn postgres_states_its_version() {
        let debian = "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n";
        assert_eq!(postgres_major(debian), Some(15));
        assert_eq!(postgres_major("postgres (PostgreSQL) 18devel\n"), Some(18));
        assert_eq!(postgres_major("psql (PostgreSQL) 15.18"), None);
    }
}
