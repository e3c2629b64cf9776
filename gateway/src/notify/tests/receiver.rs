//! A program outside that is told things: it answers as a test says, and remembers all it was told.

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;

/// How it answers.
#[derive(Clone)]
pub(in crate::notify) enum Manner {
    /// With this status.
    Answers(u16),
    /// With this status, after so many milliseconds.
    Slow(u16, u64),
    /// To be asked there instead.
    Redirects(String),
    /// Never.
    Hangs,
}

/// What it was told once.
#[derive(Clone, Debug)]
pub(in crate::notify) struct Told {
    pub(in crate::notify) headers: HashMap<String, String>,
    pub(in crate::notify) body: String,
}

impl Told {
    /// The header `webhook-id`.
    pub(in crate::notify) fn id(&self) -> &str {
        &self.headers["webhook-id"]
    }
}

#[derive(Default)]
struct Memory {
    told: Vec<Told>,
    /// By id: how many calls are there now, and how many were at the same time at the most.
    now: HashMap<String, usize>,
    most_of_one: usize,
    most_of_all: usize,
}

struct Shared {
    manner: Mutex<Manner>,
    memory: Mutex<Memory>,
}

/// The receiver; it ends with this value.
pub(in crate::notify) struct Receiver {
    pub(in crate::notify) url: String,
    pub(in crate::notify) port: u16,
    shared: Arc<Shared>,
    _server: AbortOnDropHandle<()>,
}

impl Receiver {
    pub(in crate::notify) async fn open(manner: Manner) -> Self {
        let (manner, memory) = (Mutex::new(manner), Mutex::default());
        let shared = Arc::new(Shared { manner, memory });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let router = Router::new().fallback(answer).with_state(shared.clone());
        let server = async move { axum::serve(listener, router).await.unwrap() };
        let server = AbortOnDropHandle::new(tokio::spawn(server));
        Self { url: format!("http://127.0.0.1:{port}/hook?a=b"), port, shared, _server: server }
    }

    /// From now on it answers so.
    pub(in crate::notify) fn set(&self, manner: Manner) {
        *self.shared.manner.lock().unwrap() = manner;
    }

    /// All it was told.
    pub(in crate::notify) fn told(&self) -> Vec<Told> {
        self.shared.memory.lock().unwrap().told.clone()
    }

    /// Calls with one id at the same time at the most, and calls at all.
    pub(in crate::notify) fn most(&self) -> (usize, usize) {
        let memory = self.shared.memory.lock().unwrap();
        (memory.most_of_one, memory.most_of_all)
    }
}

/// Counts a call as long as it is there.
struct Present(Arc<Shared>, String);

impl Drop for Present {
    fn drop(&mut self) {
        let mut memory = self.0.memory.lock().unwrap();
        *memory.now.get_mut(&self.1).unwrap() -= 1;
    }
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    assert_eq!(request.method(), "POST");
    let header = |(name, value): (&axum::http::HeaderName, &axum::http::HeaderValue)| {
        (name.to_string(), value.to_str().unwrap().to_owned())
    };
    let headers: HashMap<String, String> = request.headers().iter().map(header).collect();
    let body = to_bytes(request.into_body(), 100_000).await.unwrap();
    let told = Told { headers, body: String::from_utf8(body.to_vec()).unwrap() };
    let call_id = told.headers.get("webhook-id").cloned().unwrap_or_default();
    let _present = Present(shared.clone(), call_id.clone());
    {
        let mut memory = shared.memory.lock().unwrap();
        memory.told.push(told);
        *memory.now.entry(call_id.clone()).or_default() += 1;
        memory.most_of_one = memory.most_of_one.max(memory.now[&call_id]);
        memory.most_of_all = memory.most_of_all.max(memory.now.values().sum());
    }
    let manner = shared.manner.lock().unwrap().clone();
    let status = |status| StatusCode::from_u16(status).unwrap();
    match manner {
        Manner::Answers(code) => status(code).into_response(),
        Manner::Slow(code, pause_ms) => {
            tokio::time::sleep(Duration::from_millis(pause_ms)).await;
            status(code).into_response()
        }
        Manner::Redirects(to) => (StatusCode::TEMPORARY_REDIRECT, [(LOCATION, to)]).into_response(),
        Manner::Hangs => std::future::pending().await,
    }
}
