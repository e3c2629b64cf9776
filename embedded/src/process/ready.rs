//! When a server is ready: it answers the smallest question that proves it.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const ANSWER_WAIT_S: u64 = 1;
const ANSWER_SIZE_MAX: u64 = 1024;
/// The line of `postmaster.pid` that says how far the start is.
const POSTMASTER_STATUS_LINE: usize = 7;

/// What to ask.
pub(crate) enum Ready {
    /// `/healthz` of the monitor answers 200, which includes JetStream.
    Nats {
        /// The monitor's port.
        monitor_port: u16,
    },
    /// `postmaster.pid` says "ready" and the port accepts.
    Postgres {
        /// The data folder.
        data: PathBuf,
        /// The port.
        port: u16,
    },
    /// PING is answered with PONG.
    Redis {
        /// The port.
        port: u16,
    },
}

impl Ready {
    /// Whether the server with this process is ready now.
    pub(crate) async fn check(&self, pid: u32) -> bool {
        match self {
            Self::Nats { monitor_port } => {
                let question =
                    "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
                ask(*monitor_port, question).await.is_some_and(|answer| answer.contains(" 200 "))
            }
            Self::Postgres { data, port } => {
                postmaster_is_ready(data, pid) && ask(*port, "").await.is_some()
            }
            Self::Redis { port } => {
                let question = "PING\r\nQUIT\r\n";
                ask(*port, question).await.is_some_and(|answer| answer.starts_with("+PONG"))
            }
        }
    }
}

/// Asks and reads until the other side closes. An empty question asks only for the connection.
async fn ask(port: u16, question: &str) -> Option<String> {
    let conversation = async {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.ok()?;
        let mut answer = String::new();
        if !question.is_empty() {
            stream.write_all(question.as_bytes()).await.ok()?;
            stream.take(ANSWER_SIZE_MAX).read_to_string(&mut answer).await.ok()?;
        }
        Some(answer)
    };
    tokio::time::timeout(Duration::from_secs(ANSWER_WAIT_S), conversation).await.ok()?
}

/// The file may be that of an earlier run: it must name this process.
fn postmaster_is_ready(data: &Path, pid: u32) -> bool {
    let Ok(text) = std::fs::read_to_string(data.join("postmaster.pid")) else { return false };
    let ours = text.lines().next() == Some(pid.to_string().as_str());
    ours && text.lines().nth(POSTMASTER_STATUS_LINE).map(str::trim) == Some("ready")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postgres_is_ready_when_its_own_pid_file_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let write = |status: &str| {
            let text = format!("42\n/data\n0\n5432\n\n127.0.0.1\n 1 2\n{status}\n");
            std::fs::write(folder.path().join("postmaster.pid"), text).unwrap();
        };
        assert!(!postmaster_is_ready(folder.path(), 42), "no file yet");
        write("starting");
        assert!(!postmaster_is_ready(folder.path(), 42));
        write("ready   ");
        assert!(postmaster_is_ready(folder.path(), 42));
        assert!(!postmaster_is_ready(folder.path(), 43), "the file of an earlier run");
    }
}
