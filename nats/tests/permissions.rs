//! Who may do what on the bus (reliability S9): each user of `nats/server.conf` can do its work,
//! and nothing besides.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test ends where it goes wrong"
)]

#[path = "permissions/attacks.rs"]
mod attacks;
#[path = "permissions/line.rs"]
mod line;
#[path = "permissions/matrix.rs"]
mod matrix;
#[path = "permissions/needs.rs"]
mod needs;
mod server;
