//! Where desired state comes from: Git repositories (through the `git` program), and a smart HTTP server for the
//! repository that `windlass up --workshop` makes.

use std::sync::Arc;

use api::{Class, files::FileSet};
use async_trait::async_trait;

/// A commit: 40 lower-case hex digits.
pub type Commit = String;

/// The port that controllers and the sandbox read Git through.
#[async_trait]
pub trait Repository: Send + Sync + std::fmt::Debug {
    /// What a branch, tag, `HEAD` or commit id of the repository points at now.
    async fn resolve(&self, url: &str, revision: &str) -> Result<Commit, Error>;
    /// Every file under `path` (relative, `.` or empty for the root) at that commit, paths relative to `path`.
    async fn tree(&self, url: &str, commit: &str, path: &str) -> Result<Arc<FileSet>, Error>;
}

/// Messages name the repository (without credentials) and the revision or path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("repository {url} cannot be reached: {message}")]
    Unreachable { url: String, message: String },
    #[error("repository {url} refused the credentials: {message}")]
    Denied { url: String, message: String },
    #[error("repository {url} has no commits yet")]
    Empty { url: String },
    #[error("repository {url} has no revision {revision}")]
    RevisionMissing { url: String, revision: String },
    #[error("{path}: app path does not exist")]
    PathMissing { url: String, revision: String, path: String },
    #[error("repository URL {url} is not allowed: {message}")]
    NotAllowed { url: String, message: String },
    #[error("{what} of repository {url} is over the limit of {limit}")]
    TooLarge { url: String, what: String, limit: u64 },
    #[error("git failed for {url}: {message}")]
    Git { url: String, message: String },
}

impl Error {
    pub fn class(&self) -> Class {
        match self {
            Self::Unreachable { .. } | Self::Empty { .. } | Self::RevisionMissing { .. } | Self::PathMissing { .. } => {
                Class::Transient
            }
            Self::Denied { .. } => Class::Denied,
            Self::NotAllowed { .. } | Self::TooLarge { .. } => Class::Invalid,
            Self::Git { .. } => Class::Transient,
        }
    }
}
