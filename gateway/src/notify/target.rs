//! The URL of a webhook: what it may be, judged without asking anybody. Names are judged again when
//! they are resolved, by the address that is called.

use super::address::is_public;
use std::net::IpAddr;
use url::{Host, Url};

const URL_BYTES_MAX: usize = 2000;

/// Reads a URL. `private`: also by HTTP, and in this network.
///
/// # Errors
/// What is wrong with it, as a problem's reason.
pub(crate) fn read(text: &str, private: bool) -> Result<Url, &'static str> {
    if text.len() > URL_BYTES_MAX {
        return Err("must be at most 2000 bytes");
    }
    let url = Url::parse(text).map_err(|_| "must be a URL such as https://shop.example/hook")?;
    match url.scheme() {
        "https" => {}
        "http" if private => {}
        _ if private => return Err("must begin with https:// or http://"),
        _ => return Err("must begin with https://"),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not hold a username or password");
    }
    if url.fragment().is_some() {
        return Err("must not hold a fragment (#)");
    }
    if url.host().is_none() {
        return Err("must name a host");
    }
    if !private && literal(&url).is_some_and(|address| !is_public(address)) {
        return Err("must be at a public address");
    }
    Ok(url)
}

/// The address, where the URL names one instead of a name.
pub(crate) fn literal(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(address.into()),
        Host::Domain(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn a_url_is_https_at_a_public_place_and_holds_no_password() {
        for good in [
            "https://shop.example/hook",
            "https://shop.example:8443/hook?key=1",
            "HTTPS://SHOP.EXAMPLE",
            "https://1.1.1.1/",
            "https://[2606:4700:4700::1111]/",
        ] {
            assert!(read(good, false).is_ok(), "{good}");
        }
        let long = format!("https://shop.example/{}", "x".repeat(2000));
        for bad in [
            "",
            "shop.example/hook",
            "/hook",
            "http://shop.example/hook",
            "ftp://shop.example",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "https://",
            "https://user@shop.example",
            "https://user:secret@shop.example",
            "https://:secret@shop.example",
            "https://shop.example/#part",
            "https://shop.example:99999/",
            "https://127.0.0.1/",
            "https://127.1/",
            "https://0x7f.1/",
            "https://0177.0.0.1/",
            "https://2130706433/",
            "https://0/",
            "https://10.1.2.3/",
            "https://169.254.169.254/latest/meta-data",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::ffff:8.8.8.8]/",
            "https://[fe80::1]/",
            long.as_str(),
        ] {
            let reason = read(bad, false).expect_err(bad);
            assert!(reason.starts_with("must ") && !reason.contains("secret"), "{bad}: {reason}");
        }
    }

    #[test]
    fn where_it_is_allowed_it_may_be_in_this_network_too() {
        for good in ["http://127.0.0.1:8080/hook", "http://shop.local/", "https://[::1]/"] {
            assert!(read(good, true).is_ok(), "{good}");
        }
        for bad in ["ftp://127.0.0.1/", "http://user@127.0.0.1/", "http://127.0.0.1/#part"] {
            assert!(read(bad, true).is_err(), "{bad}");
        }
    }
}
