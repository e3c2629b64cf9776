//! What surrounds every request: who the client is, the access log with request ids, the headers of
//! every answer, who may call from other sites, and the limits.

pub(crate) mod access;
pub(crate) mod client;
pub(crate) mod cors;
pub(crate) mod encoding;
pub(crate) mod limits;
pub(crate) mod measure;
pub(crate) mod rate;
pub(crate) mod security;
