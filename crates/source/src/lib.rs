//! Where desired state comes from: Git repositories (through the `git` program), a smart HTTP server for the repository that
//! `windlass up --workshop` makes, and Helm charts ([`chart`]).

use std::{sync::Arc, time::Duration};

use api::{Class, Redacted, files::FileSet};
use async_trait::async_trait;

mod address;
mod bare;
pub mod chart;
mod failure;
mod fixed;
mod git;
mod objects;
mod process;
mod range;
pub mod serve;
mod symlink;
#[cfg(test)]
mod tests;
mod worktree;

pub use address::{Policy, same_repository};
pub use bare::{Author, commit_files, init_bare};
pub use fixed::Fixed;
pub use git::{Git, Options};
pub use worktree::{WorkingTree, commit_tree, working_tree};

/// A commit: 40 lower-case hex digits.
pub type Commit = String;

/// The port that controllers and the sandbox read Git through.
#[async_trait]
pub trait Repository: Send + Sync + std::fmt::Debug {
    /// What a branch, tag, `HEAD` or commit id of the repository points at now; of a range of versions, its newest tag.
    async fn resolve(&self, url: &str, revision: &str) -> Result<Commit, Error>;
    /// Every file under `path` (relative, `.` or empty for the root) at that commit, paths relative to `path`.
    async fn tree(&self, url: &str, commit: &str, path: &str) -> Result<Arc<FileSet>, Error>;
}

/// A credential for a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    Basic { username: String, password: Redacted<String> },
    Bearer(Redacted<String>),
}

/// The port through which credentials of https repositories are found. Asked on a blocking thread, at every use.
pub trait Credentials: Send + Sync + std::fmt::Debug {
    /// `url` comes without credentials of its own.
    fn lookup(&self, url: &str) -> Option<Credential>;
}

/// What one repository may cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Files under one path of one commit.
    pub files: usize,
    /// Their contents in all.
    pub bytes: u64,
    /// The list of all paths of a commit.
    pub listing_bytes: u64,
    /// One call of the git program.
    pub wall: Duration,
    /// Trees that are kept in memory.
    pub trees: usize,
    /// Questions that are worked on at a time, over all repositories.
    pub parallel: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            files: 20_000,
            bytes: 100 << 20,
            listing_bytes: 64 << 20,
            wall: Duration::from_secs(90),
            trees: 64,
            parallel: 8,
        }
    }
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
    #[error("repository {url}: {message}")]
    Unsupported { url: String, message: String },
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
            Self::NotAllowed { .. } | Self::TooLarge { .. } | Self::Unsupported { .. } => Class::Invalid,
            Self::Git { .. } => Class::Transient,
        }
    }
}
