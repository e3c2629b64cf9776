//! One call: a name is resolved, each address is looked at, and the connection goes to one that was
//! looked at. So a name that means another address a moment later leads nowhere, and neither does a
//! redirect: it is an answer like any other. What the answer says is not read.

use super::address::is_public;
use super::target;
use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_TYPE, HOST, USER_AGENT};
use axum::http::{HeaderName, HeaderValue, Method, Request, Uri};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};
use tokio_util::task::AbortOnDropHandle;
use url::Url;

/// A call takes no longer, from the question for its address to the head of the answer.
const CALL_TIMEOUT_S: u64 = 15;
/// Of it for one address that does not let us in.
const CONNECT_TIMEOUT_S: u64 = 5;
/// Addresses of one name that are tried.
const ADDRESSES_MAX: usize = 4;
/// The longest head of an answer.
const HEAD_BYTES_MAX: usize = 16 * 1024;
/// Who we are.
const AGENT: HeaderValue = HeaderValue::from_static("bakery-webhooks/1");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Why there was no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PostError {
    /// It was one when it was written down.
    Url,
    /// There is no such name, or nobody knows just now.
    Resolve,
    /// It would lead into our own network.
    Private,
    /// Nobody let us in.
    Connect,
    /// It is not who it should be, or speaks no TLS.
    Tls,
    /// It broke off, or does not speak HTTP.
    Http,
    /// It took too long.
    Timeout,
}

impl PostError {
    /// For the log of deliveries: it names nothing that somebody else wrote.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::Url => "its URL is none that may be called",
            Self::Resolve => "its name cannot be resolved",
            Self::Private => "its address is not public",
            Self::Connect => "it cannot be connected to",
            Self::Tls => "TLS does not work with it",
            Self::Http => "it gave no HTTP answer",
            Self::Timeout => "it did not answer in time",
        }
    }
}

/// Makes calls.
pub(crate) struct Poster {
    tls: TlsConnector,
    private: bool,
    timeout: Duration,
}

impl Poster {
    /// `private`: also by HTTP, and in this network.
    pub(crate) fn new(private: bool) -> Result<Self, rustls::Error> {
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        Self::trusting(private, roots)
    }

    /// Believes only those whom these vouch for.
    pub(super) fn trusting(private: bool, roots: RootCertStore) -> Result<Self, rustls::Error> {
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[&TLS13, &TLS12])?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let (tls, timeout) =
            (TlsConnector::from(Arc::new(config)), Duration::from_secs(CALL_TIMEOUT_S));
        Ok(Self { tls, private, timeout })
    }

    /// Posts a JSON body; gives the status of the answer.
    pub(crate) async fn post(
        &self,
        url: &str,
        headers: Vec<(HeaderName, HeaderValue)>,
        body: String,
    ) -> Result<u16, PostError> {
        let call = async {
            let url = target::read(url, self.private).map_err(|_| PostError::Url)?;
            let stream = self.connect(&url).await?;
            let request = request(&url, headers, body)?;
            if url.scheme() == "http" {
                return exchange(stream, request).await;
            }
            let host = url.host_str().unwrap_or_default();
            // Brackets are the URL's, not the address's.
            let name = host.trim_start_matches('[').trim_end_matches(']').to_owned();
            let name = ServerName::try_from(name).map_err(|_| PostError::Url)?;
            let stream = self.tls.connect(name, stream).await.map_err(|_| PostError::Tls)?;
            exchange(stream, request).await
        };
        tokio::time::timeout(self.timeout, call).await.unwrap_or(Err(PostError::Timeout))
    }

    /// A connection to an address that was looked at.
    async fn connect(&self, url: &Url) -> Result<TcpStream, PostError> {
        let addresses = self.addresses(url).await?;
        let limit = Duration::from_secs(CONNECT_TIMEOUT_S);
        for address in addresses {
            if let Ok(Ok(stream)) = tokio::time::timeout(limit, TcpStream::connect(address)).await {
                return Ok(stream);
            }
        }
        Err(PostError::Connect)
    }

    async fn addresses(&self, url: &Url) -> Result<Vec<SocketAddr>, PostError> {
        let port = url.port_or_known_default().ok_or(PostError::Url)?;
        let found: Vec<SocketAddr> = match target::literal(url) {
            Some(address) => vec![SocketAddr::new(address, port)],
            None => {
                let name = url.host_str().ok_or(PostError::Url)?;
                let found = tokio::net::lookup_host((name, port)).await;
                found.map_err(|_| PostError::Resolve)?.collect()
            }
        };
        if found.is_empty() {
            return Err(PostError::Resolve);
        }
        let may = |address: &SocketAddr| self.private || is_public(address.ip());
        let allowed: Vec<SocketAddr> = found.into_iter().filter(may).take(ADDRESSES_MAX).collect();
        if allowed.is_empty() { Err(PostError::Private) } else { Ok(allowed) }
    }
}

fn request(
    url: &Url,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: String,
) -> Result<Request<Body>, PostError> {
    let (host, path) = (url.host_str().unwrap_or_default(), url.path());
    let host = match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    let path = match url.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    let mut request = Request::new(Body::from(Bytes::from(body)));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = Uri::try_from(path).map_err(|_| PostError::Url)?;
    let into = request.headers_mut();
    into.insert(HOST, HeaderValue::try_from(host).map_err(|_| PostError::Url)?);
    into.insert(USER_AGENT, AGENT);
    into.insert(CONTENT_TYPE, JSON);
    into.extend(headers);
    Ok(request)
}

/// Sends the request and waits for the head of the answer; then the connection ends.
async fn exchange<S>(stream: S, request: Request<Body>) -> Result<u16, PostError>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let mut builder = http1::Builder::new();
    let shaken = builder.max_buf_size(HEAD_BYTES_MAX).handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = shaken.map_err(|_| PostError::Http)?;
    let _connection = AbortOnDropHandle::new(tokio::spawn(connection));
    let answer = sender.send_request(request).await.map_err(|_| PostError::Http)?;
    Ok(answer.status().as_u16())
}

#[cfg(test)]
mod tests;
