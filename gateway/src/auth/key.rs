//! The key that access tokens are signed with: Ed25519, in a file that all gateways share.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use serde_json::json;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;

/// What is at the beginning of a PEM file, and never of a DER one.
const PEM: &[u8] = b"-----BEGIN";
/// The type of an access token (RFC 9068): no other token of anybody is one.
const TYPE: &str = "at+jwt";
/// Nobody but the gateway may read the file.
const FILE_MODE: u32 = 0o600;

/// A key and the one header of the tokens it signs.
#[derive(Debug)]
pub(crate) struct Key {
    pair: Ed25519KeyPair,
    header: String,
}

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeyError {
    /// The file cannot be read or made.
    #[error("it cannot be read or made: {0}")]
    File(#[from] io::Error),
    /// There is something else in it.
    #[error("it holds no Ed25519 key in PKCS#8 form (PEM or DER)")]
    Form,
    /// There is nothing to make a key of.
    #[error("the machine gives no random numbers")]
    Random,
}

impl Key {
    /// Reads the file; where there is none, makes it first. Of two gateways that make it at once
    /// one wins, and both read the same key.
    pub(crate) fn load_or_make(file: &Path) -> Result<Self, KeyError> {
        match fs::read(file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => make(file)?,
            Err(error) => return Err(error.into()),
            Ok(_) => {}
        }
        if fs::metadata(file)?.mode() & 0o077 != 0 {
            tracing::warn!("others may read the key in {}", file.display());
        }
        Self::read(&fs::read(file)?)
    }

    /// The key in the bytes of a file.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, KeyError> {
        let pem;
        let der = if bytes.trim_ascii_start().starts_with(PEM) {
            pem = PrivatePkcs8KeyDer::from_pem_slice(bytes).map_err(|_| KeyError::Form)?;
            pem.secret_pkcs8_der()
        } else {
            bytes
        };
        // Files of openssl hold no public key to check the private one with; ours do.
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).map_err(|_| KeyError::Form)?;
        let kid = URL_SAFE_NO_PAD.encode(digest(&SHA256, pair.public_key().as_ref()));
        let header = json!({"alg": "EdDSA", "kid": kid, "typ": TYPE}).to_string();
        Ok(Self { header: URL_SAFE_NO_PAD.encode(header), pair })
    }

    /// The first part of each token that this key signs, and of no other token.
    pub(crate) fn header(&self) -> &str {
        &self.header
    }

    /// Signs.
    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(message).as_ref().to_vec()
    }

    /// Whether this key signed it.
    pub(crate) fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        let public = UnparsedPublicKey::new(&ED25519, self.pair.public_key().as_ref());
        public.verify(message, signature).is_ok()
    }

    /// The half that everybody may know.
    #[cfg(test)]
    pub(crate) fn public(&self) -> &[u8] {
        self.pair.public_key().as_ref()
    }

    /// A new one that is in no file.
    #[cfg(test)]
    pub(crate) fn random() -> Self {
        Self::read(&pkcs8().unwrap()).unwrap()
    }
}

/// A new private key.
pub(crate) fn pkcs8() -> Result<Vec<u8>, KeyError> {
    let made = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new());
    Ok(made.map_err(|_| KeyError::Random)?.as_ref().to_vec())
}

/// Writes a new key beside the file and gives it the file's name, unless another gateway was faster.
/// So nobody ever reads half a key.
fn make(file: &Path) -> Result<(), KeyError> {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}", uuid::Uuid::now_v7()));
    let draft = file.with_file_name(name);
    let mut options = OpenOptions::new();
    let mut new = options.write(true).create_new(true).mode(FILE_MODE).open(&draft)?;
    new.write_all(&pkcs8()?)?;
    new.sync_all()?;
    let linked = fs::hard_link(&draft, file);
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error.into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Key, pkcs8};
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use std::os::unix::fs::MetadataExt;

    #[test]
    fn a_key_is_made_once_for_its_owner_alone_and_read_by_all() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("jwt.key");
        let made: Vec<Key> = std::thread::scope(|scope| {
            let start = || scope.spawn(|| Key::load_or_make(&file).unwrap());
            let gateways: Vec<_> = (0..8).map(|_| start()).collect();
            gateways.into_iter().map(|gateway| gateway.join().unwrap()).collect()
        });
        assert!(made.iter().all(|key| key.header() == made[0].header()));
        assert_eq!(std::fs::metadata(&file).unwrap().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "a draft was left behind");
        let signature = made[0].sign(b"text");
        assert!(made[1].has_signed(b"text", &signature));
        assert!(!made[1].has_signed(b"texts", &signature));
    }

    #[test]
    fn pem_and_der_are_read_and_anything_else_is_refused() {
        let der = pkcs8().unwrap();
        let pem = format!(
            "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
            STANDARD.encode(&der)
        );
        let (der, pem) = (Key::read(&der).unwrap(), Key::read(pem.as_bytes()).unwrap());
        assert_eq!(der.header(), pem.header());
        // Made by `openssl genpkey -algorithm ed25519`: without a public key.
        let openssl = "-----BEGIN PRIVATE KEY-----\n\
                       MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF\n\
                       -----END PRIVATE KEY-----\n";
        Key::read(openssl.as_bytes()).unwrap();
        for bad in [&b""[..], b"{}", b"-----BEGIN PRIVATE KEY-----\nAAAA\n", &[0; 83]] {
            assert!(Key::read(bad).is_err());
        }
    }
}
