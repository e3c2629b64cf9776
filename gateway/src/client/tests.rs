//! Whose address counts: only what trusted proxies have written is believed.

use super::{ClientAddress, client_address, network};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use ipnet::IpNet;
use std::net::IpAddr;

const PROXY: &str = "10.0.0.1";

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn trusted() -> Vec<IpNet> {
    ["10.0.0.0/8", "fd00::/8"].map(|range| range.parse().unwrap()).to_vec()
}

fn told(peer: &str, headers: &[(&'static str, &str)]) -> IpAddr {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
        map.append(HeaderName::from_static(name), value);
    }
    client_address(ip(peer), &map, &trusted())
}

#[test]
fn nobody_but_a_trusted_proxy_is_believed() {
    let lie = [("x-forwarded-for", "1.1.1.1"), ("forwarded", "for=1.1.1.1")];
    for peer in ["192.0.2.7", "127.0.0.1", "2001:db8::1"] {
        assert_eq!(told(peer, &lie), ip(peer));
    }
    assert_eq!(client_address(ip(PROXY), &HeaderMap::new(), &[]), ip(PROXY));
    assert_eq!(told("::ffff:192.0.2.7", &lie), ip("192.0.2.7"));
}

#[test]
fn the_right_most_address_that_no_trusted_proxy_has_is_the_clients() {
    let cases = [
        ("192.0.2.7", "192.0.2.7"),
        ("1.1.1.1, 192.0.2.7", "192.0.2.7"),
        ("1.1.1.1,192.0.2.7,10.9.9.9", "192.0.2.7"),
        ("10.2.2.2 , 10.3.3.3", "10.2.2.2"),
        ("192.0.2.7:4711", "192.0.2.7"),
        ("2001:db8::7", "2001:db8::7"),
        ("[2001:db8::7]:4711, fd00::1", "2001:db8::7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        // What cannot be read ends the belief: the hop right of it is the last that is known.
        ("192.0.2.7, unknown", PROXY),
        ("192.0.2.7, , 10.3.3.3", "10.3.3.3"),
        ("", PROXY),
        // Quotes are the client's: what the proxy has added counts.
        ("\", 192.0.2.7", "192.0.2.7"),
        ("\"1.1.1.1, 192.0.2.7", "192.0.2.7"),
    ];
    for (line, client) in cases {
        assert_eq!(told(PROXY, &[("x-forwarded-for", line)]), ip(client), "{line}");
    }
    let lines = [("x-forwarded-for", "1.1.1.1, 192.0.2.7"), ("x-forwarded-for", "10.4.4.4")];
    assert_eq!(told(PROXY, &lines), ip("192.0.2.7"));
    assert_eq!(told(PROXY, &[("x-forwarded-for", "192.0.2.7, \u{e9}")]), ip(PROXY));
}

#[test]
fn the_header_of_the_standard_is_read_with_its_quotes() {
    let cases = [
        ("for=192.0.2.7", "192.0.2.7"),
        ("For=192.0.2.7;proto=https;by=10.0.0.1", "192.0.2.7"),
        ("by=10.0.0.1; for=\"192.0.2.7:4711\"", "192.0.2.7"),
        ("for=1.1.1.1, for=\"[2001:db8::7]:4711\"", "2001:db8::7"),
        ("for=\"[2001:db8::7]\", for=10.5.5.5", "2001:db8::7"),
        ("for=192.0.2.7;host=\"a,b;for=1.1.1.1\"", "192.0.2.7"),
        ("host=\"\\\"\";for=192.0.2.7", "192.0.2.7"),
        ("for=1.1.1.1, for=unknown", PROXY),
        ("for=1.1.1.1, for=_hidden", PROXY),
        ("for=1.1.1.1, proto=https", PROXY),
        // The client's open quote must not swallow what the proxy has added.
        ("for=1.1.1.1;x=\", for=192.0.2.7", PROXY),
        ("for=1.1.1.1;x=\", for=\"[2001:db8::7]:4711\"", PROXY),
        ("for=1.1.1.1;x=\"\\, for=\"[2001:db8::7]:4711\"", PROXY),
    ];
    for (line, client) in cases {
        assert_eq!(told(PROXY, &[("forwarded", line)]), ip(client), "{line}");
    }
}

#[test]
fn where_both_headers_differ_neither_is_believed() {
    let both =
        |x: &str, standard: &str| told(PROXY, &[("x-forwarded-for", x), ("forwarded", standard)]);
    assert_eq!(both("192.0.2.7", "for=192.0.2.7"), ip("192.0.2.7"));
    assert_eq!(both("192.0.2.7", "for=1.1.1.1"), ip(PROXY));
}

#[test]
fn a_network_of_ipv6_counts_as_one() {
    assert_eq!(network(ip("2001:db8:1:2:3:4:5:6")), ip("2001:db8:1:2::"));
    assert_eq!(network(ip("192.0.2.7")), ip("192.0.2.7"));
    assert_eq!(network(ip("::ffff:192.0.2.7")), ip("192.0.2.7"));
}

#[test]
fn nobody_is_this_machine_who_comes_by_a_proxy_on_it() {
    let is_own = |peer: &str, told: &[(&'static str, &str)], trusted: &[&str]| {
        let trusted: Vec<IpNet> = trusted.iter().map(|range| range.parse().unwrap()).collect();
        let mut headers = HeaderMap::new();
        for (name, value) in told {
            headers.append(*name, HeaderValue::from_str(value).unwrap());
        }
        ClientAddress::of(ip(peer), &headers, &trusted).is_own
    };
    for own in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] {
        assert!(is_own(own, &[], &[]) && is_own(own, &[], &["10.0.0.0/8"]), "{own}");
    }
    // What the client makes unreadable, or two headers that differ, leave the proxy's address.
    let unreadable: [&[(&str, &str)]; 4] = [
        &[],
        &[("x-forwarded-for", "unknown")],
        &[("x-forwarded-for", "127.0.0.1")],
        &[("x-forwarded-for", "192.0.2.7"), ("forwarded", "for=1.1.1.1")],
    ];
    for told in unreadable {
        assert!(!is_own("127.0.0.1", told, &["127.0.0.1/32"]), "{told:?}");
        assert!(!is_own("10.0.0.1", told, &["10.0.0.0/8"]), "{told:?}");
    }
}
