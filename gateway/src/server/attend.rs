//! One connection from its first byte to its last.

use super::answer::Answers;
use super::lane::Lane;
use super::places::Place;
use super::seat::{Doing, Seat};
use super::talk::Talk;
use super::tls::Tls;
use super::{HEAD_BYTES_MAX, IO_BYTES_MAX};
use crate::middleware::security::Security;
use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

/// What all connections share.
#[derive(Clone)]
pub(super) struct Hall {
    /// Answers.
    pub(super) router: Router,
    /// With which certificate, if any.
    pub(super) tls: Option<Arc<Tls>>,
    /// From then on no further request is taken.
    pub(super) stop: CancellationToken,
}

/// Serves a connection until it ends or is cut off.
pub(super) async fn attend(hall: Hall, tcp: TcpStream, peer: SocketAddr, place: Place) {
    // Small answers must not wait for an acknowledgement.
    if let Err(error) = tcp.set_nodelay(true) {
        tracing::debug!(%error, "a connection stays slow");
    }
    let seat = place.seat.clone();
    let end = seat.end.clone();
    let lane = Lane::new(tcp, place);
    let served = async {
        let Some(tls) = &hall.tls else { return converse(&hall, lane, peer, seat).await };
        match tls.acceptor().accept(lane).await {
            Ok(stream) => converse(&hall, stream, peer, seat).await,
            Err(error) => tracing::debug!(%error, "a connection speaks no TLS"),
        }
    };
    end.run_until_cancelled(served).await;
}

async fn converse<S>(hall: &Hall, stream: S, peer: SocketAddr, seat: Arc<Seat>)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    seat.turn(Doing::Head);
    let talk = Talk::new(stream, seat.clone(), Security { tls: hall.tls.is_some() });
    let answers = Answers::new(hall.router.clone(), seat.clone(), peer);
    let connection = http1::Builder::new()
        .max_header_size(HEAD_BYTES_MAX)
        .max_buf_size(IO_BYTES_MAX)
        // The sweep over all places does that for less.
        .header_read_timeout(None)
        .serve_connection(TokioIo::new(talk), answers)
        .with_upgrades();
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = hall.stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke off");
    }
    // If it lives on, then it speaks another protocol.
    seat.turn(Doing::Upgraded);
}
