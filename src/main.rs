//! The command line of stopleak. `cli` says what was typed, what is meant by it, and does it.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(cli::main())
}
