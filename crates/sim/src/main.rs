//! `cargo xtask sim`: many seeds, or one with its whole trace.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool")]

use std::{
    process::ExitCode,
    sync::atomic::{AtomicU64, Ordering},
    thread,
};

use anyhow::{Context, Result, bail};
use sim::{Outcome, Plan, run};

const USAGE: &str = "cargo xtask sim [--seeds N] [--from S]   N seeds (10000), the first is S (0)
cargo xtask sim --seed S [--trace]       one seed, twice; with its whole trace
cargo xtask sim --crash                  a death at every commit of the fixed script";

#[derive(Debug, Default)]
struct Arguments {
    seeds: Option<u64>,
    from: u64,
    seed: Option<u64>,
    trace: bool,
    crash: bool,
}

fn main() -> ExitCode {
    match parse().and_then(|arguments| simulate(&arguments)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}\n\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn parse() -> Result<Arguments> {
    let mut arguments = Arguments::default();
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut number = || -> Result<u64> {
            let text = words.next().with_context(|| format!("{word} takes a number"))?;
            text.parse().with_context(|| format!("{word} {text}"))
        };
        match word.as_str() {
            "--seeds" => arguments.seeds = Some(number()?),
            "--from" => arguments.from = number()?,
            "--seed" => arguments.seed = Some(number()?),
            "--trace" => arguments.trace = true,
            "--crash" => arguments.crash = true,
            other => bail!("unknown argument {other}"),
        }
    }
    Ok(arguments)
}

fn simulate(arguments: &Arguments) -> Result<bool> {
    if arguments.crash {
        return Ok(crashes());
    }
    if let Some(seed) = arguments.seed {
        return Ok(one(seed, arguments.trace));
    }
    Ok(many(arguments.from, arguments.seeds.unwrap_or(10_000)))
}

fn one(seed: u64, trace: bool) -> bool {
    let plan = Plan { keep_trace: trace, ..Plan::seeded(seed) };
    let (first, second) = (run(plan), run(plan));
    if trace {
        first.lines.iter().for_each(|line| println!("{line}"));
    }
    report(&first);
    if first.hash != second.hash {
        println!("seed {seed} does not replay: {:016x} and {:016x}", first.hash, second.hash);
        if let Some((one, other)) = first.lines.iter().zip(&second.lines).find(|(one, other)| one != other) {
            println!("  {one}\n  {other}");
        }
    }
    println!("seed {seed}: {} commits, {} events, {:016x}", first.commits, first.events, first.hash);
    first.failures.is_empty() && first.hash == second.hash
}

fn many(from: u64, seeds: u64) -> bool {
    let (next, failed) = (AtomicU64::new(from), AtomicU64::new(0));
    let (events, done) = (AtomicU64::new(0), AtomicU64::new(0));
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= from + seeds {
                        return;
                    }
                    let outcome = run(Plan::seeded(seed));
                    events.fetch_add(outcome.events, Ordering::Relaxed);
                    if !outcome.failures.is_empty() {
                        failed.fetch_add(1, Ordering::Relaxed);
                        report(&outcome);
                    }
                    let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                    if done.is_multiple_of(100) {
                        eprintln!("{done} of {seeds}, {} failed", failed.load(Ordering::Relaxed));
                    }
                }
            });
        }
    });
    let failed = failed.into_inner();
    println!("{seeds} seeds from {from}: {failed} failed, {} events", events.into_inner());
    failed == 0
}

fn crashes() -> bool {
    let calm = sim::crash::calm();
    report(&calm);
    println!("{} commits", calm.commits);
    let mut held = calm.failures.is_empty();
    sim::crash::sweep(calm.commits, 1, 1, |number, side, outcome| {
        if !outcome.failures.is_empty() {
            held = false;
            println!("death {side:?} commit {number}:");
            report(&outcome);
        }
    });
    held
}

/// Nothing when everything held.
fn report(outcome: &Outcome) {
    if outcome.failures.is_empty() {
        return;
    }
    let tail = outcome.lines.len().saturating_sub(50);
    let lines = outcome.lines[tail..].join("\n    ");
    println!("seed {} failed after {} commits:", outcome.seed, outcome.commits);
    outcome.failures.iter().for_each(|failure| println!("  {failure}"));
    println!("    {lines}\n  again: cargo xtask sim --seed {} --trace", outcome.seed);
}
