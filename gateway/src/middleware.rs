//! What surrounds every request: the access log with request ids, and the limits.

pub(crate) mod access;
pub(crate) mod limits;
