//! What the tests of this crate share: charts out of texts, a clock that stands, randomness that is none.

use gotemplate::{Dialect, Text};

use crate::{
    Chart, Error, Release, Rendered, Show,
    files::{File, FileSet},
    render,
    values::{Table, strvals},
};

#[derive(Debug)]
pub(crate) struct Still;

impl api::env::Clock for Still {
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::UNIX_EPOCH
    }
}

impl api::env::Entropy for Still {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

const CHART_YAML: &str = "apiVersion: v2\nname: demo\nversion: 0.1.0\n";

/// A chart of these files; `Chart.yaml` is added where it is not among them.
pub(crate) fn load(files: &[(&str, &str)], dialect: Dialect) -> Result<Chart, Error> {
    Chart::load(file_set(files)?, dialect)
}

pub(crate) fn file_set(files: &[(&str, &str)]) -> Result<FileSet, Error> {
    let mut all: Vec<File> = files.iter().map(|(name, text)| File::new(*name, text.as_bytes())).collect();
    if !files.iter().any(|(name, _)| *name == "Chart.yaml") {
        all.push(File::new("Chart.yaml", CHART_YAML.as_bytes()));
    }
    FileSet::from_directory(all).map_err(|error| Error::new(error.to_string()))
}

pub(crate) fn given(set: &str) -> Table {
    let mut table = Table::new();
    strvals::set(set, &mut table).unwrap();
    table
}

pub(crate) fn render_with(files: &[(&str, &str)], set: &str, dialect: Dialect) -> Result<Rendered, Error> {
    let release = Release { dialect, name: "r".to_owned(), ..Release::default() };
    render(&load(files, dialect)?, &given(set), &release, &Still, &Still)
}

/// What `helm template r . --set SET` would print, errors included.
pub(crate) fn printed(files: &[(&str, &str)], set: &str, dialect: Dialect) -> String {
    let text = render_with(files, set, dialect).and_then(|rendered| rendered.text(&Show::default()));
    match text {
        Ok(text) => Text::from(text).to_string(),
        Err(error) => format!("Error: {error}\n"),
    }
}
