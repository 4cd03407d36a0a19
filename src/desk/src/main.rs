//! The `sidetone-desk` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    sidetone_desk::main()
}
