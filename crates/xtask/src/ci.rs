//! What continuous integration runs, in one place, so that a developer can run the same.

use std::process::Command;

use anyhow::{Context, Result, ensure};

/// One after the other, stopping at the first failure. `--fast` leaves out clippy and the release build.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let fast = arguments.iter().any(|argument| argument == "--fast");
    cargo(&["fmt", "--all", "--check"])?;
    if !fast {
        cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])?;
    }
    cargo(&["test", "--workspace"])?;
    if !fast {
        cargo(&["build", "--release"])?;
    }
    Ok(())
}

/// Ten thousand seeds of the simulation, or what the arguments say. Optimised: the tests run only a hundred.
pub(crate) fn simulate(arguments: &[String]) -> Result<()> {
    let mut all = vec!["run", "--quiet", "--release", "--package", "sim", "--"];
    all.extend(arguments.iter().map(String::as_str));
    cargo(&all)
}

fn cargo(arguments: &[&str]) -> Result<()> {
    println!("$ cargo {}", arguments.join(" "));
    let status = Command::new("cargo").args(arguments).status().context("cargo cannot be started")?;
    ensure!(status.success(), "cargo {} failed", arguments.join(" "));
    Ok(())
}
