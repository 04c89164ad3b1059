//! `windlass render` beside the real helm, whole processes in turn: the same charts, the same minute, the same machine.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};

use super::process::{Stopwatch, memory};

const RUNS: usize = 11;
/// Memory is watched in runs of their own: watching takes time.
const MEMORY_RUNS: usize = 3;

struct Figures {
    seconds: Vec<f64>,
    megabytes: f64,
}

/// Every chart that lies directly in `charts`, with its default values.
pub(super) fn run(binary: &Path, charts: &Path, helm: &Path) -> Result<()> {
    let mut found: Vec<PathBuf> = fs::read_dir(charts)
        .with_context(|| format!("{} cannot be read", charts.display()))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.join("Chart.yaml").is_file())
        .collect();
    found.sort();
    ensure!(!found.is_empty(), "{} holds no chart", charts.display());
    println!("load average before: {}", fs::read_to_string("/proc/loadavg").unwrap_or_default().trim());
    println!(
        "| chart | helm, ms (min, median) | windlass, ms (min, median) | times faster (median) | helm, MB | windlass, MB |"
    );
    println!("|---|---|---|---|---|---|");
    let mut ratios = Vec::new();
    for chart in &found {
        let Some((theirs, ours)) = beside(binary, helm, chart)? else { continue };
        let ratio = median(&theirs.seconds) / median(&ours.seconds);
        ratios.push(ratio);
        println!(
            "| {} | {} | {} | {ratio:.1} | {:.0} | {:.0} |",
            chart.file_name().unwrap_or_default().to_string_lossy(),
            milliseconds(&theirs.seconds),
            milliseconds(&ours.seconds),
            theirs.megabytes,
            ours.megabytes
        );
    }
    ratios.sort_unstable_by(f64::total_cmp);
    ensure!(!ratios.is_empty(), "no chart renders with its default values");
    println!("{} charts: median {:.1} times faster, least {:.1}", ratios.len(), median(&ratios), ratios[0]);
    println!("load average after: {}", fs::read_to_string("/proc/loadavg").unwrap_or_default().trim());
    Ok(())
}

/// One after the other, so that what else the machine does falls on both. `None` where helm does not render the chart.
fn beside(binary: &Path, helm: &Path, chart: &Path) -> Result<Option<(Figures, Figures)>> {
    let theirs = || command(helm, "template", chart);
    let ours = || command(binary, "render", chart);
    if !theirs().status().context("helm does not start")?.success() {
        println!("| {} | does not render with its default values | | | | |", chart.display());
        return Ok(None);
    }
    let (mut helms, mut windlasses) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        helms.push(timed(theirs())?);
        windlasses.push(timed(ours())?);
    }
    helms.sort_unstable_by(f64::total_cmp);
    windlasses.sort_unstable_by(f64::total_cmp);
    let theirs = Figures { seconds: helms, megabytes: peak(theirs)? };
    Ok(Some((theirs, Figures { seconds: windlasses, megabytes: peak(ours)? })))
}

fn command(program: &Path, verb: &str, chart: &Path) -> Command {
    let mut command = Command::new(program);
    command.args([verb, "rel"]).arg(chart).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn timed(mut command: Command) -> Result<f64> {
    let watch = Stopwatch::start();
    let status = command.status()?;
    let seconds = watch.seconds();
    ensure!(status.success(), "{command:?}: {status}");
    Ok(seconds)
}

/// The highest of some runs, each as last seen before its end.
fn peak(command: impl Fn() -> Command) -> Result<f64> {
    let mut peak: f64 = 0.0;
    for _ in 0..MEMORY_RUNS {
        let mut child = command().spawn()?;
        while child.try_wait()?.is_none() {
            peak = peak.max(memory(child.id(), "VmHWM:").unwrap_or(0.0));
        }
    }
    Ok(peak)
}

/// Of sorted figures.
fn median(sorted: &[f64]) -> f64 {
    sorted[sorted.len() / 2]
}

fn milliseconds(sorted: &[f64]) -> String {
    format!("{:.1}, {:.1}", sorted[0] * 1e3, median(sorted) * 1e3)
}
