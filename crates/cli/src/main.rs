//! The binary: see `ebb --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
