//! The program. All of it is in the library, so that it is compiled once.

use std::process::ExitCode;

/// Much is allocated by one thread and freed by another.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    bakery::cli::main()
}
