//! The program `stagedoor`.

use std::process::ExitCode;

/// Requests make many small allocations that live for a moment.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    stagedoor::main()
}
