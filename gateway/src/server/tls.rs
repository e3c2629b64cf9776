//! TLS, with the certificate as it is in its files now: a new one is taken without a restart, and one
//! that is no good changes nothing.

use crate::config::TlsFiles;
use std::fmt;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{self, ServerConfig};
use tokio_util::sync::CancellationToken;

/// How often the files are looked at.
pub(super) const LOOK_PAUSE_MS: u64 = 2000;
/// A certificate with all that vouch for it is a few KiB.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// Why there is no TLS with these files.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    /// It is not there, or not for us.
    #[error("{} cannot be read", file.display())]
    Read {
        /// Which.
        file: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// It is not what it should be.
    #[error("{} is no PEM file of {what}", file.display())]
    Pem {
        /// Which.
        file: PathBuf,
        /// What it should be.
        what: &'static str,
        /// Why not.
        source: pem::Error,
    },
    /// The key is not the certificate's, or of a kind that nobody knows.
    #[error("the key and the certificate do not work")]
    Pair(#[source] rustls::Error),
}

/// The TLS of all connections.
pub(crate) struct Tls {
    acceptor: TlsAcceptor,
    current: Arc<Current>,
    provider: Arc<CryptoProvider>,
    files: TlsFiles,
}

/// The certificate as it is now.
struct Current(RwLock<Arc<CertifiedKey>>);

/// What tells that a file is another one now.
type Stamp = Option<(SystemTime, u64, u64)>;

impl Tls {
    /// With what is in the files.
    ///
    /// # Errors
    /// A file cannot be read, or they are no certificate and its key.
    pub(crate) fn open(files: &TlsFiles) -> Result<Self, TlsError> {
        let provider = Arc::new(ring::default_provider());
        let current = Arc::new(Current(RwLock::new(Arc::new(load(files, &provider)?))));
        let mut config = ServerConfig::builder_with_provider(provider.clone())
            .with_protocol_versions(&[&TLS13, &TLS12])
            .map_err(TlsError::Pair)?
            .with_no_client_auth()
            .with_cert_resolver(current.clone());
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(config));
        Ok(Self { acceptor, current, provider, files: files.clone() })
    }

    /// For the next connection.
    pub(super) fn acceptor(&self) -> &TlsAcceptor {
        &self.acceptor
    }

    /// Takes new certificates until it is told to stop.
    pub(crate) async fn watch(self: Arc<Self>, stop: CancellationToken) {
        let mut seen = self.stamps();
        let pause = Duration::from_millis(LOOK_PAUSE_MS);
        while stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_some() {
            // The stamps come first: what changes while it is read is read again.
            let stamps = self.stamps();
            if stamps == seen {
                continue;
            }
            seen = stamps;
            match load(&self.files, &self.provider) {
                Ok(pair) => {
                    self.current.set(pair);
                    tracing::info!("there is a new TLS certificate");
                }
                Err(error) => tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the new TLS certificate is no good; the old one stays"
                ),
            }
        }
    }

    fn stamps(&self) -> (Stamp, Stamp) {
        (stamp(&self.files.certificate), stamp(&self.files.key))
    }
}

impl Current {
    fn set(&self, pair: CertifiedKey) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(pair);
    }
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.read().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

impl fmt::Debug for Current {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Current")
    }
}

fn stamp(file: &Path) -> Stamp {
    let metadata = std::fs::metadata(file).ok()?;
    Some((metadata.modified().ok()?, metadata.len(), metadata.ino()))
}

fn load(files: &TlsFiles, provider: &CryptoProvider) -> Result<CertifiedKey, TlsError> {
    let bad = |file: &Path, what| {
        let file = file.to_owned();
        move |source| TlsError::Pem { file, what, source }
    };
    let certificates = CertificateDer::pem_slice_iter(&read(&files.certificate)?)
        .collect::<Result<Vec<_>, _>>()
        .map_err(bad(&files.certificate, "certificates"))?;
    let key = PrivateKeyDer::from_pem_slice(&read(&files.key)?)
        .map_err(bad(&files.key, "a private key"))?;
    CertifiedKey::from_der(certificates, key, provider).map_err(TlsError::Pair)
}

fn read(file: &Path) -> Result<Vec<u8>, TlsError> {
    let unreadable = |source| TlsError::Read { file: file.to_owned(), source };
    let length = std::fs::metadata(file).map_err(unreadable)?.len();
    if length > FILE_BYTES_MAX {
        return Err(unreadable(io::ErrorKind::FileTooLarge.into()));
    }
    std::fs::read(file).map_err(unreadable)
}
