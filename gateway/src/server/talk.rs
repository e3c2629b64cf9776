//! The bytes of one connection as HTTP reads and writes them, in the clear. Watches for the first
//! byte of a request, and gives what hyper refuses by itself the form of all our errors.

use super::refusal::instead_of;
use super::seat::Seat;
use crate::middleware::security::Security;
use axum::body::Bytes;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// One connection.
#[derive(Debug)]
pub(super) struct Talk<S> {
    stream: S,
    seat: Arc<Seat>,
    security: Security,
    /// What is left to write of an answer in place of hyper's.
    refusal: Option<Bytes>,
}

impl<S> Talk<S> {
    /// Over this stream.
    pub(super) fn new(stream: S, seat: Arc<Seat>, security: Security) -> Self {
        Self { stream, seat, security, refusal: None }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Talk<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        if buffer.filled().len() > before {
            self.seat.heard();
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Talk<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        if this.refusal.is_none() {
            let Some(refusal) = instead_of(bytes, this.security) else {
                return Pin::new(&mut this.stream).poll_write(cx, bytes);
            };
            this.seat.refuse();
            this.refusal = Some(refusal);
        }
        // All of ours; then hyper hears that its own is written. After that it closes.
        while let Some(rest) = this.refusal.as_mut().filter(|rest| !rest.is_empty()) {
            let written = ready!(Pin::new(&mut this.stream).poll_write(cx, rest))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            drop(rest.split_to(written.min(rest.len())));
        }
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
