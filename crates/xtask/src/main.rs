//! The project's own commands: `cargo xtask ci|tidy|facts|catalogue|compatibility|sim|e2e|workshop`. A fresh machine has cargo and
//! nothing else, so there is no make and no shell.

// A developer's tool: it prints, and reads the environment it was started in.
#![expect(clippy::print_stdout, reason = "a command-line tool")]

mod bench;
mod catalogue;
mod ci;
mod compatibility;
mod corpus;
mod e2e;
mod facts;
mod tidy;
mod workshop;

use std::process::ExitCode;

use anyhow::Result;

const USAGE: &str = "cargo xtask COMMAND

  bench          measures the release binary from outside: start, a push to Azure's PUT, memory;
                 --charts DIR --helm PATH: renders the charts of a directory beside the real helm
  catalogue      compiles Azure's type data (crates/catalogue/data)
  ci             everything that continuous integration runs
  corpus         renders the charts of a directory with real helm and with windlass, and compares
  compatibility  writes COMPATIBILITY.md and the table of docs/twin.md from the tables in the code
  e2e            the end-to-end tests; --all: those of kubectl once with each version of it
  facts          compiles the facts of Kubernetes' built-in types (crates/machinery/facts)
  facts-check    decodes upstream's protobuf fixtures of a directory and compares them with their JSON twins
  sim            the simulation: [--seeds N] [--from S] | --seed S [--trace] | --crash
  tidy           the house rules that a search can check (also a test: `cargo test -p xtask`)
  workshop       writes docs/workshop-status.md from workshop.toml
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
        Some("bench") => bench::run(&tidy::root(), rest),
        Some("catalogue") => catalogue::run(rest),
        Some("ci") => ci::run(rest),
        Some("corpus") => corpus::run(&tidy::root(), rest),
        Some("compatibility") => compatibility::run(&tidy::root()),
        Some("e2e") => e2e::run(&tidy::root(), rest),
        Some("facts") => facts::run(rest),
        Some("facts-check") => facts::run_check(rest),
        Some("sim") => ci::simulate(rest),
        Some("tidy") => tidy::run(),
        Some("workshop") => workshop::run(&tidy::root()),
        _ => anyhow::bail!("a command is expected\n\n{USAGE}"),
    }
}
