//! The screens as people use them: a real browser before a real bakery, a demo that all tests share.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test ends where it goes wrong, and says what it measured"
)]

#[path = "../schema/demo.rs"]
#[allow(dead_code, reason = "the tests of the API's document ask for more of it")]
mod demo;

mod answers;
mod axe;
mod branches;
mod browser;
mod cable;
mod every;
mod hostile;
mod kitchen;
mod letters;
mod lost;
mod manager;
mod ops;
mod orders;
mod pictures;
mod presses;
mod programs;
mod refusals;
mod sight;
mod tab;
mod tabs;
mod world;
