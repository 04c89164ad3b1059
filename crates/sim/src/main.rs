//! `cargo xtask sim`: many seeds, or one run with its whole trace.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool")]

use std::{
    process::ExitCode,
    sync::atomic::{AtomicU64, Ordering},
    thread,
};

use anyhow::{Context, Result, bail};
use mimalloc::MiMalloc;
use sim::{Outcome, Plan, Side, Story, run};

/// As the program itself: a run is JSON that is made and dropped.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const USAGE: &str = "cargo xtask sim [--seeds N] [--from S] [--story STORY]   N seeds (10000), the first is S (0)
cargo xtask sim --seed S [--story STORY] [--trace]       one seed, twice; with its whole trace
cargo xtask sim --crash [--story STORY]                  a death at every commit of the fixed scripts
cargo xtask sim --story STORY --calm [--trace]           a fixed script without a death
cargo xtask sim --story STORY --death before:N [--trace] a fixed script with a death before (or after) its Nth commit

Stories: vault, aks, sample-1. Without --story every fifth seed tells aks and the others vault.";

#[derive(Debug, Default)]
struct Arguments {
    seeds: Option<u64>,
    from: u64,
    seed: Option<u64>,
    story: Option<Story>,
    death: Option<(u64, Side)>,
    calm: bool,
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
        let mut value = || words.next().with_context(|| format!("{word} takes a value"));
        let number = |text: String| text.parse::<u64>().with_context(|| format!("{word} {text}"));
        match word.as_str() {
            "--seeds" => arguments.seeds = Some(number(value()?)?),
            "--from" => arguments.from = number(value()?)?,
            "--seed" => arguments.seed = Some(number(value()?)?),
            "--story" => arguments.story = Some(story(&value()?)?),
            "--death" => arguments.death = Some(death(&value()?)?),
            "--calm" => arguments.calm = true,
            "--trace" => arguments.trace = true,
            "--crash" => arguments.crash = true,
            other => bail!("unknown argument {other}"),
        }
    }
    Ok(arguments)
}

fn story(name: &str) -> Result<Story> {
    Story::ALL.into_iter().find(|story| story.name() == name).with_context(|| format!("there is no story {name}"))
}

fn death(text: &str) -> Result<(u64, Side)> {
    let (side, at) = text.split_once(':').with_context(|| format!("--death {text}: not before:N or after:N"))?;
    let side = [Side::Before, Side::After].into_iter().find(|known| known.name() == side);
    Ok((at.parse().with_context(|| format!("--death {text}"))?, side.with_context(|| format!("--death {text}"))?))
}

fn simulate(arguments: &Arguments) -> Result<bool> {
    let Arguments { seeds, from, seed, story, death, calm, trace, crash } = *arguments;
    let seeded = |seed| story.map_or_else(|| Plan::seeded(seed), |story| Plan::telling(story, seed));
    let plan = match (seed, story, death) {
        (Some(seed), ..) => Some(seeded(seed)),
        (None, Some(story), Some((at, side))) => Some(Plan::dying(story, at, side)),
        (None, Some(story), None) if calm => Some(Plan::fixed(story)),
        _ if calm || death.is_some() => bail!("which --story?"),
        _ => None,
    };
    if let Some(plan) = plan {
        return Ok(one(Plan { keep_trace: trace, ..plan }, trace));
    }
    if crash {
        return Ok(Story::ALL.into_iter().filter(|one| story.is_none_or(|story| story == *one)).all(crashes));
    }
    let plans = (from..from + seeds.unwrap_or(10_000)).map(seeded).collect();
    Ok(many(plans))
}

fn one(plan: Plan, trace: bool) -> bool {
    let tell: Option<fn(&str)> = trace.then_some(|line| println!("{line}"));
    let (first, second) = (run(Plan { tell, ..plan }), run(plan));
    report(&first);
    if first.hash != second.hash {
        println!("this does not replay: {:016x} and {:016x}", first.hash, second.hash);
        if let Some((one, other)) = first.lines.iter().zip(&second.lines).find(|(one, other)| one != other) {
            println!("  {one}\n  {other}");
        }
    }
    let Outcome { commits, events, hash, .. } = first;
    println!("{:?}: {commits} commits, {events} events, {hash:016x}", plan.story);
    first.failures.is_empty() && first.hash == second.hash
}

fn many(plans: Vec<Plan>) -> bool {
    let (next, failed) = (AtomicU64::new(0), AtomicU64::new(0));
    let (events, done) = (AtomicU64::new(0), AtomicU64::new(0));
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(plan) =
                    usize::try_from(next.fetch_add(1, Ordering::Relaxed)).ok().and_then(|at| plans.get(at))
                {
                    let outcome = run(*plan);
                    events.fetch_add(outcome.events, Ordering::Relaxed);
                    if !outcome.failures.is_empty() {
                        failed.fetch_add(1, Ordering::Relaxed);
                        report(&outcome);
                    }
                    let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                    if done.is_multiple_of(100) {
                        eprintln!("{done} of {}, {} failed", plans.len(), failed.load(Ordering::Relaxed));
                    }
                }
            });
        }
    });
    let failed = failed.into_inner();
    println!("{} runs: {failed} failed, {} events", plans.len(), events.into_inner());
    failed == 0
}

fn crashes(story: Story) -> bool {
    let calm = sim::crash::calm(story);
    report(&calm);
    println!("{story:?}: {} commits", calm.commits);
    calm.failures.is_empty() && many(sim::crash::sweep(story, calm.commits, 1))
}

/// Nothing when everything held.
fn report(outcome: &Outcome) {
    if outcome.failures.is_empty() {
        return;
    }
    let tail = outcome.lines.len().saturating_sub(50);
    let lines = outcome.lines[tail..].join("\n    ");
    println!("{:?} {} failed after {} commits:", outcome.plan.story, outcome.plan.seed, outcome.commits);
    outcome.failures.iter().for_each(|failure| println!("  {failure}"));
    println!("    {lines}\n  again: {}", outcome.plan.command());
}
