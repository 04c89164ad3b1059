//! Git as `up` reads it: other repositories through the git program, our own from its directory, whatever its URL.

use std::{path::PathBuf, sync::Arc};

use api::files::FileSet;
use async_trait::async_trait;
use sandbox::workshop;
use source::{Commit, Error, Git, Policy, Repository};

use crate::data_dir::DataDir;

/// The repository that `--workshop` makes is served by this very process: reading it over the network would need its own
/// certificate and credential.
#[derive(Debug)]
pub(super) struct Local {
    git: Git,
    url: String,
    path: PathBuf,
}

impl Local {
    pub(super) fn new(directory: &DataDir, server_url: String) -> Self {
        let policy = Policy { file_roots: vec![directory.path("git")], ..Policy::default() };
        let git =
            Git::new(directory.path("cache").join("git"), source::Options { policy, ..source::Options::default() });
        Self { git, url: format!("{server_url}/git/{}", workshop::REPOSITORY), path: directory.repository() }
    }

    /// Where users clone and push.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    fn address<'a>(&'a self, url: &'a str) -> std::borrow::Cow<'a, str> {
        if url == self.url { self.path.to_string_lossy() } else { url.into() }
    }
}

#[async_trait]
impl Repository for Local {
    async fn resolve(&self, url: &str, revision: &str) -> Result<Commit, Error> {
        self.git.resolve(&self.address(url), revision).await
    }

    async fn tree(&self, url: &str, commit: &str, path: &str) -> Result<Arc<FileSet>, Error> {
        self.git.tree(&self.address(url), commit, path).await
    }
}
