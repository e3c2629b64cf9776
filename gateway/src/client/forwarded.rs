//! Reads `X-Forwarded-For` and `Forwarded` (RFC 7239): who the proxies say that they speak for, from
//! the first to the last.

use axum::http::header::FORWARDED;
use axum::http::{HeaderMap, HeaderName};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// One entry: an address, or something that is none, such as `unknown`.
pub(super) type Hop = Option<IpAddr>;

/// The entries of `X-Forwarded-For`, if it is there.
pub(super) fn x_forwarded_for(headers: &HeaderMap) -> Option<Vec<Hop>> {
    // Quotes mean nothing here: one that the client opened must not swallow what the proxy added.
    entries(headers, &X_FORWARDED_FOR, |line| Some(line.split(',').collect()), address)
}

/// The entries of `Forwarded`, if it is there.
pub(super) fn forwarded(headers: &HeaderMap) -> Option<Vec<Hop>> {
    entries(
        headers,
        &FORWARDED,
        |line| parts(line, ','),
        |element| {
            let pairs = parts(element, ';')?.into_iter().filter_map(|pair| pair.split_once('='));
            let mut told = pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case("for"));
            let (_, node) = told.next()?;
            address(node)
        },
    )
}

fn entries(
    headers: &HeaderMap,
    name: &HeaderName,
    elements: impl Fn(&str) -> Option<Vec<&str>>,
    read: impl Fn(&str) -> Hop,
) -> Option<Vec<Hop>> {
    let mut hops = Vec::new();
    for value in headers.get_all(name) {
        match value.to_str().ok().and_then(&elements) {
            Some(elements) => hops.extend(elements.into_iter().map(&read)),
            None => hops.push(None),
        }
    }
    headers.contains_key(name).then_some(hops)
}

/// What stands between the separators; those within quotes separate nothing. Nothing at all where a
/// quote is not closed: it could be the client's, and hide what the proxy wrote behind it.
fn parts(text: &str, separator: char) -> Option<Vec<&str>> {
    let (mut quoted, mut escaped) = (false, false);
    let parts = text.split(|c: char| {
        let was_escaped = std::mem::take(&mut escaped);
        match c {
            '"' if !was_escaped => quoted = !quoted,
            '\\' if quoted && !was_escaped => escaped = true,
            _ => {}
        }
        c == separator && !quoted
    });
    let parts = parts.collect();
    (!quoted).then_some(parts)
}

/// An address, with or without a port, quotes, and the brackets of IPv6.
fn address(node: &str) -> Hop {
    let node = node.trim();
    let node = node.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(node);
    let bare = || node.parse::<IpAddr>().ok();
    let with_port = || node.parse::<SocketAddr>().ok().map(|socket| socket.ip());
    let in_brackets = || {
        let inside = node.strip_prefix('[')?.strip_suffix(']')?;
        inside.parse::<Ipv6Addr>().ok().map(IpAddr::from)
    };
    bare().or_else(with_port).or_else(in_brackets)
}
