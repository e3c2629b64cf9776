//! Loopback ports: the one that was asked for, the one of the last run, or any free one.
//!
//! A free port may be taken by another program before our server binds it; who starts the server
//! tries again.

use std::fs;
use std::io;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;

/// How one server gets its port.
pub(crate) struct PortChoice {
    /// This port and no other.
    pub(crate) fixed: Option<u16>,
    /// The file with the port of the last run: addresses that people kept open stay good.
    pub(crate) saved: PathBuf,
}

impl PortChoice {
    /// The port for a try; the saved one only in the first.
    pub(crate) fn pick(&self, attempt: u32) -> io::Result<u16> {
        if let Some(port) = self.fixed {
            return Ok(port);
        }
        match self.last_run().filter(|port| attempt == 1 && is_free(*port)) {
            Some(port) => Ok(port),
            None => free(),
        }
    }

    /// Keeps the port for the next run. A failure costs only the convenience.
    pub(crate) fn save(&self, port: u16) {
        if let Err(error) = fs::write(&self.saved, port.to_string()) {
            tracing::debug!(%error, file = %self.saved.display(), "the port is not saved");
        }
    }

    fn last_run(&self) -> Option<u16> {
        fs::read_to_string(&self.saved).ok()?.trim().parse().ok()
    }
}

/// A port that nobody listens on right now.
pub(crate) fn free() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// Whether nobody listens on the port right now. It does not bind: a child that is just being
/// started would hold on to our socket for a moment, and the server would find the port taken.
pub(crate) fn is_free(port: u16) -> bool {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_saved_port_is_used_while_it_is_free() {
        let folder = tempfile::tempdir().unwrap();
        let choice = PortChoice { fixed: None, saved: folder.path().join("nats.port") };
        // A child that is just being started has the listener open for a moment longer than we do.
        let port = (0..100).map(|_| free().unwrap()).find(|port| is_free(*port)).unwrap();
        choice.save(port);
        assert_eq!(choice.pick(1).unwrap(), port);
        // Any free port may come, and now and then that is this one.
        let mut others = (2..5).map(|attempt| choice.pick(attempt).unwrap());
        assert!(others.any(|other| other != port), "a second try takes another");

        let _taken = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
        assert_ne!(choice.pick(1).unwrap(), port);
    }
}
