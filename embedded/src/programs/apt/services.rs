//! Keeps Debian's packages from starting their services while we install: we start our own, on
//! ports of our own.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Debian asks this program before it starts a service.
const POLICY: &str = "/usr/sbin/policy-rc.d";
/// Exit code 101 means "no".
const NO: &str =
    "#!/bin/sh\n# Left by bakery only if it was killed while it installed packages.\nexit 101\n";

/// While this lives no service is started by a package. A policy that is already there is another
/// program's and stays as it is.
pub(crate) struct ServicesOff {
    /// The policy to remove, where it is ours.
    policy: Option<PathBuf>,
}

impl ServicesOff {
    /// Puts the policy in place. A failure is no reason not to install.
    pub(crate) fn begin() -> Self {
        Self::begin_at(Path::new(POLICY))
    }

    fn begin_at(policy: &Path) -> Self {
        match write(policy) {
            Err(error) if !is_ours(policy) => {
                tracing::debug!(%error, "the policy about services stays as it is");
                Self { policy: None }
            }
            _ => Self { policy: Some(policy.to_owned()) },
        }
    }
}

impl Drop for ServicesOff {
    fn drop(&mut self) {
        let Some(policy) = &self.policy else { return };
        if let Err(error) = fs::remove_file(policy) {
            tracing::warn!(%error, policy = %policy.display(), "a file is left behind, remove it");
        }
    }
}

/// One that was left when an earlier installation was killed.
fn is_ours(policy: &Path) -> bool {
    fs::read_to_string(policy).is_ok_and(|text| text == NO)
}

fn write(policy: &Path) -> io::Result<()> {
    let mut file = File::options().write(true).create_new(true).mode(0o755).open(policy)?;
    file.write_all(NO.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_policy_goes_and_that_of_others_stays() {
        let folder = tempfile::tempdir().unwrap();
        let policy = folder.path().join("policy-rc.d");
        drop(ServicesOff::begin_at(&policy));
        assert!(!policy.exists());

        std::mem::forget(ServicesOff::begin_at(&policy));
        assert!(policy.exists(), "we were killed");
        drop(ServicesOff::begin_at(&policy));
        assert!(!policy.exists());

        fs::write(&policy, "theirs").unwrap();
        drop(ServicesOff::begin_at(&policy));
        assert_eq!(fs::read_to_string(&policy).unwrap(), "theirs");
    }
}
