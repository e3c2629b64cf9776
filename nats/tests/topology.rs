//! Streams, consumers and the pull loop on a real nats-server: what is made is what the files say,
//! what is lost is healed, what cannot be read is kept with its reason.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test ends where it goes wrong"
)]

#[path = "topology/dead.rs"]
mod dead;
#[path = "topology/definitions.rs"]
mod definitions;
#[path = "topology/doubles.rs"]
mod doubles;
#[path = "topology/patience.rs"]
mod patience;
#[path = "topology/pull.rs"]
mod pull;
#[path = "topology/retry.rs"]
mod retry;
mod server;
#[path = "topology/tail.rs"]
mod tail;
#[path = "topology/version.rs"]
mod version;
