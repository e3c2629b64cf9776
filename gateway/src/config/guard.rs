//! The gateway's guard rails: how many connections and requests it takes, from whom, and over what.

use axum::http::{HeaderValue, Uri};
use bakery_chassis::env::{self, EnvError};
use ipnet::IpNet;
use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// Connections at the same time, if nothing else is said.
const CONNECTIONS_MAX: NonZeroUsize = match NonZeroUsize::new(4096) {
    Some(number) => number,
    None => NonZeroUsize::MIN,
};

/// The guard rails. Its default is what holds where nothing is set.
#[derive(Clone, Debug)]
pub struct Guard {
    /// `CONNECTIONS_MAX`: connections at the same time, 4096 if not set.
    pub connections_max: NonZeroUsize,
    /// `CONNECTIONS_PER_ADDRESS_MAX`: so many of them from one address. Not set, it is 256, and
    /// this machine may have more; set, it holds for all but the trusted proxies.
    pub connections_per_address_max: Option<NonZeroUsize>,
    /// `REQUESTS_PER_ADDRESS_MAX`: so many requests of one address at the same time. Not set, it is 64,
    /// and this machine may have more.
    pub requests_per_address_max: Option<NonZeroUsize>,
    /// `TLS_CERT_FILE` and `TLS_KEY_FILE`: with both, HTTPS and nothing else is spoken.
    pub tls: Option<TlsFiles>,
    /// `TRUSTED_PROXIES`: who is believed about the client's address, such as
    /// `127.0.0.1,10.0.0.0/8`; nobody if not set.
    pub trusted_proxies: Vec<IpNet>,
    /// `CORS_ORIGINS`: which other sites' pages may call the API, such as
    /// `https://shop.example`; none if not set.
    pub cors_origins: Vec<HeaderValue>,
    /// `RATE_LIMIT_PER_MINUTE`: requests of one client in a minute; 0 is no limit. Not set, it is
    /// 1200, and this machine may send more.
    pub rate_limit_per_minute: Option<u32>,
    /// `RATE_LIMIT_WRITES_PER_MINUTE`: of those that change something; 0 is no limit. Not set, it
    /// is 300, and this machine may send more.
    pub rate_limit_writes_per_minute: Option<u32>,
}

/// A certificate and its key, as PEM; both are read again when they change.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The certificate, followed by those that vouch for it.
    pub certificate: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

impl Default for Guard {
    fn default() -> Self {
        Self {
            connections_max: CONNECTIONS_MAX,
            connections_per_address_max: None,
            requests_per_address_max: None,
            tls: None,
            trusted_proxies: Vec::new(),
            cors_origins: Vec::new(),
            rate_limit_per_minute: None,
            rate_limit_writes_per_minute: None,
        }
    }
}

impl Guard {
    /// Reads the variables above.
    ///
    /// # Errors
    /// The variable that cannot be understood.
    pub fn from_env() -> Result<Self, EnvError> {
        Ok(Self {
            connections_max: env::parsed_or("CONNECTIONS_MAX", CONNECTIONS_MAX)?,
            connections_per_address_max: env::parsed("CONNECTIONS_PER_ADDRESS_MAX")?,
            requests_per_address_max: env::parsed("REQUESTS_PER_ADDRESS_MAX")?,
            tls: tls_files(env::text("TLS_CERT_FILE"), env::text("TLS_KEY_FILE"))?,
            trusted_proxies: list("TRUSTED_PROXIES", proxy)?,
            cors_origins: list("CORS_ORIGINS", origin)?,
            rate_limit_per_minute: env::parsed("RATE_LIMIT_PER_MINUTE")?,
            rate_limit_writes_per_minute: env::parsed("RATE_LIMIT_WRITES_PER_MINUTE")?,
        })
    }
}

fn tls_files(
    certificate: Option<String>,
    key: Option<String>,
) -> Result<Option<TlsFiles>, EnvError> {
    match (certificate, key) {
        (None, None) => Ok(None),
        (Some(certificate), Some(key)) => {
            Ok(Some(TlsFiles { certificate: certificate.into(), key: key.into() }))
        }
        (None, Some(_)) => Err(EnvError::Missing("TLS_CERT_FILE")),
        (Some(_), None) => Err(EnvError::Missing("TLS_KEY_FILE")),
    }
}

/// A variable whose entries are parted by commas.
fn list<T>(
    name: &'static str,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<Vec<T>, EnvError> {
    let text = env::text(name).unwrap_or_default();
    let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    entries.map(read).collect::<Result<_, _>>().map_err(|reason| EnvError::Invalid { name, reason })
}

/// An address, or a range of them.
fn proxy(text: &str) -> Result<IpNet, String> {
    let alone = || text.parse::<IpAddr>().map(IpNet::from);
    let range = text.parse::<IpNet>().or_else(|_| alone());
    range.map_err(|_| format!("{text} is neither an address nor a range such as 10.0.0.0/8"))
}

/// An origin exactly as browsers send it, since it is compared byte by byte.
fn origin(text: &str) -> Result<HeaderValue, String> {
    let exact = |uri: &Uri| {
        let (scheme, authority) = (uri.scheme_str()?, uri.authority()?.as_str());
        let known = matches!(scheme, "http" | "https") && !authority.contains(['@', '*']);
        (known && text == format!("{scheme}://{authority}").to_ascii_lowercase()).then_some(())
    };
    let uri = text.parse::<Uri>().ok();
    let value = uri.as_ref().and_then(exact).and_then(|()| HeaderValue::from_str(text).ok());
    value.ok_or_else(|| format!("{text} is no origin such as https://shop.example"))
}

#[cfg(test)]
mod tests {
    use super::{origin, proxy, tls_files};
    use bakery_chassis::env::EnvError;

    #[test]
    fn a_proxy_is_an_address_or_a_range() {
        for (text, range) in [
            ("127.0.0.1", "127.0.0.1/32"),
            ("10.0.0.0/8", "10.0.0.0/8"),
            ("::1", "::1/128"),
            ("fd00::/8", "fd00::/8"),
        ] {
            assert_eq!(proxy(text).unwrap().to_string(), range);
        }
        for bad in ["", "localhost", "10.0.0.0/33", "10.0.0", "*", "::/129"] {
            assert!(proxy(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_origin_is_taken_only_as_browsers_send_it() {
        for good in ["https://shop.example", "http://localhost:3000", "http://[::1]:3000"] {
            assert_eq!(origin(good).unwrap(), good);
        }
        for bad in [
            "*",
            "null",
            "shop.example",
            "https://shop.example/",
            "https://shop.example/menu",
            "https://Shop.example",
            "https://*.example",
            "https://me@shop.example",
            "ftp://shop.example",
            "https://shop.example?",
        ] {
            assert!(origin(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn half_of_a_certificate_is_refused() {
        let some = || Some("a.pem".to_owned());
        assert!(tls_files(None, None).unwrap().is_none());
        assert!(tls_files(some(), some()).unwrap().is_some());
        assert_eq!(tls_files(some(), None).unwrap_err(), EnvError::Missing("TLS_KEY_FILE"));
        assert_eq!(tls_files(None, some()).unwrap_err(), EnvError::Missing("TLS_CERT_FILE"));
    }
}
