//! What there is to render: the charts below a directory, and the values that they bring for their own tests.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

/// A chart with default values, or with one file of values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Case {
    /// The chart's path within the corpus, and the file of values within the chart.
    pub(super) name: String,
    pub(super) chart: PathBuf,
    pub(super) values: Option<PathBuf>,
}

impl Case {
    /// A fifth of the charts, told by the name alone, so that it stays the same fifth when charts are added.
    pub(super) fn is_aside(&self) -> bool {
        let chart = self.name.split(' ').next().unwrap_or_default();
        let hash = chart
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        (hash >> 32).is_multiple_of(5)
    }

    pub(super) fn file_name(&self) -> String {
        self.name.chars().map(|c| if c.is_ascii_alphanumeric() || "-._".contains(c) { c } else { '_' }).collect()
    }
}

/// Charts within charts are not rendered by themselves.
pub(super) fn find(root: &Path) -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    walk(root, root, &mut cases)?;
    cases.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(cases)
}

fn walk(root: &Path, directory: &Path, cases: &mut Vec<Case>) -> Result<()> {
    if directory.join("Chart.yaml").is_file() {
        return charts(root, directory, cases);
    }
    for entry in fs::read_dir(directory).with_context(|| directory.display().to_string())? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            walk(root, &entry.path(), cases)?;
        }
    }
    Ok(())
}

fn charts(root: &Path, chart: &Path, cases: &mut Vec<Case>) -> Result<()> {
    let name = chart.strip_prefix(root)?.display().to_string();
    cases.push(Case { name: name.clone(), chart: chart.to_owned(), values: None });
    let ci = chart.join("ci");
    let entries = if ci.is_dir() { fs::read_dir(&ci)?.collect::<std::io::Result<Vec<_>>>()? } else { Vec::new() };
    for path in entries.into_iter().map(|entry| entry.path()) {
        let file = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_file() && (file.ends_with("values.yaml") || file.ends_with("values.yml")) {
            cases.push(Case { name: format!("{name} ci/{file}"), chart: chart.to_owned(), values: Some(path) });
        }
    }
    Ok(())
}
