//! The demo as a person starts it, in a folder of its own; and whoever comes there.

use bakery_nats::connect::{Bus, BusConfig, connect};
use bakery_nats::dead::letter;
use bakery_nats::envelope::Wire;
use bakery_nats::publish::{Outlet, Stream};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

const ANSWER_TIMEOUT_S: u64 = 40;

/// A running demo; dropped, it is interrupted as by Ctrl-C.
pub(crate) struct Demo {
    child: Child,
    client: Client,
    /// Such as `http://127.0.0.1:18080`.
    pub(crate) origin: String,
    /// What the staff sign in with.
    pub(crate) password: String,
    folder: TempDir,
}

/// Everything that an answer is.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

impl Demo {
    /// Starts it with these variables and reads its banner: it is open then. Nobody is counted.
    pub(crate) fn start(more: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut command = Command::new(env!("CARGO_BIN_EXE_bakery"));
        command.arg("--data").arg(folder.path().join("data")).args(["--http", "127.0.0.1:0"]);
        for name in ["NATS_URL", "NATS_PASSWORD", "DATABASE_URL", "REDIS_URL", "HTTP_ADDR"] {
            command.env_remove(name);
        }
        command.env("LOG", "error");
        command.envs(more.iter().copied());
        command.env("RATE_LIMIT_PER_MINUTE", "0").env("RATE_LIMIT_WRITES_PER_MINUTE", "0");
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("it");
        let mut banner = String::new();
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        while !banner.contains("Ctrl-C closes") {
            let line = lines.next().unwrap_or_else(|| panic!("it ended: {banner}"));
            banner += &format!("{}\n", line.expect("text"));
        }
        let word = |before: &str| {
            let rest = banner.split(before).nth(1).expect("this in the banner");
            rest.split_whitespace().next().expect("a word").to_owned()
        };
        let (address, password) = (word("http://"), word("password of this demo, "));
        let client = Client::builder().timeout(Duration::from_secs(ANSWER_TIMEOUT_S)).build();
        let (client, origin) = (client.expect("a client"), format!("http://{address}"));
        Self { child, client, origin, password, folder }
    }

    /// A request to a path below `/api/v1`.
    pub(crate) fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method = Method::from_bytes(method.to_ascii_uppercase().as_bytes()).expect("a method");
        self.client.request(method, format!("{}/api/v1{path}", self.origin))
    }

    /// The document.
    pub(crate) async fn document(&self) -> Value {
        let answer = self.client.get(format!("{}/openapi.json", self.origin)).send().await;
        answer.expect("an answer").json().await.expect("JSON")
    }

    /// The access token of one of the staff.
    pub(crate) async fn staff(&self, role: &str) -> String {
        let login = json!({ "username": role, "password": self.password });
        let answer = send(self.request("POST", "/sessions").json(&login)).await;
        assert_eq!(answer.status, 200, "{role}");
        text(&answer.json(), "/access_token")
    }

    /// The bus, as the operator.
    pub(crate) async fn bus(&self) -> Bus {
        let file = self.folder.path().join("data/operator.env");
        let file = std::fs::read_to_string(file).expect("what the operator needs");
        let word = |name: &str| {
            let found = file.split_whitespace().find_map(|word| word.strip_prefix(name));
            found.unwrap_or_else(|| panic!("no {name} in {file}")).to_owned()
        };
        let [url, user, password] = ["NATS_URL=", "NATS_USER=", "NATS_PASSWORD="].map(word);
        connect(&BusConfig { url, user, password }).await.expect("the bus")
    }

    /// Inventory could not take this message. It is the first that became a dead letter.
    pub(crate) async fn bury(&self, wire: &Wire) {
        let bus = self.bus().await;
        let headers = wire.header_map();
        let (service, body) = ("inventory", wire.payload.clone());
        let letter = letter(service, &wire.subject, 1, Some(&headers), body, "a test");
        let stream = Stream { context: bus.context.clone() };
        stream.publish(vec![letter]).await.expect("stored");
    }

    /// The access token of somebody new.
    pub(crate) async fn guest(&self) -> String {
        let answer = send(self.request("POST", "/guests").json(&json!({ "name": "Ada" }))).await;
        text(&answer.json(), "/access_token")
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::INT).ok();
        self.child.wait().ok();
    }
}

/// Sends a request and reads the answer; one that has no end is not read.
pub(crate) async fn send(request: RequestBuilder) -> Answer {
    let answer = request.send().await.expect("an answer");
    let status = answer.status().as_u16();
    let content_type = answer.headers().get("content-type");
    let content_type = content_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let content_type = content_type.to_owned();
    let endless = content_type == "text/event-stream";
    let body = if endless { Vec::new() } else { answer.bytes().await.expect("a body").to_vec() };
    Answer { status, content_type, body }
}

/// A text in JSON that must be there.
pub(crate) fn text(json: &Value, pointer: &str) -> String {
    let text = json.pointer(pointer).and_then(Value::as_str);
    text.unwrap_or_else(|| panic!("no {pointer} in {json}")).to_owned()
}
