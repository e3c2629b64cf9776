//! Calls that must not be made, and TLS.

use super::{PostError, Poster};
use crate::notify::tests::receiver::{Manner, Receiver};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};
use tokio_util::task::AbortOnDropHandle;

async fn post(poster: &Poster, url: &str) -> Result<u16, PostError> {
    poster.post(url, Vec::new(), "{}".to_owned()).await
}

/// By name and by address; what is resolved is looked at, and nothing connects.
#[tokio::test]
async fn our_own_network_is_not_called() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let poster = Poster::new(false).unwrap();
    let by_name = post(&poster, &format!("https://localhost:{port}/")).await;
    assert_eq!(by_name, Err(PostError::Private));
    for url in [
        format!("https://127.0.0.1:{port}/"),
        format!("https://0x7f000001:{port}/"),
        format!("https://[::1]:{port}/"),
        format!("https://[::ffff:127.0.0.1]:{port}/"),
        format!("http://localhost:{port}/"),
    ] {
        assert_eq!(post(&poster, &url).await, Err(PostError::Url), "{url}");
    }
    let nobody = tokio::time::timeout(Duration::from_millis(50), listener.accept()).await;
    assert!(nobody.is_err(), "somebody connected");
}

#[tokio::test]
async fn faults_are_told_apart() {
    let receiver = Receiver::open(Manner::Answers(418)).await;
    let mut poster = Poster::new(true).unwrap();
    assert_eq!(post(&poster, &receiver.url).await, Ok(418));
    let tls = format!("https://127.0.0.1:{}/", receiver.port);
    assert_eq!(post(&poster, &tls).await, Err(PostError::Tls));
    assert_eq!(post(&poster, "http://127.0.0.1:1/").await, Err(PostError::Connect));
    // A resolver of the machine may ask others before it says that there is no such name.
    poster.timeout = Duration::from_secs(120);
    assert_eq!(post(&poster, "http://nobody.invalid/").await, Err(PostError::Resolve));
    receiver.set(Manner::Hangs);
    poster.timeout = Duration::from_millis(200);
    let begin = Instant::now();
    assert_eq!(post(&poster, &receiver.url).await, Err(PostError::Timeout));
    assert!(begin.elapsed() < Duration::from_secs(10), "it is given up after 15 s in any case");
}

/// Answers every connection with these bytes, over TLS where there is an acceptor.
async fn server(acceptor: Option<TlsAcceptor>, answer: Vec<u8>) -> (u16, AbortOnDropHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let serve = async move {
        while let Ok((mut tcp, _)) = listener.accept().await {
            let mut request = [0; 4096];
            match &acceptor {
                Some(acceptor) => {
                    let Ok(mut tls) = acceptor.accept(tcp).await else { continue };
                    let _read = tls.read(&mut request).await;
                    let _sent = tls.write_all(&answer).await;
                    let _closed = tls.shutdown().await;
                }
                None => {
                    let _read = tcp.read(&mut request).await;
                    let _sent = tcp.write_all(&answer).await;
                }
            }
        }
    };
    (port, AbortOnDropHandle::new(tokio::spawn(serve)))
}

#[tokio::test]
async fn an_endless_head_and_what_is_no_http_are_no_answers() {
    let endless = format!("HTTP/1.1 200 OK\r\nX: {}", "x".repeat(1_000_000));
    for answer in [endless.into_bytes(), b"hello\r\n\r\n".to_vec(), Vec::new()] {
        let (port, _server) = server(None, answer).await;
        let poster = Poster::new(true).unwrap();
        let answered = post(&poster, &format!("http://127.0.0.1:{port}/")).await;
        assert_eq!(answered, Err(PostError::Http));
    }
}

/// The body is not read: an endless one takes no longer.
#[tokio::test]
async fn an_endless_body_is_not_read() {
    let mut answer = b"HTTP/1.1 200 OK\r\nContent-Length: 100000000000\r\n\r\n".to_vec();
    answer.resize(4_000_000, b'x');
    let (port, _server) = server(None, answer).await;
    let poster = Poster::new(true).unwrap();
    assert_eq!(post(&poster, &format!("http://127.0.0.1:{port}/")).await, Ok(200));
}

#[tokio::test]
async fn over_tls_only_who_is_vouched_for_is_told() {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let answer = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n".to_vec();
    let (port, _server) = server(Some(TlsAcceptor::from(Arc::new(config))), answer).await;
    let mut roots = RootCertStore::empty();
    roots.add(cert.der().clone()).unwrap();
    let trusting = Poster::trusting(true, roots).unwrap();
    let by_name = format!("https://localhost:{port}/");
    assert_eq!(post(&trusting, &by_name).await, Ok(202));
    let by_other_name = format!("https://127.0.0.1:{port}/");
    assert_eq!(post(&trusting, &by_other_name).await, Err(PostError::Tls));
    let stranger = Poster::new(true).unwrap();
    assert_eq!(post(&stranger, &by_name).await, Err(PostError::Tls));
}
