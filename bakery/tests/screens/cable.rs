//! The way from the browser to the bakery, which a test can cut and mend.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Mutex;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

const WAITING_MAX: u32 = 64;

/// A port that leads to the bakery.
pub(crate) struct Cable {
    to: SocketAddr,
    at: SocketAddr,
    running: Mutex<Option<JoinHandle<()>>>,
    /// The port while it is cut, so that nobody else gets it. Who connects is refused.
    kept: Mutex<Option<TcpSocket>>,
}

impl Cable {
    /// A whole one, to an origin such as `http://127.0.0.1:8080`.
    pub(crate) async fn to(origin: &str) -> Self {
        let to = origin.trim_start_matches("http://").parse().expect("an address");
        let socket = bind((Ipv4Addr::LOCALHOST, 0).into()).expect("a port");
        let at = socket.local_addr().expect("an address");
        let cable = Self { to, at, running: Mutex::default(), kept: Mutex::new(Some(socket)) };
        cable.mend();
        cable
    }

    /// What the browser is sent to.
    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.at)
    }

    /// Ends all connections and takes no new ones.
    pub(crate) async fn cut(&self) {
        let running = self.running.lock().expect("no panic").take().expect("it is whole");
        running.abort();
        // Aborted, it gives no result; its connections are gone with it.
        running.await.ok();
        let socket = bind(self.at).expect("the same port");
        // Who would share the port as well would get it.
        socket.set_reuseaddr(false).expect("an option");
        *self.kept.lock().expect("no panic") = Some(socket);
    }

    /// Whole again, at the same port.
    pub(crate) fn mend(&self) {
        let socket = self.kept.lock().expect("no panic").take().expect("it is cut");
        socket.set_reuseaddr(true).expect("an option");
        let listener = socket.listen(WAITING_MAX).expect("the port");
        let carrying = tokio::spawn(carry(listener, self.to));
        *self.running.lock().expect("no panic") = Some(carrying);
    }
}

fn bind(at: SocketAddr) -> std::io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    // Connections that have ended still hold the port for a while.
    socket.set_reuseaddr(true)?;
    socket.bind(at)?;
    Ok(socket)
}

/// Carries what comes until it is dropped, and its connections with it.
async fn carry(listener: TcpListener, to: SocketAddr) {
    let mut connections = JoinSet::new();
    loop {
        let Ok((mut near, _)) = listener.accept().await else { continue };
        connections.spawn(async move {
            if let Ok(mut far) = TcpStream::connect(to).await {
                // Who goes away in the middle is no news here.
                copy_bidirectional(&mut near, &mut far).await.ok();
            }
        });
        while connections.try_join_next().is_some() {}
    }
}
