//! A NATS client of a few lines that knows for certain whether a command was refused: the server
//! works on the commands of one connection in their order, so what it has to say of one comes
//! before the PONG to the PING behind it.

use crate::server::{Server, password, soon};
use std::net::Ipv4Addr;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

/// One connection.
pub(crate) struct Line {
    reader: BufReader<OwnedReadHalf>,
    writer: OwnedWriteHalf,
    subscriptions: u32,
}

impl Line {
    /// Connects with the fields of a CONNECT, such as `"user":"bank","pass":"x"`.
    ///
    /// # Errors
    /// What the server says, if it wants no such client.
    pub(crate) async fn open(server: &Server, login: &str) -> Result<Self, String> {
        let address = (Ipv4Addr::LOCALHOST, server.nats().port());
        let (reader, writer) = TcpStream::connect(address).await.unwrap().into_split();
        let mut line = Self { reader: BufReader::new(reader), writer, subscriptions: 0 };
        let comma = if login.is_empty() { "" } else { "," };
        let options = r#""verbose":false,"pedantic":false,"headers":true"#;
        match line.refusal(&format!("CONNECT {{{options}{comma}{login}}}")).await {
            None => Ok(line),
            Some(refusal) => Err(refusal),
        }
    }

    /// Connects as one of the users.
    pub(crate) async fn of(server: &Server, user: &str) -> Self {
        let login = format!(r#""user":"{user}","pass":"{}""#, password(user));
        Self::open(server, &login).await.unwrap()
    }

    /// Why a message to this subject is not taken.
    pub(crate) async fn publish(&mut self, subject: &str) -> Option<String> {
        self.refusal(&format!("PUB {subject} 2\r\n{{}}")).await
    }

    /// Why this subject may not be listened to, alone or as one of a queue group.
    pub(crate) async fn subscribe(&mut self, subject: &str, queue: &str) -> Option<String> {
        self.subscriptions += 1;
        let number = self.subscriptions;
        let refusal = self.refusal(&format!("SUB {subject} {queue} {number}")).await;
        assert_eq!(self.refusal(&format!("UNSUB {number}")).await, None);
        refusal
    }

    /// What the server has against a command.
    async fn refusal(&mut self, command: &str) -> Option<String> {
        self.writer.write_all(format!("{command}\r\nPING\r\n").as_bytes()).await.unwrap();
        soon(command, self.until_pong()).await
    }

    async fn until_pong(&mut self) -> Option<String> {
        let mut refusal = None;
        loop {
            let mut line = String::new();
            if self.reader.read_line(&mut line).await.unwrap() == 0 {
                return refusal.or(Some("the connection was closed".to_owned()));
            }
            let mut words = line.split_whitespace();
            match words.next().unwrap() {
                "PONG" => return refusal,
                "-ERR" => refusal = Some(line.trim_end().to_owned()),
                "PING" => self.writer.write_all(b"PONG\r\n").await.unwrap(),
                "MSG" | "HMSG" => self.skip(words.last().unwrap().parse().unwrap()).await,
                _ => {}
            }
        }
    }

    /// Passes over a message and the end of its line.
    async fn skip(&mut self, size: usize) {
        let mut payload = vec![0; size + 2];
        self.reader.read_exact(&mut payload).await.unwrap();
    }
}
