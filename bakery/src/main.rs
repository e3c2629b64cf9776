//! The program: reads the command line, does what it says, and puts what went wrong into one
//! sentence.

use bakery::cli::Cli;
use clap::Parser;
use std::process::ExitCode;

#[tokio::main]
#[expect(clippy::print_stderr, reason = "this is where a person is told what went wrong")]
async fn main() -> ExitCode {
    match Cli::parse().run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // `{:#}` is the whole chain of causes in one line.
            eprintln!("bakery: {error:#}");
            ExitCode::FAILURE
        }
    }
}
