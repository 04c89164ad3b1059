//! What the tests of this crate share: charts out of texts, a clock that stands, randomness that is none.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use gotemplate::{Dialect, Text};
use tar::{Builder, EntryType, Header};

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

/// A tar archive, gzipped; names are written as they are, whatever they point to.
pub(crate) fn packed(entries: &[(&str, EntryType, &[u8])]) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    for (name, kind, data) in entries {
        let mut header = Header::new_gnu();
        header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(*kind);
        header.set_size(data.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        builder.append(&header, *data).unwrap();
    }
    gzipped(&builder.into_inner().unwrap())
}

pub(crate) fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
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
