//! The command line: arguments, printers, exit codes. Each command is one file under `commands`; the work itself is done by
//! the crates below. Only this crate reads the environment, the terminal and the real clock.
//!
//! Contract: stdout is data, stderr is everything else; `-o table|json|yaml`; exit codes in [`exit::Exit`]; NO_COLOR is
//! honoured; nothing prompts.

mod args;
mod commands;
mod data_dir;
mod error;
mod exit;
mod listener;
mod output;
mod process;

use std::process::ExitCode;

/// Parses the arguments, runs the command, prints its error, and says how the process ends.
pub fn main() -> ExitCode {
    let arguments = match args::parse(std::env::args_os()) {
        Ok(arguments) => arguments,
        Err(exit) => return exit.into(),
    };
    process::start(arguments.verbose);
    match commands::run(arguments) {
        Ok(exit) => exit.into(),
        Err(error) => {
            error.print();
            error.exit().into()
        }
    }
}
