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
}

impl Cable {
    /// A whole one, to an origin such as `http://127.0.0.1:8080`.
    pub(crate) async fn to(origin: &str) -> Self {
        let to = origin.trim_start_matches("http://").parse().expect("an address");
        let listener = listen((Ipv4Addr::LOCALHOST, 0).into());
        let at = listener.local_addr().expect("an address");
        Self { to, at, running: Mutex::new(Some(tokio::spawn(carry(listener, to)))) }
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
    }

    /// Whole again, at the same port.
    pub(crate) fn mend(&self) {
        let carrying = tokio::spawn(carry(listen(self.at), self.to));
        *self.running.lock().expect("no panic") = Some(carrying);
    }
}

fn listen(at: SocketAddr) -> TcpListener {
    let socket = TcpSocket::new_v4().expect("a socket");
    // Connections that have ended still hold the port for a while.
    socket.set_reuseaddr(true).expect("an option");
    socket.bind(at).expect("the port");
    socket.listen(WAITING_MAX).expect("a listener")
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
