//! Charts that are given, not fetched: for the sandbox, what is built in, and tests. Nothing waits and nothing blocks.

use std::collections::BTreeMap;

use api::files::FileSet;
use async_trait::async_trait;
use parking_lot::Mutex;

use super::{Charts, Content, Error, Fetched, Reference, Wanted, versions};

/// Charts by repository and name. A registry is written with `oci://`.
#[derive(Debug, Default)]
pub struct FixedCharts(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    charts: BTreeMap<(String, String), BTreeMap<String, FileSet>>,
    failures: BTreeMap<String, Error>,
    asked: usize,
}

impl FixedCharts {
    pub fn new() -> std::sync::Arc<Self> {
        std::sync::Arc::default()
    }

    pub fn add(&self, repository: &str, chart: &str, version: &str, files: FileSet) {
        let mut state = self.0.lock();
        let key = (place(repository), chart.to_owned());
        state.charts.entry(key).or_default().insert(version.to_owned(), files);
    }

    /// From now on every question about the repository gets this error, until it is taken back with `None`.
    pub fn set_failure(&self, repository: &str, failure: Option<Error>) {
        let mut state = self.0.lock();
        match failure {
            Some(failure) => drop(state.failures.insert(place(repository), failure)),
            None => drop(state.failures.remove(&place(repository))),
        }
    }

    /// How many questions there were.
    pub fn asked(&self) -> usize {
        self.0.lock().asked
    }

    fn chart<T>(
        &self,
        wanted: &Wanted,
        read: impl FnOnce(&str, &str, &BTreeMap<String, FileSet>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let (repository, name) = match Reference::parse(wanted)? {
            Reference::Repository { url, name } => (place(&url), name),
            Reference::Registry(image) => {
                let (path, name) = image.path.rsplit_once('/').unwrap_or(("", &image.path));
                (format!("oci://{}/{path}", image.host), name.to_owned())
            }
            Reference::Path(_) | Reference::Archive(_) => (String::new(), wanted.chart.clone()),
        };
        let mut state = self.0.lock();
        state.asked += 1;
        if let Some(failure) = state.failures.get(&repository) {
            return Err(failure.clone());
        }
        let known = state.charts.keys().any(|(known, _)| *known == repository);
        match state.charts.get(&(repository.clone(), name.clone())) {
            Some(versions) => read(&repository, &name, versions),
            None if known => Err(Error::NotFound { chart: name, version: None, url: repository, near: Vec::new() }),
            None => Err(Error::Unreachable { url: repository, message: "repository not found".into() }),
        }
    }
}

fn place(repository: &str) -> String {
    repository.trim_end_matches('/').to_owned()
}

#[async_trait]
impl Charts for FixedCharts {
    async fn fetch(&self, wanted: &Wanted) -> Result<Fetched, Error> {
        self.chart(wanted, |repository, name, charts| {
            let texts: Vec<&str> = charts.keys().map(String::as_str).collect();
            let chosen = versions::choose(&texts, wanted.version.as_deref(), wanted.devel)?;
            let Some(files) = chosen.and_then(|at| charts.get(texts[at])) else {
                let near = versions::newest(&texts, 3).into_iter().map(str::to_owned).collect();
                let (chart, version, url) = (name.to_owned(), wanted.version.clone(), repository.to_owned());
                return Err(Error::NotFound { chart, version, url, near });
            };
            let origin = format!("{repository}/{name}");
            Ok(Fetched { content: Content::Directory(files.clone()), digest: None, origin, substituted: None })
        })
    }

    async fn versions(&self, wanted: &Wanted) -> Result<Vec<String>, Error> {
        self.chart(wanted, |_, _, charts| Ok(charts.keys().cloned().collect()))
    }
}
