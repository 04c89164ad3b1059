//! Renders of charts that stay in memory, as a service makes them: loaded once by digest, templates compiled, constant documents
//! converted once; text and objects both. Nothing is compared with other programs here: `cargo xtask bench --charts` does that.
//!
//! The charts come from outside: `WINDLASS_CHARTS=DIR cargo bench -p chart --bench render [-- NAME...]`, where `DIR` holds charts as
//! directories and `NAME` is a part of their names. Prints figures; asserts only what does not depend on the machine.

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark reads its arguments, measures and prints"
)]

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

use chart::{
    Chart, Charts, Release, Rendered, Show,
    files::{File, FileSet},
    values::Table,
};
use gotemplate::Dialect;
use testkit::{FixedClock, SeededEntropy};

const VARIABLE: &str = "WINDLASS_CHARTS";
/// Rounds go on for so long, but there are some in any case.
const SECONDS: f64 = 1.5;
const ROUNDS_MIN: usize = 15;

fn main() -> ExitCode {
    let names: Vec<String> = std::env::args().skip(1).filter(|name| !name.starts_with("--")).collect();
    let Some(directory) = std::env::var_os(VARIABLE).map(PathBuf::from) else {
        println!("not measured: {VARIABLE} names no directory of charts");
        return ExitCode::FAILURE;
    };
    let charts = charts(&directory, &names);
    if charts.is_empty() {
        println!("not measured: {} holds no chart (a directory with a Chart.yaml) of these names", directory.display());
        return ExitCode::FAILURE;
    }
    println!("load average: {}", load_average());
    println!("milliseconds of wall time, (processor time of the median)");
    println!(
        "| chart | bytes | objects | cold: load, compile, render, objects | cached: text and objects (min, median) | of that the render | the text | the objects |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for path in &charts {
        measure(path);
    }
    println!("load average: {}", load_average());
    ExitCode::SUCCESS
}

fn charts(directory: &Path, names: &[String]) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut charts: Vec<PathBuf> = entries.filter(|path| path.join("Chart.yaml").is_file()).collect();
    let wanted = |path: &PathBuf| {
        let shown = path.file_name().unwrap_or_default().to_string_lossy();
        names.is_empty() || names.iter().any(|name| shown.contains(name.as_str()))
    };
    charts.retain(wanted);
    charts.sort();
    charts
}

fn measure(path: &Path) {
    let shown = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut files = Vec::new();
    read(path, "", &mut files);
    let load = || {
        let set = FileSet::from_directory(files.clone()).expect("a set of files");
        Chart::load(set, Dialect::Helm4).expect("a chart")
    };
    let release = Release { name: "rel".to_owned(), ..Release::default() };
    let service = || Charts::new(1 << 30, 1 << 30);
    let (clock, entropy) = (FixedClock::default(), SeededEntropy::default());
    let renders = |charts: &Charts, chart: &Chart| charts.render(chart, &Table::new(), &release, &clock, &entropy);
    if let Err(error) = renders(&service(), &load()) {
        return println!("| {shown} | does not render with its default values: {} | | | | | |", first_line(&error));
    }
    let both = |charts: &Charts, chart: &Chart| {
        let rendered = renders(charts, chart).expect("a render");
        let text = rendered.text(&Show::default()).expect("a text");
        (text, charts.objects(&rendered).expect("objects"))
    };
    let cold = rounds(|| drop(both(&service(), &load())));
    let (charts, chart) = (service(), load());
    let first = both(&charts, &chart);
    let cached = rounds(|| drop(both(&charts, &chart)));
    let rendered: Rendered = renders(&charts, &chart).expect("a render");
    let parts = [
        rounds(|| drop(renders(&charts, &chart))),
        rounds(|| drop(rendered.text(&Show::default()))),
        rounds(|| drop(charts.objects(&rendered))),
    ];
    let [render, text, objects] = parts.map(|part| format!("{:.3}", part.min));
    println!(
        "| {shown} | {} | {} | {:.2} | {:.3}, {:.3} ({:.3}) | {render} | {text} | {objects} |",
        first.0.len(),
        first.1.len(),
        cold.min,
        cached.min,
        cached.median,
        cached.processor
    );
}

fn first_line(error: &chart::Error) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}

/// What `.helmignore` says is for [`FileSet::from_directory`]; links are followed.
fn read(path: &Path, within: &str, files: &mut Vec<File>) {
    for entry in fs::read_dir(path).expect("a directory").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let within = if within.is_empty() { name } else { format!("{within}/{name}") };
        if entry.path().is_dir() {
            read(&entry.path(), &within, files);
        } else {
            files.push(File::new(within, &fs::read(entry.path()).expect("a file")));
        }
    }
}

/// Milliseconds.
struct Figures {
    min: f64,
    median: f64,
    processor: f64,
}

fn rounds(mut act: impl FnMut()) -> Figures {
    let started = Instant::now();
    let (mut wall, mut processor) = (Vec::new(), Vec::new());
    while wall.len() < ROUNDS_MIN || started.elapsed().as_secs_f64() < SECONDS {
        let (watch, before) = (Instant::now(), used());
        act();
        wall.push(watch.elapsed().as_secs_f64() * 1e3);
        processor.push(used() - before);
    }
    wall.sort_unstable_by(f64::total_cmp);
    processor.sort_unstable_by(f64::total_cmp);
    Figures { min: wall[0], median: wall[wall.len() / 2], processor: processor[processor.len() / 2] }
}

/// Milliseconds that this thread had a processor; 0 where the system does not say.
fn used() -> f64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds: Option<f64> = text.split(' ').next().and_then(|first| first.parse().ok());
    nanoseconds.unwrap_or_default() / 1e6
}

fn load_average() -> String {
    fs::read_to_string("/proc/loadavg").unwrap_or_default().trim().to_owned()
}
