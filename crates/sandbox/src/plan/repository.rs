//! Git as the sandbox sees it: one tree under planning, which answers for every URL that means it, and other repositories
//! through a real port.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use api::files::FileSet;
use async_trait::async_trait;
use parking_lot::Mutex;
use source::{Commit, Error, Repository, same_repository};

/// The tree under planning, at its current state, behind every URL that means it.
#[derive(Debug)]
pub(super) struct Worktree {
    remotes: Vec<String>,
    outside: Arc<dyn Repository>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    commit: Commit,
    files: Arc<FileSet>,
    /// URLs that could not be reached and are taken for this repository.
    assumed: BTreeSet<String>,
    /// Commits of other repositories, fixed for the whole plan.
    resolved: BTreeMap<(String, String), Commit>,
}

impl Worktree {
    pub(super) fn new(remotes: Vec<String>, outside: Arc<dyn Repository>) -> Self {
        Self { remotes, outside, state: Mutex::default() }
    }

    /// Moves every branch of the repository to these files.
    pub(super) fn set(&self, commit: &str, files: FileSet) {
        let mut state = self.state.lock();
        state.commit = commit.to_string();
        state.files = Arc::new(files);
    }

    /// Whether the URL is one of the directory's remotes, in whatever spelling.
    pub(super) fn is_remote(&self, url: &str) -> bool {
        self.remotes.iter().any(|remote| same_repository(remote, url))
    }

    /// URLs that were taken for this repository because nothing answered there.
    pub(super) fn assumed(&self) -> Vec<String> {
        self.state.lock().assumed.iter().cloned().collect()
    }

    fn ours(&self, url: &str) -> bool {
        self.is_remote(url) || self.state.lock().assumed.contains(url)
    }

    fn path(files: &FileSet, url: &str, revision: &str, path: &str) -> Result<Arc<FileSet>, Error> {
        let path = path.trim_start_matches("./").trim_matches('/');
        if path.is_empty() || path == "." {
            return Ok(Arc::new(files.clone()));
        }
        let below = |name: &str| name.strip_prefix(path)?.strip_prefix('/').map(str::to_string);
        let found: BTreeMap<_, _> =
            files.0.iter().filter_map(|(name, contents)| Some((below(name)?, contents.clone()))).collect();
        if found.is_empty() {
            return Err(Error::PathMissing { url: url.into(), revision: revision.into(), path: path.into() });
        }
        Ok(Arc::new(FileSet(found)))
    }

    /// Real I/O must hold a paused clock still: it runs on a blocking thread with a runtime of its own.
    async fn outside<T: Send + 'static>(
        &self,
        read: impl AsyncFnOnce(Arc<dyn Repository>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let repository = self.outside.clone();
        let failed = |message: String| Error::Git { url: String::new(), message };
        let task = tokio::task::spawn_blocking(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.map_err(|error| failed(error.to_string()))?.block_on(read(repository))
        });
        task.await.map_err(|error| Error::Git { url: String::new(), message: error.to_string() })?
    }
}

#[async_trait]
impl Repository for Worktree {
    async fn resolve(&self, url: &str, revision: &str) -> Result<Commit, Error> {
        if self.ours(url) {
            return Ok(self.state.lock().commit.clone());
        }
        let key = (url.to_string(), revision.to_string());
        if let Some(commit) = self.state.lock().resolved.get(&key) {
            return Ok(commit.clone());
        }
        let (address, wanted) = key.clone();
        match self.outside(async move |repository| repository.resolve(&address, &wanted).await).await {
            Ok(commit) => {
                self.state.lock().resolved.insert(key, commit.clone());
                Ok(commit)
            }
            Err(Error::Unreachable { .. } | Error::NotAllowed { .. } | Error::Denied { .. }) => {
                let mut state = self.state.lock();
                state.assumed.insert(url.to_string());
                Ok(state.commit.clone())
            }
            Err(error) => Err(error),
        }
    }

    async fn tree(&self, url: &str, commit: &str, path: &str) -> Result<Arc<FileSet>, Error> {
        if self.ours(url) {
            let files = self.state.lock().files.clone();
            return Self::path(&files, url, commit, path);
        }
        let (url, commit, path) = (url.to_string(), commit.to_string(), path.to_string());
        self.outside(async move |repository| repository.tree(&url, &commit, &path).await).await
    }
}
