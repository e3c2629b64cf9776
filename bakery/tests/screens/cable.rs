//! The way from the browser to the bakery, which a test can cut and mend.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Mutex;
use std::time::Duration;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

const WAITING_MAX: u32 = 64;
const LISTEN_PAUSE_MS: u64 = 100;

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
        let listener = listen((Ipv4Addr::LOCALHOST, 0).into()).expect("a port");
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
        let (at, to) = (self.at, self.to);
        let carrying = tokio::spawn(async move { carry(listen_again(at).await, to).await });
        *self.running.lock().expect("no panic") = Some(carrying);
    }
}

fn listen(at: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    // Connections that have ended still hold the port for a while.
    socket.set_reuseaddr(true)?;
    socket.bind(at)?;
    socket.listen(WAITING_MAX)
}

/// The same where the port may be somebody else's for a moment.
async fn listen_again(at: SocketAddr) -> TcpListener {
    loop {
        match listen(at) {
            Ok(listener) => return listener,
            Err(error) => println!("the cable is not whole yet: {error}"),
        }
        tokio::time::sleep(Duration::from_millis(LISTEN_PAUSE_MS)).await;
    }
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
