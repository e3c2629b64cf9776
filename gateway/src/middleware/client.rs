//! Finds out once for each request who the client is.

use crate::app::App;
use crate::client::{ClientAddress, Peer};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

/// Puts the [`ClientAddress`] into the request's extensions.
pub(crate) async fn client(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let address = match request.extensions().get() {
        Some(Peer(peer)) => {
            ClientAddress::of(peer.ip(), request.headers(), &app.guard.trusted_proxies)
        }
        None => ClientAddress::UNKNOWN,
    };
    request.extensions_mut().insert(address);
    next.run(request).await
}
