//! A request to manifests, and the outcomes that are remembered.
//!
//! What was rendered once is not rendered again: a chart that makes a password or a certificate would otherwise make another one
//! at every look, and every look would be a difference.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use api::env::{Clock, Entropy};
use chart::{
    Charts, Document, Finding, Release,
    files::FileSet,
    values::{Table, Tree, merge, read_file, strvals},
};
use gotemplate::Dialect;

use super::request::{EXTRA, Files, Request};

/// Charts that are kept loaded, and documents that were read; about.
const CHARTS_BYTES: usize = 256 << 20;
const DOCUMENTS_BYTES: usize = 128 << 20;
/// Outcomes that are kept; beyond this all but the newest are forgotten.
const OUTCOMES_MAX: usize = 2_000;
/// Charts whose files take more than this are not rendered between two steps of other work.
const LARGE_BYTES: usize = 256 << 10;
const DIALECT: Dialect = Dialect::Helm3;

/// What a chart made.
#[derive(Debug, PartialEq)]
pub struct Rendered {
    pub documents: Vec<Document>,
    /// About the values; only where it was asked for.
    pub findings: Vec<Finding>,
}

type Outcome = Result<Arc<Rendered>, String>;

/// Renders charts, and remembers charts, documents and outcomes. Shared by all passes of a controller.
#[derive(Debug)]
pub struct Renderer {
    charts: Charts,
    outcomes: Mutex<BTreeMap<String, Outcome>>,
}

impl Default for Renderer {
    fn default() -> Self {
        Self { charts: Charts::new(CHARTS_BYTES, DOCUMENTS_BYTES), outcomes: Mutex::default() }
    }
}

impl Renderer {
    /// The outcome of the request, if it is remembered.
    pub fn known(&self, request: &Request) -> Option<Outcome> {
        self.lock().get(&request.digest()).cloned()
    }

    /// Whether a render may take long enough to hold up others.
    pub fn is_large(request: &Request) -> bool {
        let bytes: usize = match &request.files {
            Files::Archive(files) => files.files().iter().map(|file| file.data.len()).sum(),
            Files::Directory(files) => files.iter().map(|(_, contents)| contents.len()).sum(),
        };
        bytes > LARGE_BYTES
    }

    /// Manifests, or upstream's sentence about what failed.
    pub fn render(&self, request: &Request, clock: &dyn Clock, entropy: &dyn Entropy) -> Outcome {
        let outcome = self.fresh(request, clock, entropy).map(Arc::new).map_err(|error| {
            let command = request.command();
            format!("failed to execute helm template command: `{command}` failed exit status 1: Error: {error}")
        });
        let mut outcomes = self.lock();
        if outcomes.len() >= OUTCOMES_MAX {
            outcomes.clear();
        }
        outcomes.insert(request.digest(), outcome.clone());
        outcome
    }

    fn fresh(&self, request: &Request, clock: &dyn Clock, entropy: &dyn Entropy) -> Result<Rendered, String> {
        let given = values(request)?;
        let load = || load(&request.files);
        let chart = self.charts.chart(&request.chart, DIALECT, load).map_err(|error| error.to_string())?;
        let release = Release {
            dialect: DIALECT,
            name: request.release.clone(),
            namespace: if request.namespace.is_empty() { "default".into() } else { request.namespace.clone() },
            kube_version: Some(request.kube_version.clone()).filter(|version| !version.is_empty()),
            api_versions: request.api_versions.clone(),
            include_crds: request.include_crds,
            skip_schema: request.skip_schema,
            track: request.track,
            ..Release::default()
        };
        let rendered =
            self.charts.render(&chart, &given, &release, clock, entropy).map_err(|error| error.to_string())?;
        let mut documents = self.charts.objects(&rendered).map_err(|error| error.to_string())?;
        if request.skip_tests {
            let is_test = |document: &Document| {
                document.hook.as_ref().is_some_and(|hook| hook.events.iter().any(|event| event == "test"))
            };
            documents.retain(|document| !is_test(document));
        }
        let findings = if request.track { chart::findings(&chart, &given, &rendered) } else { Vec::new() };
        Ok(Rendered { documents, findings })
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Outcome>> {
        self.outcomes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn load(files: &Files) -> Result<FileSet, chart::Error> {
    match files {
        Files::Archive(files) => Ok(FileSet::clone(files)),
        Files::Directory(files) => FileSet::from_tree(files).map_err(|error| chart::Error::Chart(error.to_string())),
    }
}

/// In helm's order: files, then `--set`, `--set-string`, `--set-file`.
fn values(request: &Request) -> Result<Table, String> {
    let mut values = Table::new();
    for (name, contents) in &request.value_files {
        let contents = contents.as_ref().ok_or_else(|| missing(name))?;
        let table = read_file(contents, DIALECT).map_err(|error| format!("failed to parse {name}: {error}"))?;
        merge(&mut values, table);
    }
    if let Some(object) = &request.values_object {
        if let Tree::Table(table) = Tree::of_json(object) {
            merge(&mut values, table.into_inner());
        }
    } else if !request.values.is_empty() {
        let table = read_file(request.values.as_bytes(), DIALECT);
        merge(&mut values, table.map_err(|error| format!("failed to parse {EXTRA}: {error}"))?);
    }
    for (name, value, _) in request.parameters.iter().filter(|(.., text)| !text) {
        let set = strvals::set(&format!("{name}={}", escaped(value)), &mut values);
        set.map_err(|error| format!("failed parsing --set data: {error}"))?;
    }
    for (name, value, _) in request.parameters.iter().filter(|(.., text)| *text) {
        let set = strvals::set_string(&format!("{name}={}", escaped(value)), &mut values);
        set.map_err(|error| format!("failed parsing --set-string data: {error}"))?;
    }
    for file in &request.set_files {
        let mut read = |_: &str| match &file.contents {
            Some(contents) => Ok(contents.to_vec()),
            None => Err(missing(&file.path)),
        };
        let set = strvals::set_file(&format!("{}=file", file.name), &mut values, &mut read);
        set.map_err(|error| format!("failed parsing --set-file data: {error}"))?;
    }
    Ok(values)
}

fn missing(path: &str) -> String {
    format!("open {path}: no such file or directory")
}

/// Commas are part of a parameter's value, unless it is a list in braces or they are escaped already.
fn escaped(value: &str) -> String {
    if value.starts_with('{') && value.ends_with('}') {
        return value.to_string();
    }
    let mut out = String::with_capacity(value.len());
    let mut before = None;
    for c in value.chars() {
        if c == ',' && before != Some('\\') {
            out.push('\\');
        }
        out.push(c);
        before = Some(c);
    }
    out
}
