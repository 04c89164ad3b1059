//! The project's own commands: `cargo xtask ci|tidy|facts|catalogue`. A fresh machine has cargo and nothing else, so there
//! is no make and no shell.

// A developer's tool: it prints, and reads the environment it was started in.
#![expect(clippy::print_stdout, reason = "a command-line tool")]

mod ci;
mod tidy;

use std::process::ExitCode;

use anyhow::Result;

const USAGE: &str = "cargo xtask COMMAND

  ci             everything that continuous integration runs
  tidy           the house rules that a search can check (also a test: `cargo test -p xtask`)
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<()> {
    let rest = arguments.get(1..).unwrap_or_default();
    match arguments.first().map(String::as_str) {
        Some("ci") => ci::run(rest),
        Some("tidy") => tidy::run(),
        _ => anyhow::bail!("a command is expected\n\n{USAGE}"),
    }
}
