//! From hyper to the router. A request is in hand from its head until the last of its answer's body
//! was taken over.

use super::seat::{Doing, Seat};
use crate::client::Peer;
use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::http::{Request, Response};
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// Answers the requests of one connection.
pub(super) struct Answers {
    router: TowerToHyperService<Router>,
    seat: Arc<Seat>,
    peer: SocketAddr,
}

impl Answers {
    /// With this router.
    pub(super) fn new(router: Router, seat: Arc<Seat>, peer: SocketAddr) -> Self {
        Self { router: TowerToHyperService::new(router), seat, peer }
    }
}

impl Service<Request<Incoming>> for Answers {
    type Response = Response<Answer>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        self.seat.begin(!request.body().is_end_stream());
        let in_hand = InHand(self.seat.clone());
        request.extensions_mut().insert(Peer(self.peer));
        let answer = self.router.call(request);
        Box::pin(async move { Ok(answer.await?.map(|body| Answer { body, _in_hand: in_hand })) })
    }
}

/// A request that is being worked on.
struct InHand(Arc<Seat>);

impl Drop for InHand {
    fn drop(&mut self) {
        self.0.turn(Doing::Idle);
    }
}

/// The body of an answer.
pub(super) struct Answer {
    body: Body,
    _in_hand: InHand,
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
