//! A client that looks on, in either wire form.

use super::within;
use axum::http::{HeaderName, HeaderValue};
use futures::StreamExt;
use serde_json::{Value, json};
use std::net::SocketAddr;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};

/// One connection.
pub(super) enum Looker {
    Sse(BufReader<TcpStream>),
    Socket(Box<WebSocketStream<TcpStream>>),
    /// What was answered where nobody was let in.
    Refused(u16, Value),
}

/// What was told.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Told {
    pub(super) id: u64,
    pub(super) event: String,
    pub(super) data: Value,
}

/// How it ended.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ended {
    pub(super) reason: String,
    /// A WebSocket's.
    pub(super) code: Option<u16>,
    pub(super) retry_ms: u64,
}

/// Takes no more than a little at a time.
pub(super) async fn connect(addr: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    socket.connect(addr).await.unwrap()
}

impl Looker {
    pub(super) async fn sse(addr: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Self {
        Self::sse_over(connect(addr).await, path, headers).await
    }

    /// By HTTP/1.0, whose answers come as they are.
    pub(super) async fn sse_over(mut tcp: TcpStream, path: &str, headers: &[(&str, &str)]) -> Self {
        let lines: String =
            headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let request = format!("GET {path} HTTP/1.0\r\nHost: bakery\r\n{lines}\r\n");
        tcp.write_all(request.as_bytes()).await.unwrap();
        let mut stream = BufReader::new(tcp);
        let mut head = Vec::new();
        loop {
            let line = line(&mut stream).await.expect("an answer");
            if line.is_empty() {
                break;
            }
            head.push(line);
        }
        let status: u16 = head[0].split(' ').nth(1).unwrap().parse().unwrap();
        if status != 200 {
            let mut body = Vec::new();
            stream.read_to_end(&mut body).await.unwrap();
            return Self::Refused(status, serde_json::from_slice(&body).unwrap());
        }
        for line in ["content-type: text/event-stream", "cache-control: no-store"] {
            assert!(head.iter().any(|one| one == line), "{head:?}");
        }
        Self::Sse(stream)
    }

    pub(super) async fn socket(addr: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Self {
        let tcp = connect(addr).await;
        let mut request = format!("ws://{addr}{path}").into_client_request().unwrap();
        for (name, value) in headers {
            let name = HeaderName::try_from(*name).unwrap();
            request.headers_mut().insert(name, HeaderValue::try_from(*value).unwrap());
        }
        match tokio_tungstenite::client_async(request, tcp).await {
            Ok((socket, answer)) => {
                let offered = headers.iter().any(|(name, _)| *name == "sec-websocket-protocol");
                let chosen = answer.headers().get("sec-websocket-protocol");
                assert_eq!(chosen.is_some_and(|name| name == "bakery.v1"), offered, "{answer:?}");
                Self::Socket(Box::new(socket))
            }
            Err(Error::Http(answer)) => {
                let body = answer.body().clone().unwrap_or_default();
                let json = serde_json::from_slice(&body).unwrap_or(json!(null));
                Self::Refused(answer.status().as_u16(), json)
            }
            Err(error) => panic!("{error}"),
        }
    }

    /// What comes next.
    pub(super) async fn next(&mut self) -> Result<Told, Ended> {
        within(async {
            match self {
                Self::Sse(stream) => next_frame(stream).await,
                Self::Socket(socket) => next_message(socket).await,
                Self::Refused(status, problem) => panic!("{status}: {problem}"),
            }
        })
        .await
    }

    /// What is told next.
    pub(super) async fn told(&mut self) -> Told {
        self.next().await.unwrap_or_else(|end| panic!("it ended: {end:?}"))
    }

    /// Reads until the end.
    pub(super) async fn ended(&mut self) -> Ended {
        loop {
            if let Err(ended) = self.next().await {
                return ended;
            }
        }
    }

    /// What it was refused with.
    pub(super) fn refused(&self) -> (u16, &Value) {
        match self {
            Self::Refused(status, problem) => (*status, problem),
            Self::Sse(_) | Self::Socket(_) => panic!("it was let in"),
        }
    }
}

async fn line(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = String::new();
    let read = stream.read_line(&mut line).await.ok()?;
    (read > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned())
}

async fn next_frame(stream: &mut BufReader<TcpStream>) -> Result<Told, Ended> {
    let mut told = Told { id: 0, event: String::new(), data: Value::Null };
    let mut retry_ms = 0;
    loop {
        let Some(line) = line(stream).await else {
            return Err(Ended { reason: "cut off".to_owned(), code: None, retry_ms: 0 });
        };
        match line.split_once(": ") {
            Some(("id", id)) => told.id = id.parse().unwrap(),
            Some(("event", event)) => told.event = event.to_owned(),
            Some(("data", data)) => told.data = serde_json::from_str(data).unwrap(),
            Some(("retry", ms)) => retry_ms = ms.parse().unwrap(),
            Some(other) => panic!("{other:?}"),
            None if line == ":" => {}
            None if line.is_empty() && told.event == "end" => {
                let reason = told.data["reason"].as_str().unwrap().to_owned();
                return Err(Ended { reason, code: None, retry_ms });
            }
            None if line.is_empty() && told.event.is_empty() => {}
            None if line.is_empty() => return Ok(told),
            None => panic!("{line:?}"),
        }
    }
}

async fn next_message(socket: &mut WebSocketStream<TcpStream>) -> Result<Told, Ended> {
    let cut_off = || Ended { reason: "cut off".to_owned(), code: None, retry_ms: 0 };
    loop {
        match socket.next().await.ok_or_else(cut_off)?.map_err(|_| cut_off())? {
            Message::Text(text) => {
                let json: Value = serde_json::from_str(text.as_str()).unwrap();
                return Ok(Told {
                    id: json["id"].as_str().unwrap().parse().unwrap(),
                    event: json["event"].as_str().unwrap().to_owned(),
                    data: json["data"].clone(),
                });
            }
            Message::Close(frame) => {
                let frame = frame.ok_or_else(cut_off)?;
                let (reason, retry) = frame.reason.as_str().split_once("; retry_ms=").unwrap();
                return Err(Ended {
                    reason: reason.to_owned(),
                    code: Some(frame.code.into()),
                    retry_ms: retry.parse().unwrap(),
                });
            }
            Message::Ping(_) | Message::Pong(_) => {}
            other => panic!("{other:?}"),
        }
    }
}
