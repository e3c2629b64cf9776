//! TLS with certificates that are made here, and made anew while the server runs.

use super::client::Client;
use super::{House, LONG, PROMPT, Times, Tls, short, within};
use crate::config::{Guard, TlsFiles};
use crate::server::tls::LOOK_PAUSE_MS;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion, version};

/// A folder with a certificate and its key.
struct Files {
    folder: TempDir,
    files: TlsFiles,
}

impl Files {
    fn new() -> (Self, CertificateDer<'static>) {
        let folder = tempfile::tempdir().unwrap();
        let files = TlsFiles {
            certificate: folder.path().join("cert.pem"),
            key: folder.path().join("key.pem"),
        };
        let files = Self { folder, files };
        let certificate = files.renew();
        (files, certificate)
    }

    /// Another certificate with another key.
    fn renew(&self) -> CertificateDer<'static> {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["bakery.test".to_owned()]).unwrap();
        self.write(&cert.pem(), &signing_key.serialize_pem());
        cert.der().clone()
    }

    fn write(&self, certificate: &str, key: &str) {
        std::fs::write(&self.files.certificate, certificate).unwrap();
        std::fs::write(&self.files.key, key).unwrap();
    }

    fn guard(&self) -> Guard {
        Guard { tls: Some(self.files.clone()), ..Guard::default() }
    }
}

/// A client that trusts this certificate and nothing else.
async fn client(
    house: &House,
    trusted: &CertificateDer<'static>,
    versions: &[&'static SupportedProtocolVersion],
) -> std::io::Result<Client<TlsStream<TcpStream>>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("bakery.test").unwrap();
    let tcp = TcpStream::connect(house.addr).await?;
    let stream = within(TlsConnector::from(Arc::new(config)).connect(name, tcp)).await?;
    Ok(Client::new(stream))
}

const BOTH: &[&SupportedProtocolVersion] = &[&version::TLS12, &version::TLS13];

#[tokio::test]
async fn with_a_certificate_only_tls_is_spoken_and_asked_for_from_then_on() {
    let (files, certificate) = Files::new();
    let house = House::open(files.guard(), short()).await;
    for versions in [&[&version::TLS12][..], &[&version::TLS13]] {
        let mut client = client(&house, &certificate, versions).await.unwrap();
        for _ in 0..2 {
            let answer = client.get("/healthz", "").await;
            assert_eq!(answer.status, 200);
            assert_eq!(answer.headers["strict-transport-security"], "max-age=31536000");
        }
        let answer = client.ask(&format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(20_000))).await;
        assert_eq!((answer.status, answer.code().as_str()), (431, "head_too_large"));
        assert_eq!(answer.headers["strict-transport-security"], "max-age=31536000");
        client.closed().await;
    }
    let mut plain = house.client().await;
    plain.write("GET /healthz HTTP/1.1\r\nHost: bakery\r\n\r\n").await.unwrap();
    assert!(plain.answer().await.is_none(), "it speaks without TLS");
    house.close().await;
}

#[tokio::test]
async fn who_does_not_finish_the_handshake_is_cut_off() {
    let (files, certificate) = Files::new();
    let times = Times { handshake: Duration::from_secs(5), head: LONG, idle: LONG, ..short() };
    let house = House::open(files.guard(), times).await;
    let start = Instant::now();
    let mut silent = house.client().await;
    let mut half = house.client().await;
    // The begin of a record that never comes.
    half.write([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]).await.unwrap();
    assert_eq!(client(&house, &certificate, BOTH).await.unwrap().get("/", "").await.status, 200);
    silent.closed().await;
    half.closed().await;
    assert!(start.elapsed() < times.handshake + PROMPT);
    house.close().await;
}

#[tokio::test]
async fn a_new_certificate_is_taken_while_it_runs_and_a_bad_one_is_not() {
    let (files, old) = Files::new();
    let house = House::open(files.guard(), Times::default()).await;
    let mut kept = client(&house, &old, BOTH).await.unwrap();
    assert_eq!(kept.get("/healthz", "").await.status, 200);

    // First the bad one: nothing changes, however often it is looked at.
    files.write("no certificate", "no key");
    tokio::time::sleep(Duration::from_millis(LOOK_PAUSE_MS * 3 / 2)).await;
    assert!(client(&house, &old, BOTH).await.is_ok(), "the old certificate is gone");

    let new = files.renew();
    within(async {
        while client(&house, &new, BOTH).await.is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    assert!(client(&house, &old, BOTH).await.is_err(), "the old certificate is still shown");
    assert_eq!(kept.get("/healthz", "").await.status, 200, "a connection was cut off");
    house.close().await;
}

#[test]
fn files_that_do_not_work_are_named() {
    let (files, _) = Files::new();
    let refused = || Tls::open(&files.files).err().map(|error| error.to_string());
    assert_eq!(refused(), None);
    let key = std::fs::read_to_string(&files.files.key).unwrap();
    let certificate = std::fs::read_to_string(&files.files.certificate).unwrap();
    let cases = [
        ("", key.as_str(), "do not work"),
        (&certificate, "", "key.pem is no PEM file of a private key"),
        ("-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----", &key, "cert.pem"),
    ];
    for (certificate, key, reason) in cases {
        files.write(certificate, key);
        assert!(refused().unwrap().contains(reason), "{reason}: {refused:?}", refused = refused());
    }
    files.renew();
    std::fs::write(&files.files.key, &key).unwrap();
    assert!(refused().unwrap().contains("do not work"), "the key of another certificate is taken");
    std::fs::remove_file(&files.files.key).unwrap();
    assert!(refused().unwrap().contains("key.pem cannot be read"));
    drop(files.folder);
}
