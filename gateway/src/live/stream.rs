//! A live connection as server-sent events, which `fetch` and `EventSource` read.

use super::listener::{Listener, Next};
use axum::body::{Body, Bytes};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use std::convert::Infallible;
use tokio::time::{Instant, sleep_until};

/// Some proxies gather answers before they pass them on, unless they are told.
const UNBUFFERED: (HeaderName, HeaderValue) =
    (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));

/// What is under way.
struct State {
    listener: Listener,
    said: Instant,
    stage: Stage,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Begin,
    Middle,
    End,
}

/// The answer that goes on.
pub(crate) fn answer(listener: Listener) -> Response {
    let state = State { listener, said: Instant::now(), stage: Stage::Begin };
    let frames = futures::stream::unfold(state, |mut state| async move {
        let frame = state.frame().await?;
        Some((Ok::<Bytes, Infallible>(frame), state))
    });
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        UNBUFFERED,
    ];
    (headers, Body::from_stream(frames)).into_response()
}

impl State {
    async fn frame(&mut self) -> Option<Bytes> {
        let retry = self.listener.retry_ms();
        match self.stage {
            Stage::Begin => {
                self.stage = Stage::Middle;
                return Some(format!("retry: {retry}\n\n").into());
            }
            Stage::Middle => {}
            Stage::End => return None,
        }
        let silent_until = self.said + self.listener.heartbeat();
        let frame = tokio::select! {
            biased;
            next = self.listener.next() => match next {
                Next::Event(event) => event.sse,
                Next::End(why) => {
                    tracing::debug!(why = why.as_str(), "a live connection ends");
                    self.stage = Stage::End;
                    let why = why.as_str();
                    format!("retry: {retry}\nevent: end\ndata: {{\"reason\":\"{why}\"}}\n\n").into()
                }
            },
            () = sleep_until(silent_until) => Bytes::from_static(b":\n\n"),
        };
        self.said = Instant::now();
        Some(frame)
    }
}
