//! The whole bakery on real servers, through its HTTP interface.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test ends where it goes wrong, and says what it measured"
)]

mod bank;
mod crash;
mod day;
mod faults;
mod idempotency;
mod injection;
mod input;
mod keys;
mod kitchen;
mod letters;
mod orders;
mod processes;
mod refunds;
mod shop;
