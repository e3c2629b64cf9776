//! Signatures of the Standard Webhooks specification, and the secrets they are made with.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::error::Unspecified;
use ring::hmac::{HMAC_SHA256, Key, sign};
use ring::rand::{SecureRandom, SystemRandom};

/// 256 bits; the specification wants 24 to 64 bytes.
const SECRET_BYTES: usize = 32;
/// What a secret's text begins with.
const PREFIX: &str = "whsec_";

/// A new secret.
///
/// # Errors
/// The machine gives no random numbers.
pub(crate) fn new_secret() -> Result<Vec<u8>, Unspecified> {
    let mut bytes = [0; SECRET_BYTES];
    SystemRandom::new().fill(&mut bytes)?;
    Ok(bytes.to_vec())
}

/// A secret as its owner gets it.
pub(crate) fn secret_text(secret: &[u8]) -> String {
    format!("{PREFIX}{}", STANDARD.encode(secret))
}

/// The header `webhook-signature`: one signature for each secret.
pub(crate) fn signatures<'s>(
    secrets: impl Iterator<Item = &'s [u8]>,
    id: &str,
    timestamp_s: i64,
    body: &str,
) -> String {
    let signed = format!("{id}.{timestamp_s}.{body}");
    let one = |secret: &[u8]| {
        let tag = sign(&Key::new(HMAC_SHA256, secret), signed.as_bytes());
        format!("v1,{}", STANDARD.encode(tag))
    };
    secrets.map(one).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
pub(super) mod tests {
    use super::{new_secret, secret_text, signatures};
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use sha2::{Digest, Sha256};

    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const BODY: &str = r#"{"test": 2432232314}"#;
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    /// HMAC (RFC 2104) as it is written down, by another implementation of SHA-256.
    pub(in crate::notify) fn recomputed(
        secret: &str,
        id: &str,
        timestamp: &str,
        body: &str,
    ) -> String {
        let mut key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        assert!(key.len() <= 64);
        key.resize(64, 0);
        let pad = |with: u8| key.iter().map(|byte| byte ^ with).collect::<Vec<u8>>();
        let inner = Sha256::new().chain_update(pad(0x36));
        let inner = inner.chain_update(format!("{id}.{timestamp}.{body}")).finalize();
        let outer = Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize();
        format!("v1,{}", STANDARD.encode(outer))
    }

    /// The example that the specification's own libraries are tested with.
    #[test]
    fn the_published_example_comes_out() {
        let secret = STANDARD.decode(SECRET.strip_prefix("whsec_").unwrap()).unwrap();
        let signed = signatures([secret.as_slice()].into_iter(), ID, 1_614_265_330, BODY);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert_eq!(signed, recomputed(SECRET, ID, "1614265330", BODY));
        assert_eq!(secret_text(&secret), SECRET);
    }

    #[test]
    fn two_secrets_sign_side_by_side() {
        let (new, old) = (new_secret().unwrap(), new_secret().unwrap());
        assert_ne!(new, old);
        let signed = signatures([new.as_slice(), &old].into_iter(), ID, 7, BODY);
        let of = |secret: &[u8]| recomputed(&secret_text(secret), ID, "7", BODY);
        assert_eq!(signed, format!("{} {}", of(&new), of(&old)));
    }
}
