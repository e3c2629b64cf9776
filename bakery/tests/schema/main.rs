//! The API's document against a running demo: its examples work, and thousands of requests made
//! from it find nothing that it does not say.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test ends where it goes wrong, and says what it measured"
)]

mod demo;
mod examples;
mod fuzz;
mod python;
