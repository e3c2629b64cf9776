//! A live connection as a WebSocket. A client has nothing to say here: what it sends but signs of
//! life and goodbyes ends the connection.

use super::Bounds;
use super::cut::Why;
use super::listener::{Listener, Next};
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use std::future::Future;
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};

/// The one subprotocol there is. Beside it a browser, which can set no headers here, may name its
/// token as [`BEARER`].
pub(crate) const PROTOCOL: &str = "bakery.v1";
/// See [`PROTOCOL`].
pub(crate) const BEARER: &str = "bearer.";
/// What a client may send in one message: signs of life are at most 125 bytes.
const MESSAGE_BYTES_MAX: usize = 1024;
/// What is read at once.
const READ_BYTES: usize = 1024;
/// What waits to be written: the longest snapshot is a megabyte, like the longest reply of a service.
const WRITE_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Signs of life of a client between two of ours.
const SIGNS_MAX: u32 = 16;
/// A goodbye is answered within this time, or not waited for.
const GOODBYE_TIMEOUT_MS: u64 = 1000;

/// Answers with the upgrade, and serves the connection until it ends.
pub(crate) fn answer(upgrade: WebSocketUpgrade, listener: Listener) -> Response {
    let bounds = listener.bounds();
    let open = listener.socket_is_open();
    upgrade
        .protocols([PROTOCOL])
        .max_message_size(MESSAGE_BYTES_MAX)
        .max_frame_size(MESSAGE_BYTES_MAX)
        .read_buffer_size(READ_BYTES)
        // Each event goes out at once.
        .write_buffer_size(0)
        .max_write_buffer_size(WRITE_BYTES_MAX)
        .on_upgrade(move |socket| async move {
            let _open = open;
            serve(socket, listener, bounds).await;
        })
}

async fn serve(mut socket: WebSocket, mut listener: Listener, bounds: Bounds) {
    let Some(why) = talk(&mut socket, &mut listener, &bounds).await else { return };
    tracing::debug!(why = why.as_str(), "a live connection ends");
    let reason = format!("{}; retry_ms={}", why.as_str(), listener.retry_ms());
    // Its place and its queue are free while it says goodbye.
    drop(listener);
    let close = Message::Close(Some(CloseFrame { code: why.code(), reason: reason.into() }));
    let goodbye = async {
        if socket.send(close).await.is_ok() {
            while let Some(Ok(_)) = socket.recv().await {}
        }
    };
    // Whether it is answered changes nothing.
    drop(timeout(Duration::from_millis(GOODBYE_TIMEOUT_MS), goodbye).await);
}

/// Tells what comes until the end; `None` where the client has gone.
async fn talk(socket: &mut WebSocket, listener: &mut Listener, bounds: &Bounds) -> Option<Why> {
    let mut pulse = interval_at(Instant::now() + bounds.heartbeat, bounds.heartbeat);
    pulse.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut heard, mut signs) = (true, 0);
    loop {
        tokio::select! {
            next = listener.next() => match next {
                Next::Event(event) => {
                    within(bounds.write, socket.send(Message::Text(event.text))).await?;
                }
                Next::End(why) => return Some(why),
            },
            said = socket.recv() => match said?.ok()? {
                Message::Ping(_) | Message::Pong(_) if signs < SIGNS_MAX => {
                    heard = true;
                    signs += 1;
                }
                Message::Close(_) => return None,
                Message::Text(_) | Message::Binary(_) | Message::Ping(_) | Message::Pong(_) => {
                    return Some(Why::Spoke);
                }
            },
            _ = pulse.tick() => {
                if !std::mem::take(&mut heard) {
                    return Some(Why::Silent);
                }
                signs = 0;
                within(bounds.write, socket.send(Message::Ping(axum::body::Bytes::new()))).await?;
            }
        }
    }
}

/// `None` where the client takes nothing.
async fn within(
    limit: Duration,
    send: impl Future<Output = Result<(), axum::Error>>,
) -> Option<()> {
    timeout(limit, send).await.ok()?.ok()
}
