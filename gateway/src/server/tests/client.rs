//! A client that says exactly what it is told.

use super::within;
use serde_json::Value;
use std::collections::HashMap;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// One connection.
pub(super) struct Client<S> {
    pub(super) stream: S,
    read: Vec<u8>,
}

/// One answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// By names in small letters; the values of one name joined by commas.
    pub(super) headers: HashMap<String, String>,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The code of a problem document.
    pub(super) fn code(&self) -> String {
        assert_eq!(self.headers["content-type"], "application/problem+json");
        let json = self.json();
        assert_eq!(json["status"], self.status);
        json["code"].as_str().unwrap().to_owned()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, read: Vec::new() }
    }

    pub(super) async fn write(&mut self, bytes: impl AsRef<[u8]>) -> std::io::Result<()> {
        within(self.stream.write_all(bytes.as_ref())).await
    }

    /// The next answer; `None` where the connection is closed before.
    pub(super) async fn answer(&mut self) -> Option<Answer> {
        let end = loop {
            if let Some(at) = self.read.windows(4).position(|four| four == b"\r\n\r\n") {
                break at;
            }
            self.more().await?;
        };
        let head = String::from_utf8(self.read[..end].to_vec()).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let mut headers: HashMap<String, String> = HashMap::new();
        for line in lines {
            let (name, value) = line.split_once(": ").unwrap();
            let values = headers.entry(name.to_ascii_lowercase()).or_default();
            let comma = if values.is_empty() { "" } else { ", " };
            *values = format!("{values}{comma}{value}");
        }
        let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
        while self.read.len() < end + 4 + length {
            self.more().await?;
        }
        let body = self.read[end + 4..end + 4 + length].to_vec();
        self.read.drain(..end + 4 + length);
        Some(Answer { status, headers, body })
    }

    /// A request and its answer.
    pub(super) async fn ask(&mut self, request: &str) -> Answer {
        self.write(request).await.unwrap();
        self.answer().await.expect("an answer")
    }

    /// `GET`, with these further lines.
    pub(super) async fn get(&mut self, path: &str, lines: &str) -> Answer {
        self.ask(&format!("GET {path} HTTP/1.1\r\nHost: bakery\r\n{lines}\r\n")).await
    }

    /// Reads until the server closes, or the connection breaks.
    pub(super) async fn closed(&mut self) {
        while self.more().await.is_some() {}
    }

    async fn more(&mut self) -> Option<()> {
        let mut bytes = vec![0; 64 * 1024];
        let count = within(self.stream.read(&mut bytes)).await.ok()?;
        self.read.extend_from_slice(&bytes[..count]);
        (count > 0).then_some(())
    }
}
