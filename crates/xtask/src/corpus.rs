//! `cargo xtask corpus DIR`: every chart below a directory, with its default values and with every file of values of its `ci/`,
//! rendered by real helm and by windlass, and compared byte for byte. The charts are not ours and not in this repository;
//! docs/conformance.md has the figures and says how to get charts.
//!
//! Some charts print something else at every run (passwords, certificates). Where the outputs differ helm runs twice more, and
//! the lines that differ between its own runs are masked. This compares outputs; it explains nothing.

mod cases;
mod compare;
mod programs;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use anyhow::{Context, Result, bail, ensure};
use cases::Case;
use compare::Verdict;
use programs::{Programs, Rendered};

pub(crate) const USAGE: &str = "cargo xtask corpus DIR --helm PATH [--helm-version 3|4] [--windlass PATH] [--answers DIR] [--aside] [--only TEXT] [--differences DIR]

  --helm          real helm 4 (or 3, with --helm-version 3)
  --windlass      the binary [default: target/release/windlass]
  --answers       helm's outputs are kept here for the next run
  --aside         the fifth of the charts that is kept aside for acceptance, instead of the others; `--aside all` for all
  --only          charts whose path contains the text
  --differences   both outputs of every case that differs are written here";

struct Options {
    programs: Programs,
    differences: Option<PathBuf>,
}

pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<()> {
    let mut directory = None;
    let mut options: BTreeMap<&str, &str> = BTreeMap::new();
    let mut rest = arguments.iter().map(String::as_str).peekable();
    while let Some(argument) = rest.next() {
        match argument.strip_prefix("--") {
            Some("aside") => {
                let all = rest.next_if(|next| *next == "all");
                options.insert("aside", all.unwrap_or("only"));
            }
            Some(name @ ("helm" | "helm-version" | "windlass" | "answers" | "only" | "differences")) => {
                options.insert(name, rest.next().with_context(|| format!("--{name} needs a value"))?);
            }
            Some(_) => bail!("{argument} is not known\n\n{USAGE}"),
            None if directory.is_none() => directory = Some(PathBuf::from(argument)),
            None => bail!("one directory is expected\n\n{USAGE}"),
        }
    }
    let directory = directory.with_context(|| format!("a directory is expected\n\n{USAGE}"))?;
    let directory = directory.canonicalize().with_context(|| directory.display().to_string())?;
    let helm = options.get("helm").map_or_else(|| root.join(".tools/bin/helm"), PathBuf::from);
    let windlass = options.get("windlass").map_or_else(|| root.join("target/release/windlass"), PathBuf::from);
    for program in [&helm, &windlass] {
        ensure!(program.is_file(), "{} is missing", program.display());
    }
    let version = options.get("helm-version").copied().unwrap_or("4").to_owned();
    let answers = options.get("answers").map(PathBuf::from);
    let programs = Programs::new(helm, windlass, version, answers)?;
    let aside = options.get("aside").copied();
    let only = options.get("only").copied().unwrap_or_default();
    let mut found = cases::find(&directory)?;
    found.retain(|case| aside == Some("all") || case.is_aside() == (aside == Some("only")));
    found.retain(|case| case.name.contains(only));
    let options = Options { programs, differences: options.get("differences").map(PathBuf::from) };
    report(&compare_all(&options, &found)?);
    Ok(())
}

type Outcome = (String, Verdict, String);

fn compare_all(options: &Options, cases: &[Case]) -> Result<Vec<Outcome>> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let (next, outcomes) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        let work = || -> Result<()> {
            while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                let (verdict, why) = one(options, case)?;
                outcomes.lock().expect("no panic").push((case.name.clone(), verdict, why));
            }
            Ok(())
        };
        let threads: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        threads.into_iter().try_for_each(|thread| thread.join().expect("no panic"))
    })?;
    let mut outcomes = outcomes.into_inner()?;
    outcomes.sort();
    Ok(outcomes)
}

fn one(options: &Options, case: &Case) -> Result<(Verdict, String)> {
    let ours = options.programs.windlass(case)?;
    let first = options.programs.helm(case, 0)?;
    let (mut verdict, mut why) = compare::judge(&ours, std::slice::from_ref(&first));
    if verdict == Verdict::Differs {
        let again = [first.clone(), options.programs.helm(case, 1)?, options.programs.helm(case, 2)?];
        (verdict, why) = compare::judge(&ours, &again);
    }
    if let Some(directory) = &options.differences
        && verdict.is_a_difference()
    {
        keep(directory, case, &ours, &first)?;
    }
    Ok((verdict, why))
}

fn keep(directory: &Path, case: &Case, ours: &Rendered, helm: &Rendered) -> Result<()> {
    std::fs::create_dir_all(directory)?;
    for (whose, rendered) in [("ours", ours), ("helm", helm)] {
        let path = directory.join(format!("{}.{whose}", case.file_name()));
        let text = format!("{}\n--- stderr\n{}\n--- exit {}\n", rendered.stdout, rendered.stderr, rendered.code);
        std::fs::write(path, text)?;
    }
    Ok(())
}

fn report(outcomes: &[Outcome]) {
    let mut counts: BTreeMap<Verdict, usize> = BTreeMap::new();
    for (name, verdict, why) in outcomes {
        *counts.entry(*verdict).or_default() += 1;
        if verdict.is_a_difference() {
            println!("{}: {name}: {why}", verdict.as_str());
        }
    }
    println!();
    for (verdict, count) in &counts {
        println!("{count:6}  {}", verdict.as_str());
    }
    let total = outcomes.len();
    let wrong = outcomes.iter().filter(|(_, verdict, _)| verdict.is_wrong()).count();
    println!("{total:6}  in all; {:.2} % as helm", 100.0 * (total - wrong) as f64 / total.max(1) as f64);
}
