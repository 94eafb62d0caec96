//! The program `stagedoor`.

use std::process::ExitCode;

fn main() -> ExitCode {
    stagedoor::main()
}
