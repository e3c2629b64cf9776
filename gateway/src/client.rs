//! Who is at the other end: the peer of the connection, or whom a trusted proxy speaks for.

mod forwarded;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use forwarded::{Hop, forwarded, x_forwarded_for};
use ipnet::IpNet;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Where a connection comes from; the server puts it into the extensions of each request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// The client's address, as far as anybody who is believed knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ClientAddress {
    address: IpAddr,
    /// It is this machine itself, which is the operator's own: its tools and tests have no limits
    /// without a word from the operator. Never who comes by way of a proxy, whatever is told of them.
    pub(crate) is_own: bool,
}

impl ClientAddress {
    /// Of a request that came by no connection, such as in a test: one address for them all.
    pub(crate) const UNKNOWN: Self =
        Self { address: IpAddr::V4(Ipv4Addr::UNSPECIFIED), is_own: false };

    /// Of a request with these headers that came from this peer.
    pub(crate) fn of(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> Self {
        let is_own = peer.to_canonical().is_loopback() && !is_trusted(peer, trusted);
        Self { address: client_address(peer, headers, trusted), is_own }
    }

    /// Those who are counted as one.
    pub(crate) fn network(self) -> IpAddr {
        network(self.address)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().copied().unwrap_or(Self::UNKNOWN))
    }
}

/// An IPv4 address; of IPv6 the /64, which is what one customer of a provider gets at least: within
/// it anybody can have as many addresses as they like.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        address @ IpAddr::V4(_) => address,
    }
}

/// Whether an address is one of the trusted proxies.
pub(crate) fn is_trusted(address: IpAddr, trusted: &[IpNet]) -> bool {
    trusted.iter().any(|range| range.contains(&address.to_canonical()))
}

/// The right-most address that no trusted proxy vouches for any more: what stands left of it
/// anybody can write.
fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let peer = peer.to_canonical();
    if !is_trusted(peer, trusted) {
        return peer;
    }
    let told = |hops: Vec<Hop>| last_untrusted(peer, &hops, trusted);
    match (x_forwarded_for(headers).map(told), forwarded(headers).map(told)) {
        (None, None) => peer,
        (Some(address), None) | (None, Some(address)) => address,
        // A proxy writes one of them and may pass the other on as the client wrote it. Where they
        // differ nobody knows which.
        (Some(one), Some(other)) => {
            if one == other {
                one
            } else {
                peer
            }
        }
    }
}

fn last_untrusted(peer: IpAddr, hops: &[Hop], trusted: &[IpNet]) -> IpAddr {
    let mut client = peer;
    for hop in hops.iter().rev() {
        match hop {
            Some(address) if is_trusted(client, trusted) => client = address.to_canonical(),
            _ => break,
        }
    }
    client
}

#[cfg(test)]
mod tests;
