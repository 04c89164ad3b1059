//! `cargo xtask bench`: the built binary from outside, measured as a user would with a stopwatch. Prints figures and asserts counts
//! only. docs/benchmarks.md keeps what was measured, on what machine, and what limits each figure.
//!
//! Memory is read from /proc, so this runs on Linux. Load of other programs is printed, because it moves every figure.

mod clusters;
mod latency;
mod pods;
mod process;
mod render;

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use process::{Running, Stopwatch, Tools, pause};

const RUNS: usize = 10;
const PUSHES: usize = 20;
const IDLE: Duration = Duration::from_secs(10);
const DEADLINE: Duration = Duration::from_secs(60);

/// `[BINARY]`, by default the release build's; with `--charts DIR --helm PATH` before it, charts beside the real helm; with
/// `--clusters N` before it, so many AKS clusters at once; with `--pods N`, so many pods of a hosted cluster.
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<()> {
    if let [charts, directory, helm, program, rest @ ..] = arguments
        && (charts.as_str(), helm.as_str()) == ("--charts", "--helm")
    {
        let binary = rest.first().map_or_else(|| root.join("target/release/windlass"), PathBuf::from);
        return render::run(&binary, Path::new(directory), Path::new(program));
    }
    let (many, arguments) = match arguments {
        [flag, number, rest @ ..] if ["--clusters", "--pods"].contains(&flag.as_str()) => {
            (Some((flag.as_str(), number.parse::<usize>().with_context(|| format!("{flag} N"))?)), rest)
        }
        all => (None, all),
    };
    let binary = arguments.first().map_or_else(|| root.join("target/release/windlass"), PathBuf::from);
    ensure!(binary.is_file(), "{} is missing: run `cargo build --release` first", binary.display());
    let place = std::env::temp_dir().join(format!("windlass-bench-{}", std::process::id()));
    fs::create_dir_all(&place)?;
    let tools = Tools::find(root, binary);
    let result = match many {
        Some(("--pods", number)) => pods::run(&tools, &place, number),
        Some((_, number)) => clusters::run(&tools, &place, number),
        None => all(&tools, &place),
    };
    fs::remove_dir_all(&place)?;
    result
}

fn all(tools: &Tools, place: &Path) -> Result<()> {
    println!("load average before: {}", fs::read_to_string("/proc/loadavg").unwrap_or_default().trim());
    once(tools, place)?;
    let data = place.join("served");
    restarts(tools, &data)?;
    let server = Running::start(tools, &data)?;
    server.wait_ready(DEADLINE)?;
    server.wait_healthy(DEADLINE)?;
    pushes(&server, place)?;
    idle(&server)?;
    server.stop()?;
    println!("load average after: {}", fs::read_to_string("/proc/loadavg").unwrap_or_default().trim());
    Ok(())
}

/// From nothing to both samples in the twin, and the end of the process.
fn once(tools: &Tools, place: &Path) -> Result<()> {
    let mut seconds = Vec::new();
    let mut peaks = Vec::new();
    for run in 0..RUNS {
        let data = place.join(format!("once-{run}"));
        let watch = Stopwatch::start();
        let (output, peak) = tools.once(&data)?;
        seconds.push(watch.seconds());
        peaks.push(peak);
        let report: serde_json::Value = serde_json::from_slice(&output).context("up --once -o json")?;
        let azure = report["azure"].as_array().map_or(0, Vec::len);
        ensure!(azure == 16, "{azure} resources in the twin");
        fs::remove_dir_all(&data)?;
    }
    print("up --workshop --once, fresh data directory", "s", &mut seconds);
    print("  peak resident memory", "MB", &mut peaks);
    Ok(())
}

/// From the start of the process to the first answer of /readyz: a fresh directory, then one that holds the workshop.
fn restarts(tools: &Tools, data: &Path) -> Result<()> {
    let mut fresh = Vec::new();
    let mut again = Vec::new();
    for run in 0..=RUNS {
        let watch = Stopwatch::start();
        let server = Running::start(tools, data)?;
        server.wait_ready(DEADLINE)?;
        if run == 0 {
            fresh.push(watch.seconds())
        } else {
            again.push(watch.seconds())
        }
        server.wait_healthy(DEADLINE)?;
        server.stop()?;
    }
    print("start to /readyz, fresh data directory", "s", &mut fresh);
    print("start to /readyz, existing data directory", "s", &mut again);
    Ok(())
}

/// From `git push` to the changed tag in the object's status: Azure's PUT was answered, read back and recorded by then.
fn pushes(server: &Running, place: &Path) -> Result<()> {
    let clone = server.clone_repository(place)?;
    let mut whole = Vec::new();
    let mut after = Vec::new();
    for run in 0..PUSHES {
        let value = format!("bench-{run}");
        clone.commit_tag(&value)?;
        let mut seen = server.watch("rg-dev-app", &["resourcegroup", "rg-dev-app"], "{.status.tags.bench}")?;
        let watch = Stopwatch::start();
        clone.push()?;
        let pushed = watch.seconds();
        seen.wait_for(&value)?;
        let total = watch.seconds();
        whole.push(total);
        after.push((total - pushed).max(0.0));
    }
    print("git push, start, to the tag in the status", "s", &mut whole);
    print("git push, end, to the tag in the status", "s", &mut after);
    Ok(())
}

fn idle(server: &Running) -> Result<()> {
    pause(IDLE);
    let definitions = server.kubectl(&["get", "crd", "-o", "name"])?.lines().count();
    let before = server.cpu_ticks()?;
    pause(IDLE);
    let ticks = server.cpu_ticks()? - before;
    println!(
        "idle: {:.0} MB resident (peak {:.0} MB) with {definitions} CustomResourceDefinitions; {ticks} ticks (10 ms) of CPU in {} s",
        server.memory("VmRSS:")?,
        server.memory("VmHWM:")?,
        IDLE.as_secs(),
    );
    Ok(())
}

fn print(what: &str, unit: &str, figures: &mut [f64]) {
    figures.sort_unstable_by(f64::total_cmp);
    let (Some(least), Some(most)) = (figures.first(), figures.last()) else { return };
    let median = figures[figures.len() / 2];
    println!("{what}: min {least:.2} median {median:.2} max {most:.2} {unit} ({} runs)", figures.len());
}
