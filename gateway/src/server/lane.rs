//! The bytes of one connection as they go over the wire, and its place, which is free again when the
//! last of it is dropped: also where the connection speaks another protocol by then.

use super::places::Place;
use super::seat::Doing;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// So much is read and forgotten after the last answer. A connection that is closed with unread
/// bytes is reset, and the client may never see why.
const LINGER_BYTES_MAX: usize = 1024 * 1024;
const LINGER_BUFFER_BYTES: usize = 4096;

/// One connection.
#[derive(Debug)]
pub(super) struct Lane {
    tcp: TcpStream,
    place: Place,
    /// Nothing more is written.
    shut: bool,
    lingered: usize,
}

impl Lane {
    /// A connection in its place.
    pub(super) fn new(tcp: TcpStream, place: Place) -> Self {
        Self { tcp, place, shut: false, lingered: 0 }
    }

    /// Reads on until the client has seen that nothing more comes, or has sent too much.
    fn poll_linger(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while self.lingered < LINGER_BYTES_MAX {
            let mut bytes = [0; LINGER_BUFFER_BYTES];
            let mut buffer = ReadBuf::new(&mut bytes);
            let read = ready!(Pin::new(&mut self.tcp).poll_read(cx, &mut buffer));
            if read.is_err() || buffer.filled().is_empty() {
                break;
            }
            self.lingered += buffer.filled().len();
        }
        Poll::Ready(())
    }
}

impl AsyncRead for Lane {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Lane {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.tcp).poll_write(cx, bytes);
        match written {
            Poll::Ready(_) => self.place.seat.wrote(),
            Poll::Pending => self.place.seat.stuck(),
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.shut {
            ready!(Pin::new(&mut self.tcp).poll_shutdown(cx))?;
            self.shut = true;
            self.place.seat.turn(Doing::Closing);
        }
        if self.place.seat.is_unread() {
            ready!(self.poll_linger(cx));
        }
        Poll::Ready(Ok(()))
    }
}
