//! The binary: nothing but the way in. Everything is composed in `cli`.

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
